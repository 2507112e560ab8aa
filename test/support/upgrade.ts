import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Kind, Load } from "../../scripts/stack/chaos/load.ts";
import { type Outcome, outcomeText, type Requests } from "../../src/upgrade/outcome.ts";
import { until } from "./docker.ts";

/** What the upgraded cloud has that the project's own model has not: two of each API that clients ask, two hypervisors. */
const changed: readonly (readonly [from: string, to: string])[] = [
  ["hypervisors: [compute-1]", "hypervisors: [compute-1, compute-2]"],
  ["keystone_server_replicas: 1", "keystone_server_replicas: 2"],
  ["glance_server_replicas: 1", "glance_server_replicas: 2"],
  ["placement_server_replicas: 1", "placement_server_replicas: 2"],
  ["neutron_server_replicas: 1", "neutron_server_replicas: { server: 2 }"],
  ["nova_controller_replicas: 1", "nova_controller_replicas: { api: 2 }"],
  ["cinder_controller_replicas: 1", "cinder_controller_replicas: { api: 2 }"],
];

/** Writes the model of the cloud that is upgraded. */
export function makeUpgradeModel(directory: string): void {
  cpSync("model", directory, { recursive: true });
  const path = `${directory}/classes/cluster/example.yml`;
  let text = readFileSync(path, "utf8");
  for (const [from, to] of changed) {
    assert.ok(text.includes(from), `${path} has no line ${from}`);
    text = text.replace(from, to);
  }
  writeFileSync(path, text);
}

/** A run of an upgrade, and what it said so far. */
export type Upgrading = {
  readonly lines: readonly string[];
  /** Its exit status; null where it was killed. */
  readonly ended: Promise<number | null>;
  /** Ends it as the kernel does, with all that it started: at once, whatever it is doing. */
  readonly kill: () => void;
};

/** Starts `make upgrade` for a stack, or `make kubernetes-upgrade`. @param more such as TO, UNTIL, BACK. */
export function startUpgrade(
  env: NodeJS.ProcessEnv,
  more: Readonly<Record<string, string>>,
  script = "scripts/stack/upgrade.ts",
): Upgrading {
  const child: ChildProcess = spawn(process.execPath, [script], {
    env: { ...env, ...more },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream as Readable }).on("line", (line) => {
      process.stderr.write(`${line}\n`);
      lines.push(line);
    });
  }
  const ended = new Promise<number | null>((settle, reject) => {
    child.once("error", reject);
    child.once("close", (status) => settle(status));
  });
  return { lines, ended, kill: () => void process.kill(-(child.pid as number), "SIGKILL") };
}

/** Kills an upgrade once it says that a phase has begun. */
export async function killIn(phase: string, upgrading: Upgrading): Promise<void> {
  const said = until(
    `the phase ${phase} to begin`,
    async () => upgrading.lines.some((line) => line.includes(` ${phase}:`)) || undefined,
    1_200_000,
  );
  await Promise.race([said, upgrading.ended.then((status) => assert.fail(`it ended with ${status} before ${phase}`))]);
  upgrading.kill();
  await upgrading.ended;
}

/**
 * Prints which packet of BusyBox's `ping -i 0.1 > FILE` was the last that was answered, and then those before it that nobody answered,
 * a number a line. It counts from 0, and again after 65,535. What comes after the last may be under way. Its own sum is too low: with
 * answers that take longer than a tenth of a second it takes some for duplicates ("2017 transmitted, 2015 received, 1 duplicates", and
 * each number is in the file).
 *
 * @param file in a guest.
 */
export const answersIn = (file: string): string =>
  `sed -n 's/.*seq=\\([0-9]*\\) .*/\\1/p' ${file} | awk '{ seen[$1] = 1; if ($1 > last) last = $1 } END { print last; for (i = 0; i < last; i++) if (!(i in seen)) print i }'`;

/** What a client asks for while a cloud is upgraded. */
export const askedMeanwhile: readonly Kind[] = ["token", "servers", "networks", "images", "volumes"];

/** @returns how many of its requests were sent since then, and those that failed. */
export function requestsSince(load: Load, began: number): Requests {
  const samples = load.since(began);
  const failed = askedMeanwhile.flatMap((kind) =>
    samples[kind].flatMap(({ ended, wrong }) =>
      wrong === undefined
        ? []
        : [{ at: new Date(performance.timeOrigin + ended).toISOString(), what: kind, why: wrong }],
    ),
  );
  return { sent: askedMeanwhile.reduce((sum, kind) => sum + samples[kind].length, 0), failed };
}

/**
 * Completes the report of an upgrade by what its users saw, writes it to build/bench (`.json`, `.md`) and says it in a line.
 *
 * @param name of the files, without their endings. @param report the path of plinth's own report.
 */
export function keepOutcome(
  name: string,
  engine: "compose" | "kubernetes",
  report: string,
  requests: Requests,
  packets: { readonly sent: number; readonly lost: number },
): Outcome {
  const own = JSON.parse(readFileSync(report, "utf8")) as Outcome;
  const outcome: Outcome = {
    ...own,
    ...{ requests_sent: requests.sent, requests_failed: requests.failed.length, failures: requests.failed },
    ...{ packets_sent: packets.sent, packets_lost: packets.lost },
  };
  mkdirSync("build/bench", { recursive: true });
  writeFileSync(`build/bench/${name}.json`, `${JSON.stringify({ engine, ...outcome }, null, 2)}\n`);
  writeFileSync(`build/bench/${name}.md`, outcomeText(outcome));
  process.stderr.write(
    `control plane ${own.control_plane_s} s, ${packets.lost} of ${packets.sent} packets lost, ${requests.failed.length} of ${requests.sent} requests failed\n`,
  );
  return outcome;
}
