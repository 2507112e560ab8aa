import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Recipe } from "../src/image/recipe.ts";
import { startedByPlinth } from "../src/image/recipe.ts";

/** What `make binary` leaves: the same program for this machine (it bakes), and for /opt/plinth in images. */
export const plinthHere = "build/bin/plinth";
export const plinthForImages = "build/plinth";

/**
 * The directories of that tree, in two halves: Node with what it needs, the same at every commit, and the program, which changes. An image
 * that all stand on has the first, so that it is once on a disk, in a registry and in memory (docs/decisions/0056).
 */
export const halves = { carrier: ["bin", "lib"], program: ["program", "share"] } as const;
export type Half = keyof typeof halves;

const copiesPlinth = ({ directory }: Recipe): boolean =>
  /^COPY plinth\/ /m.test(readFileSync(`images/${directory}/Dockerfile`, "utf8"));

/** What an image adds of plinth to what it stands on, and whether it then has the carrier. */
export type PlinthIn = { readonly adds: readonly Half[]; readonly carries: boolean };

/**
 * @param recipes parents first. @param copies whether an image's Dockerfile has `COPY plinth/`.
 * @returns by node: an image adds the carrier where nothing below has it, and the program where plinth starts it.
 */
export function plinthIn(
  recipes: readonly Recipe[],
  copies: (recipe: Recipe) => boolean = copiesPlinth,
): ReadonlyMap<string, PlinthIn> {
  const carried = new Set<string | null>();
  return new Map(
    recipes.map((recipe) => {
      const below = carried.has(recipe.parent);
      const own = copies(recipe);
      const carries = below || own;
      if (carries) carried.add(recipe.node);
      const carrier: readonly Half[] = own && !below ? ["carrier"] : [];
      const program: readonly Half[] = own && startedByPlinth(recipe.name) ? ["program"] : [];
      return [recipe.node, { adds: [...carrier, ...program], carries }];
    }),
  );
}

/** @returns the version of the Node that `make binary` made the carrier of: the program's directory is called as the carrier. */
export function nodeVersion(): string {
  const [carrier = ""] = readdirSync(join(plinthForImages, halves.program[0]));
  return /^node-([\d.]+)-/.exec(carrier)?.[1] ?? "unknown";
}
