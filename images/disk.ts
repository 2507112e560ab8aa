import { withParents } from "../src/image/catalog.ts";
import { type Recipe, startedByPlinth } from "../src/image/recipe.ts";

/** An image that is built, with what Docker says of its size: with all layers that it stands on. */
export type Sized = { readonly recipe: Recipe; readonly bytes: number };

/** @returns what these images take on one disk: layers that several stand on count once. */
export function bytesOnDisk(images: readonly Sized[], nodes: ReadonlySet<string>): number {
  const bytesOf = new Map(images.map(({ recipe, bytes }) => [recipe.node, bytes]));
  return withParents(images, nodes).reduce(
    (sum, { recipe, bytes }) => sum + bytes - (recipe.parent === null ? 0 : (bytesOf.get(recipe.parent) ?? 0)),
    0,
  );
}

/** Roles that run beside virtual machines and their disks. */
const elsewhere: ReadonlySet<string> = new Set(["compute", "volume"]);

/** @returns the nodes of the images that a controller runs. */
export const controllerSet = (recipes: readonly Recipe[]): ReadonlySet<string> =>
  new Set(
    recipes.flatMap(({ node, name }) => {
      const image = startedByPlinth(name);
      return image === undefined || elsewhere.has(image.role) ? [] : [node];
    }),
  );
