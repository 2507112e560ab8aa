import { random } from "../support/random.ts";
import type { Inventory, Tree } from "./tree.ts";

/** Nodes that are added for each node of an inventory. */
const twinsOfNode = 3;

function* leavesOf(tree: Tree): Generator<Tree> {
  if (tree.kind === "map") for (const { value } of tree.entries) yield* leavesOf(value);
  else yield tree;
}

const sections = new Set(["parameters", "exports"]);

/**
 * @returns the inventory with twins of its nodes: they have the same classes and say the same keys, but some of their values are
 * others, taken from anywhere in the inventory: texts, references, lists, null.
 */
export function withTwins(inventory: Inventory, seed: number): Inventory {
  const { below, pick } = random(seed);
  const leaves = inventory.files.flatMap(({ content }) =>
    content.kind === "map"
      ? content.entries.flatMap(({ key, value }) =>
          key.kind === "text" && sections.has(key.text) ? [...leavesOf(value)] : [],
        )
      : [],
  );
  const changed = (tree: Tree): Tree => {
    if (tree.kind === "map") {
      return { ...tree, entries: tree.entries.map(({ key, value }) => ({ key, value: changed(value) })) };
    }
    return leaves.length > 0 && below(100) < 40 ? pick(leaves) : tree;
  };
  const twin = (content: Tree): Tree =>
    content.kind !== "map"
      ? content
      : {
          ...content,
          entries: content.entries.map(({ key, value }) =>
            key.kind === "text" && sections.has(key.text) ? { key, value: changed(value) } : { key, value },
          ),
        };
  const files = inventory.files.flatMap((file) => {
    if (!file.path.startsWith("nodes/")) return [file];
    const twins = Array.from({ length: twinsOfNode }, (_, index) => ({
      path: file.path.replace(/\.yml$/, `-${index}.yml`),
      content: twin(file.content),
    }));
    return [file, ...twins];
  });
  return { ...inventory, files };
}
