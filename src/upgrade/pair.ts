import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { isOlder, releases, supportedRelease, upgradesFrom } from "../openstack/releases.ts";
import { upgradeMessage } from "./messages.ts";

/** @returns the shortest row of upgrades from one release to another, both included; undefined where there is none. */
function wayBetween(from: string, to: string): readonly string[] | undefined {
  const ways: (readonly [string, ...string[]])[] = [[from]];
  const seen = new Set([from]);
  for (const way of ways) {
    const last = way.at(-1) ?? from;
    if (last === to) return way;
    for (const next of upgradesFrom(last)) {
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/** @returns nothing where upstream supports the upgrade, or why not. Both names are releases that can be built. */
export function checkPair(from: string, to: string): Result<undefined> {
  const refused = (diagnostic: Diagnostic): Result<undefined> => failure([diagnostic]);
  if (from === to) return refused(upgradeMessage("upgrade-same", { release: from }));
  if (isOlder(to, from)) return refused(upgradeMessage("upgrade-backwards", { from, to }));
  if (upgradesFrom(from).includes(to)) return success(undefined);
  const between = releases.filter(({ name }) => isOlder(from, name) && isOlder(name, to)).map(({ name }) => name);
  const slurp = releases.some(({ name, slurp: is }) => name === from && is === true);
  const way = wayBetween(from, to);
  const unbuilt = (way ?? []).filter((name) => !supportedRelease(name));
  return refused(upgradeMessage("upgrade-skips", { from, to, between, slurp, way, unbuilt }));
}
