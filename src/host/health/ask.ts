import { existsSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { addressText, type Outcome, type Probe, type Target, type TargetOf } from "../../wait/probe.ts";
import { namespaceDirectory, namespacesIn } from "../network-namespaces.ts";
import { attempt as hasSpace } from "../probe/space.ts";
import { attempt as attemptTcp } from "../probe/tcp.ts";
import type { Login } from "../protocol/amqp.ts";
import { talkTo } from "../protocol/conversation.ts";
import { libvirtWorks } from "../protocol/libvirt.ts";
import { memcachedKeeps } from "../protocol/memcached.ts";
import { askBroker, talkToBroker } from "./amqp.ts";
import { askConnected } from "./connected.ts";
import { askPage, expecting } from "./http.ts";
import { askDatabase, OtherLogin, talkToMysql } from "./mysql.ts";
import type { Check } from "./question.ts";
import { pingRpc } from "./rpc-ping.ts";
import { askControl, askOvsdb } from "./unixctl.ts";
import { askWorkers } from "./uwsgi.ts";

/**
 * What a check found. `excused`: it does not answer since another is `away`, or since it is `busy`; `lasting`: nothing
 * excuses it.
 */
export type Finding = {
  /** For people: whom or what was asked. */
  readonly asked: string;
  readonly outcome: Outcome;
  readonly excused?: "away" | "busy";
  readonly lasting?: true;
};

/** @returns what a plain request needs of a URL; undefined where it is not plain HTTP. */
function plainUrl(text: string) {
  const { protocol, hostname, port, pathname, search } = new URL(text);
  if (protocol !== "http:") return undefined;
  const host = hostname.replace(/^\[|\]$/g, "");
  return { place: { host, port: Number(port || 80) }, path: `${pathname}${search}` };
}

/**
 * Somebody whom no keystone knows asks for a token: to say no, keystone must have looked for the user in its database. The
 * service's own login would cost keystone a slow hash each time.
 */
const nobody = JSON.stringify({
  auth: {
    identity: {
      methods: ["password"],
      password: { user: { name: "plinth-health", domain: { id: "default" }, password: "none" } },
    },
  },
});

function knowsNobody(status: number): Outcome {
  if (status === 401) return { state: "ready" };
  return { state: status >= 500 ? "unready" : "refused", reason: `it answers a login with HTTP status ${status}` };
}

/** The usual protocols in their simplest form; the rest, and logins of a rarer kind, as waiting does it. */
async function askTarget(target: Target, signal: AbortSignal): Promise<Outcome> {
  const usual = async (): Promise<Outcome> => (await import("../probe/attempt.ts")).attempt(target, signal);
  switch (target.kind) {
    case "tcp":
      return attemptTcp(target, signal);
    case "space":
      return hasSpace(target);
    case "amqp":
      return askBroker(target, target, signal);
    case "mysql":
      return askDatabase(target, signal).catch((error: unknown) => {
        if (error instanceof OtherLogin) return usual();
        throw error;
      });
    case "http": {
      const plain = plainUrl(target.url);
      return plain ? askPage(plain.place, { path: plain.path }, expecting(target.expect), signal) : usual();
    }
    case "keystone": {
      const plain = plainUrl(`${target.url}/auth/tokens?nocatalog`);
      return plain ? askPage(plain.place, { path: plain.path, body: nobody }, knowsNobody, signal) : usual();
    }
    default:
      return usual();
  }
}

/** Asks a target, or all of several of which one is enough. */
export async function askProbe(probe: Probe, signal: AbortSignal): Promise<Outcome> {
  if (probe.kind !== "any") return askTarget(probe, signal);
  const outcomes = await Promise.all(probe.members.map((member) => askTarget(member, signal)));
  return outcomes.find(({ state }) => state === "ready") ?? (outcomes[0] as Outcome);
}

const hexadecimal = (): string =>
  Math.floor(Math.random() * 2 ** 48)
    .toString(16)
    .padStart(12, "0");

async function askHttp(check: Extract<Check, { ask: "http" }>, signal: AbortSignal): Promise<Finding> {
  const { place, path, expect, token, workers } = check;
  const asked = `GET http://${addressText(place)}${path}`;
  // Another one each time: who validates tokens keeps what keystone said of each for minutes.
  const headers: Readonly<Record<string, string>> = token ? { "X-Auth-Token": `plinth-health-${hexadecimal()}` } : {};
  let answered = false;
  const judge = (status: number): Outcome => {
    answered = true;
    return expect ? expecting(expect)(status) : { state: "ready" };
  };
  const outcome = await askPage(place, { path, headers }, judge, signal);
  if (outcome.state === "ready" || answered || workers === undefined) return { asked, outcome };
  const later = AbortSignal.timeout(500);
  const busy = (await askWorkers(workers, later)).state === "ready";
  return busy ? { asked: `${asked} (all workers are at work)`, outcome, excused: "busy" } : { asked, outcome };
}

async function askRpc(check: Extract<Check, { ask: "rpc" }>, limitMs: number, signal: AbortSignal): Promise<Finding> {
  const { brokers, login } = check;
  const asked = `call over the broker ${brokers.map(addressText).join(", ")}`;
  const pings = await Promise.all(brokers.map((broker) => pingRpc(broker, login, check, limitMs, signal)));
  const best = pings.find(({ outcome }) => outcome.state === "ready") ?? pings.find(({ reached }) => reached);
  if (best) return { asked, outcome: best.outcome };
  return { asked, outcome: (pings[0] as (typeof pings)[number]).outcome, excused: "away" };
}

/** Whether the broker answers at all: a login that it does not know, or a wish for TLS, comes from it, too. */
async function askOwnBroker(check: Extract<Check, { ask: "broker" }>, signal: AbortSignal): Promise<Finding> {
  const { place, login, takes } = check;
  const asked = `virtual host ${login.virtualHost} at ${addressText(place)}`;
  if (takes) return { asked, outcome: await askBroker(place, login, signal) };
  const ready: Outcome = { state: "ready" };
  const outcome = await talkToBroker(place, login as Login, signal, async () => ready);
  return { asked, outcome: outcome.state === "refused" || outcome.state === "hopeless" ? ready : outcome };
}

/** ovsdb notes the network namespace of its hypervisor; who was started in the one before is cut off in there. */
function namespace(file: string): Outcome {
  let noted: string;
  try {
    noted = readFileSync(file, "latin1").trim();
  } catch {
    return { state: "ready" };
  }
  if (noted === "" || noted === readlinkSync("/proc/self/ns/net")) return { state: "ready" };
  const reason =
    "this container is in a network namespace that is gone: the container that holds the hypervisor's was restarted";
  return { state: "unready", reason };
}

/** Network namespaces have files of their names (ip-netns(8)), whose time is when they were made. */
function proxies({ prefix, program, pids, seconds }: Extract<Check, { ask: "proxies" }>): Outcome {
  const due = Date.now() - seconds * 1000;
  const names = namespacesIn(namespaceDirectory, prefix);
  const without = names.filter((name) => {
    try {
      if (statSync(`${namespaceDirectory}/${name}`).mtimeMs > due) return false;
    } catch {
      // It was removed meanwhile.
      return false;
    }
    try {
      const pid = readFileSync(pids.replace("*", name.slice(prefix.length)), "latin1").trim();
      // One that has ended stays there until its parent asks for it (Z in proc_pid_stat(5)).
      const [, command, state] = /^\d+ \((.*)\) (\S)/s.exec(readFileSync(`/proc/${pid}/stat`, "latin1")) ?? [];
      return command !== program || state === "Z" || state === "X";
    } catch {
      return true;
    }
  });
  if (without.length === 0) return { state: "ready" };
  const which = without.slice(0, 3).join(", ");
  const reason = `no ${program} runs for ${without.length} of ${names.length} networks (${which}): their servers get no metadata; the agent's log says why`;
  return { state: "unready", reason };
}

const reportedSql = (binary: string, host: string): string =>
  `SELECT TIMESTAMPDIFF(SECOND, MAX(COALESCE(updated_at, created_at)), UTC_TIMESTAMP()) FROM services WHERE \`binary\` = '${binary}' AND host = '${host.replace(/[\\']/g, "")}' AND deleted = 0`;

async function askReported(check: Extract<Check, { ask: "reported" }>, signal: AbortSignal): Promise<Outcome> {
  const target = check.database as TargetOf<"mysql">;
  return talkToMysql(target, target, signal, async (session) => {
    const age = await session.query(reportedSql(check.binary, check.host));
    if (age === undefined) return { state: "unready", reason: "it has not reported yet" };
    return Number(age) <= check.seconds
      ? { state: "ready" }
      : { state: "unready", reason: `it has not reported for ${age} s, so its API calls it down` };
  });
}

/** An error with a number is the server's own. */
const fromServer = /\(error \d+\)$/;

/** Asks one thing. @param limitMs after which `signal` fires. */
export async function askOne(check: Check, limitMs: number, signal: AbortSignal): Promise<Finding> {
  switch (check.ask) {
    case "target":
      return { asked: check.target.name, outcome: await askProbe(check.target, signal) };
    case "http":
      return askHttp(check, signal);
    case "rpc":
      return askRpc(check, limitMs, signal);
    case "connected":
      return { asked: check.from, outcome: await askConnected(check.to, limitMs) };
    case "reported":
      return { asked: `${check.binary} ${check.host} in the database`, outcome: await askReported(check, signal) };
    case "cache":
      return {
        asked: `memcached ${addressText(check.place)}`,
        outcome: await talkTo(check.place, signal, memcachedKeeps, { plain: "memcached" }),
      };
    case "broker":
      return askOwnBroker(check, signal);
    case "libvirt": {
      const place = { host: "localhost", port: 0, path: check.path };
      return { asked: `libvirt ${check.path}`, outcome: await talkTo(place, signal, libvirtWorks) };
    }
    case "socket": {
      const place = { host: "localhost", port: 0, path: check.path };
      return {
        asked: `socket ${check.path}`,
        outcome: await attemptTcp({ kind: "tcp", name: check.path, ...place }, signal),
      };
    }
    case "mysql": {
      const { place, user, query } = check;
      const outcome = await talkToMysql(place, { user, password: "", database: "" }, signal, async (session) => {
        await session.query(query ?? "SELECT 1");
        return { state: "ready" };
      });
      const said = query === undefined && outcome.state !== "ready" && fromServer.test(outcome.reason);
      return { asked: `mysql ${user}@${place.path}`, outcome: said ? { state: "ready" } : outcome };
    }
    case "control":
      return {
        asked: `control socket ${check.path}`,
        outcome: await askControl(check.path, check.command, check.expect, signal),
      };
    case "ovsdb": {
      const asked = `OVSDB ${check.path}`;
      if (check.beside !== undefined && !existsSync(check.beside)) return { asked, outcome: { state: "ready" } };
      return { asked, outcome: await askOvsdb({ host: "", port: 0, path: check.path }, check.database, signal) };
    }
    case "proxies":
      return { asked: `proxies in ${check.prefix}*`, outcome: proxies(check) };
    case "namespace":
      return { asked: "network", outcome: namespace(check.file), lasting: true };
  }
}
