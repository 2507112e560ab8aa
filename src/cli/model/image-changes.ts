import { visibleLine } from "../../diagnostics/visible.ts";
import { builtFrom } from "../../image/built-from.ts";
import { imageOf, isImage } from "../../image/recipe.ts";
import type { Change, NodeChange } from "../../model/diff.ts";
import type { CompiledNode } from "../../model/model.ts";

type Kind = NodeChange["change"];

/** The two sides of a node; one that is undefined has no such node, or a broken one. */
export type Sides = { readonly before: CompiledNode | undefined; readonly after: CompiledNode | undefined };

/** What the difference of a node does to its image. */
export type Effect = {
  /** undefined where the same image is built. */
  readonly image: Kind | undefined;
  /** Whether one of its changes is looked at when the image is built. */
  readonly reaches: (change: Change) => boolean;
};

export type ImageChange = {
  readonly node: string;
  readonly change: Kind;
  /** The image that it stands on, where it changes for that alone. */
  readonly parent?: string;
};

/** Nodes that are named before they are only counted. */
const named = 3;

/**
 * The images that change between two models. That a node differs is not enough: `_param`, which a class of the whole
 * deployment sets, is in every node, and in no image. But an image changes with the one that it stands on.
 */
export class ImageChanges {
  readonly #changed = new Map<string, Kind>();
  /** Of all images that there are on either side, the node that each stands on now. */
  readonly #parents = new Map<string, string | null>();
  /** What is in no image, as text, and the nodes that have it. */
  readonly #outside = new Map<string, string[]>();

  /**
   * Takes a node.
   *
   * @param differs `broken`: there was such a node, and it did not compile.
   * @returns what its difference does; undefined for a node that is no image.
   */
  add({ before, after }: Sides, differs: boolean | "broken"): Effect | undefined {
    const [old, now] = [before && imageOf(before), after && imageOf(after)];
    const node = (after ?? before)?.name;
    if (node === undefined) return undefined;
    if (!old && !now) {
      // Of another release, or of another source: nothing that changes there reaches an image.
      const unbuilt = [before, after].some((side) => side !== undefined && isImage(side));
      return unbuilt ? { image: undefined, reaches: () => false } : undefined;
    }
    this.#parents.set(node, now?.parent ?? null);
    if (!differs) return { image: undefined, reaches: () => false };
    const [was, is] = [before && builtFrom(before), after && builtFrom(after)];
    const both = old && now ? "changed" : now ? "added" : "removed";
    const image = differs === "broken" ? "changed" : was?.text === is?.text ? undefined : both;
    if (image) this.#changed.set(node, image);
    const reads = (path: readonly string[]) => was?.reads(path) || is?.reads(path) || false;
    return { image, reaches: ({ part, path }) => image !== undefined && part === "parameters" && reads(path) };
  }

  /** Takes a change that reaches no image, as it is to be printed. */
  addOutside(node: string, text: string): void {
    const nodes = this.#outside.get(text) ?? [];
    if (nodes.length === 0) this.#outside.set(text, nodes);
    nodes.push(node);
  }

  /** How many images there are on either side. */
  get total(): number {
    return this.#parents.size;
  }

  /** @returns the node that an image stands on, or that one does, if it is of an image that changed. */
  #changedBelow(node: string): string | undefined {
    const seen = new Set([node]);
    const parent = this.#parents.get(node);
    for (let below = parent; below !== null && below !== undefined && !seen.has(below); ) {
      if (this.#changed.has(below)) return parent ?? undefined;
      seen.add(below);
      below = this.#parents.get(below);
    }
    return undefined;
  }

  /** @returns the images that change, by name. */
  list(): readonly ImageChange[] {
    return [...this.#parents.keys()].flatMap((node): readonly ImageChange[] => {
      const change = this.#changed.get(node);
      if (change) return [{ node, change }];
      const parent = this.#changedBelow(node);
      return parent === undefined ? [] : [{ node, change: "changed", parent }];
    });
  }

  /** @returns what is in no image, each once, under the nodes that have it. */
  outsideText(): string {
    const together = new Map<string, { readonly nodes: readonly string[]; text: string }>();
    for (const [text, nodes] of this.#outside) {
      const key = nodes.join("\0");
      const one = together.get(key) ?? { nodes, text: "" };
      together.set(key, one);
      one.text += text;
    }
    const texts = [...together.values()].map(({ nodes, text }) => {
      const who = nodes.length > named ? `${nodes.length} nodes` : visibleLine(nodes.join(", "));
      return `in no image (${who})\n${text}`;
    });
    return texts.join("");
  }
}
