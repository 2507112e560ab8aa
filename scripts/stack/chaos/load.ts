import { setTimeout as sleep } from "node:timers/promises";
import { ask, type Login, logIn, renewToken } from "../cloud.ts";
import type { Endpoints } from "../endpoints.ts";
import type { Sample } from "./samples.ts";

/** Milliseconds between two requests of one kind. */
export const interval = 500;

/**
 * Requests of one kind that may be without an answer: then the next one waits. Else a machine that is too small for all of them would
 * have ever more of them open, and look as if the cloud were broken.
 */
const mostOpen = 2;

/** Milliseconds after which a request counts as failed. */
const requestTimeoutMs = 8000;

/**
 * Milliseconds between two logins with the password. A password costs keystone 0.3 s of a processor (bcrypt), and a token that is new costs
 * each service a question to keystone: twice a second for each kind, these took two processors, and the cloud did not heal beside them.
 */
const betweenLoginsMs = 600_000;

type Request = (at: Endpoints, login: Login, server: string) => readonly [url: string, body?: unknown];

/** What a client asks for. `console` is a call to the hypervisor, so it is no measure of an API. */
export const kinds = ["token", "servers", "networks", "images", "volumes", "stacks", "console"] as const;
export type Kind = (typeof kinds)[number];

const requests: Readonly<Record<Exclude<Kind, "token">, Request>> = {
  servers: (at) => [`${at.compute}/v2.1/servers/detail`],
  networks: (at) => [`${at.network}/v2.0/networks`],
  images: (at) => [`${at.image}/v2/images`],
  volumes: (at) => [`${at.volume}/v3/volumes`],
  stacks: (at, { project }) => [`${at.orchestration}/v1/${project}/stacks`],
  console: (at, _, server) => [
    `${at.compute}/v2.1/servers/${server}/action`,
    { "os-getConsoleOutput": { length: 10 } },
  ],
};

export type Load = {
  /** The requests of a kind that began since then; those without an answer yet are left out. */
  readonly since: (began: number) => Readonly<Record<Kind, readonly Sample[]>>;
  readonly stop: () => Promise<void>;
};

const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
};

/**
 * One client that asks a dev stack for each kind of thing every half second, until it is stopped.
 *
 * @param server the id of the one whose console is read. @param asked the kinds of things that it asks for.
 */
export async function startLoad(
  password: string,
  at: Endpoints,
  server: string,
  asked: readonly Kind[] = kinds,
): Promise<Load> {
  const samples: Record<Kind, Sample[]> = Object.fromEntries(kinds.map((kind) => [kind, []])) as never;
  const open: Record<Kind, Set<Promise<void>>> = Object.fromEntries(kinds.map((kind) => [kind, new Set()])) as never;
  let login = await logIn(password, at);
  let loggedIn = performance.now();
  let stopped = false;

  const askForToken = async (): Promise<void> => {
    if (performance.now() - loggedIn < betweenLoginsMs) {
      await renewToken(login.token, at).catch((error: Error) => {
        // Whatever is wrong with the token, the password tells.
        loggedIn = Number.NEGATIVE_INFINITY;
        throw error;
      });
      return;
    }
    login = await logIn(password, at);
    loggedIn = performance.now();
  };
  const request = async (kind: Kind): Promise<void> => {
    if (kind === "token") return askForToken();
    const [url, body] = requests[kind](at, login, server);
    const { status } = await ask(url, login.token, body, { within: requestTimeoutMs });
    if (status !== 200) throw new Error(`HTTP status ${status}`);
  };
  const once = async (kind: Kind): Promise<void> => {
    const began = performance.now();
    const wrong = await request(kind).then(() => undefined, reasonOf);
    samples[kind].push({ began, ended: performance.now(), ...(wrong === undefined ? {} : { wrong }) });
  };
  const repeat = async (kind: Kind): Promise<void> => {
    for (let next = performance.now(); !stopped; next = Math.max(next + interval, performance.now())) {
      const sample = once(kind);
      open[kind].add(sample);
      sample.finally(() => open[kind].delete(sample));
      await sleep(Math.max(0, next + interval - performance.now()));
      if (open[kind].size >= mostOpen) await Promise.race(open[kind]);
    }
  };
  const running = asked.map(repeat);
  return {
    since: (began) =>
      Object.fromEntries(kinds.map((kind) => [kind, samples[kind].filter((one) => one.began >= began)])) as never,
    async stop() {
      stopped = true;
      await Promise.all(running);
      await Promise.all(Object.values(open).flatMap((all) => [...all]));
    },
  };
}
