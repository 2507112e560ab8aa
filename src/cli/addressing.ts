import { isIP } from "node:net";
import type { BakedImage, BakedService } from "../baked/baked.ts";
import { type Result, success } from "../diagnostics/diagnostic.ts";
import { valueAt } from "../schema/json.ts";
import { withValues } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import { target } from "../wait/probe.ts";
import { cliMessage } from "./messages.ts";
import type { Context } from "./verb.ts";
import { waitForProbes } from "./waiting.ts";

/** Settings whose readers take IP addresses only, and that are names: path to name. */
export type Names = ReadonlyMap<string, string>;

/** @returns the names that these services read where only an address will do. */
export function namesIn(services: readonly BakedService[], { values }: Settings): Names {
  const names = new Map<string, string>();
  for (const { addresses = [] } of services) {
    for (const path of addresses) {
      const host = valueAt(values, path);
      if (typeof host === "string" && isIP(host.replace(/%.*/, "")) === 0) names.set(path, host);
    }
  }
  return names;
}

/** @returns the settings with the address of each name that has been looked up. */
async function addressed(settings: Settings, names: Names): Promise<Settings> {
  const { addressFound } = await import("../host/probe/name.ts");
  return withValues(settings, new Map([...names].map(([path, host]) => [path, addressFound(host) ?? host])));
}

const probesOf = (names: Names) => [
  ...new Map(
    [...names].map(([path, host]) => [host, target({ kind: "name", host, from: path.replace(/\.host$/, "") })]),
  ).values(),
];

/**
 * Looks up the names for a start, and waits for those that are not known yet.
 *
 * @returns the settings with addresses in their place, and the milliseconds waited.
 */
export async function waitForAddresses(
  image: BakedImage,
  names: Names,
  settings: Settings,
  timeout: string | undefined,
  context: Context,
): Promise<Result<{ readonly settings: Settings; readonly waitedMs: number }>> {
  const waited = await waitForProbes(probesOf(names), timeout, image.wait.timeout, context);
  return waited.ok ? success({ settings: await addressed(settings, names), waitedMs: waited.value }) : waited;
}

/** Milliseconds that a look-up may take whose answer can be done without. */
const lookUpTimeoutMs = 3000;

/** Looks the names up once, for what is only shown or written and never waits: of those that have no address now a warning tells. */
export async function lookUpOnce(names: Names, settings: Settings): Promise<Result<Settings>> {
  if (names.size === 0) return success(settings);
  const { attempt } = await import("../host/probe/attempt.ts");
  const tries = await Promise.all(
    probesOf(names).map(async (probe) => ({
      probe,
      outcome: await attempt(probe, AbortSignal.timeout(lookUpTimeoutMs)),
    })),
  );
  const warnings = tries.flatMap(({ probe: { host, from = "" }, outcome }) =>
    outcome.state === "ready" ? [] : [cliMessage("name-not-looked-up", { host, path: from, reason: outcome.reason })],
  );
  return success(await addressed(settings, names), warnings);
}
