import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { addressesOf } from "../network/names.ts";
import { unreachable } from "../network/outcomes.ts";

/** What each name had when it was looked up last. */
const found = new Map<string, readonly string[]>();

/** @returns the first address that a name had: IPv4 before IPv6, then by number, since name servers give theirs in turns. */
export function addressFound(host: string): string | undefined {
  const byFamily = (address: string): string => `${address.includes(":") ? 6 : 4} ${address}`;
  return found
    .get(host)
    ?.toSorted((one, other) => byFamily(one).localeCompare(byFamily(other), "en", { numeric: true }))[0];
}

/** Ready when the name has an address. */
export async function attempt(target: TargetOf<"name">, signal: AbortSignal, progress?: Progress): Promise<Outcome> {
  try {
    found.set(target.host, await addressesOf(target.host, signal, progress?.onSlow));
    return { state: "ready" };
  } catch (error) {
    return unreachable(error as Error, signal);
  }
}
