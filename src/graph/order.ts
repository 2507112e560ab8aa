import type { GraphImage, GraphService, GraphWait } from "./graph.ts";

type Placed = GraphService & { readonly image: string };

/** @returns for each name the length of the longest way of waits from it. A circle ends where it closes. */
function depths(names: readonly string[], next: ReadonlyMap<string, ReadonlySet<string>>): ReadonlyMap<string, number> {
  const known = new Map<string, number>();
  const open = new Set<string>();
  const depthOf = (name: string): number => {
    const depth = known.get(name);
    if (depth !== undefined) return depth;
    if (open.has(name)) return 0;
    open.add(name);
    const own = Math.max(-1, ...[...(next.get(name) ?? [])].map(depthOf)) + 1;
    open.delete(name);
    known.set(name, own);
    return own;
  };
  for (const name of names) depthOf(name);
  return known;
}

function neighbours(pairs: readonly (readonly [from: string, to: string])[]): ReadonlyMap<string, ReadonlySet<string>> {
  const next = new Map<string, Set<string>>();
  for (const [from, to] of pairs) {
    if (from === to) continue;
    next.set(from, (next.get(from) ?? new Set()).add(to));
  }
  return next;
}

/**
 * @returns images and their services in the order in which they can start: what waits for nothing first. Of equals, those
 * that came first.
 */
export function inOrder(services: readonly Placed[], waits: readonly GraphWait[]): readonly GraphImage[] {
  const imageOf = new Map(services.map(({ name, image }) => [name, image]));
  const images = [...new Set(imageOf.values())];
  const between = waits.map(({ from, to }) => [imageOf.get(from) ?? "", imageOf.get(to) ?? ""] as const);
  const imageDepth = depths(images, neighbours(between));
  const depth = depths(
    services.map(({ name }) => name),
    neighbours(waits.map(({ from, to }) => [from, to])),
  );
  return images
    .toSorted((one, other) => (imageDepth.get(one) ?? 0) - (imageDepth.get(other) ?? 0))
    .map((name) => ({
      name,
      services: services
        .filter(({ image }) => image === name)
        .toSorted((one, other) => (depth.get(one.name) ?? 0) - (depth.get(other.name) ?? 0))
        .map(({ image: _image, ...service }) => service),
    }));
}
