import { setTimeout as sleep } from "node:timers/promises";
import { forServers } from "./cloud.ts";

/** How a cloud's start is told of, whatever its containers run on. */

/** What is awaited, and why. */
export type Open = readonly [what: string, why: string];

/** What an engine says of a deployment at one moment. */
export type Look = {
  /** What does not run yet, or has not ended yet, each with its state or the reason. */
  readonly open: readonly Open[];
  /** Nobody answers as long as jobs run, and who asks takes processors from them. */
  readonly early: boolean;
};

/** Milliseconds between two looks whether the cloud works. */
const pause = 1000;

const say = (text: string): boolean => process.stderr.write(`${text}\n`);

/** Seconds until a cloud that does not work is given up. */
export const startTimeoutSeconds = Number(process.env["TIMEOUT"] || 900);

/** @returns what is still awaited, in a line: each state or reason with all that are in it. */
export function openText(open: readonly Open[]): string {
  const groups = Map.groupBy(open, ([, why]) => why);
  return [...groups].map(([why, all]) => `${why}: ${all.map(([what]) => what).join(" ")}`).join("; ");
}

/** When a server could be ordered first, and when all worked: in seconds. */
export type Works = { readonly servers: number; readonly all: number };

/**
 * Watches until the cloud works, and tells what it waits for.
 *
 * @param look at what the engine runs. @param faults what of the cloud does not answer as it must (cloud.ts).
 * @param began when the deployment was ordered, by `performance.now()`.
 * @returns how long that took, or undefined where it takes too long.
 */
export async function untilItWorks(
  look: () => Look | Promise<Look>,
  faults: () => Promise<ReadonlyMap<string, string>>,
  began = performance.now(),
): Promise<Works | undefined> {
  let said = "";
  let servers: number | undefined;
  for (;;) {
    const { open, early } = await look();
    const wrong = early ? undefined : await faults();
    const seconds = (performance.now() - began) / 1000;
    if (servers === undefined && wrong && !forServers.some((part) => wrong.has(part))) {
      servers = seconds;
      say(`${seconds.toFixed(0).padStart(4)} s  servers can be ordered`);
    }
    const states = [
      ...open,
      ...[...(wrong ?? [])].map(([part, why]) => [part, why.replace(/^connect (E\w+) .*/, "$1")] as const),
    ];
    if (states.length === 0) return { servers: servers ?? seconds, all: seconds };
    const text = openText(states);
    if (text !== said) say(`${seconds.toFixed(0).padStart(4)} s  waiting for ${text}`);
    said = text;
    if (seconds > startTimeoutSeconds) return undefined;
    await sleep(pause);
  }
}

/** Says how a cloud that works is used. @param directory has its secrets. @param client how the client is called. */
export function tellNext(
  seconds: number,
  {
    dashboard,
    directory,
    credentials,
    client,
  }: Readonly<Record<"dashboard" | "directory" | "credentials" | "client", string>>,
): void {
  process.stdout.write(
    `the cloud works after ${seconds.toFixed(0)} s\n` +
      `  horizon       ${dashboard} (user admin, password in ${directory}/secrets/admin)\n` +
      `  credentials   source ${credentials}, or ${client} ARGS="server list"\n`,
  );
}
