import type { GraphWait } from "./graph.ts";

/**
 * @returns the waits without those that follow from others (a transitive reduction): where nova-api waits for keystone's
 * catalog, and that for keystone, nova-api's own wait for keystone is left out. One after the other, so that of a circle
 * enough is left. What can be done without implies nothing.
 */
export function withoutImplied(waits: readonly GraphWait[]): readonly GraphWait[] {
  const next = new Map<string, Set<string>>();
  for (const { from, to, optional } of waits) if (!optional) next.set(from, (next.get(from) ?? new Set()).add(to));

  const isReached = (start: string, end: string): boolean => {
    const seen = new Set([start]);
    const open = [start];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      for (const other of next.get(name) ?? []) {
        if (other === end) return true;
        if (!seen.has(other)) open.push(other);
        seen.add(other);
      }
    }
    return false;
  };
  return waits.filter(({ from, to, optional }) => {
    const own = next.get(from);
    if (!optional) own?.delete(to);
    if (isReached(from, to)) return false;
    if (!optional) own?.add(to);
    return true;
  });
}
