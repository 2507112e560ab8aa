import type { AstNode } from "nunjucks/src/nodes.js";

/** What is the same for every start of an image, and so known when it is baked. */
export type Constants = {
  readonly has: Readonly<Record<string, boolean>>;
  readonly image: Readonly<Record<string, string>>;
  readonly release: string;
};

type Known = { readonly value: unknown };

/** @returns the value of an expression that depends on nothing but constants, else undefined. */
export function constantOf(node: AstNode, constants: Constants): Known | undefined {
  const of = (child: AstNode): Known | undefined => constantOf(child, constants);
  const both = (join: (left: unknown, right: unknown) => unknown): Known | undefined => {
    const left = of(node["left"]);
    const right = of(node["right"]);
    return left && right ? { value: join(left.value, right.value) } : undefined;
  };
  switch (node.typename) {
    case "Literal":
      return { value: node["value"] };
    case "Symbol":
      return node["value"] === "release" ? { value: constants.release } : undefined;
    case "LookupVal": {
      const record = { has: constants.has, image: constants.image }[node["target"]["value"] as string];
      const key = node["val"]["value"] as string;
      if (node["target"].typename !== "Symbol" || record === undefined) return undefined;
      return Object.hasOwn(record, key) ? { value: (record as Readonly<Record<string, unknown>>)[key] } : undefined;
    }
    case "Group":
      return node["children"].length === 1 ? of(node["children"][0]) : undefined;
    case "Not": {
      const target = of(node["target"]);
      return target && { value: !target.value };
    }
    // One side can decide alone: `has.cells and settings.x` is false in a release without cells.
    case "And": {
      const [left, right] = [of(node["left"]), of(node["right"])];
      if ((left && !left.value) || (right && !right.value)) return { value: false };
      return left && right ? { value: true } : undefined;
    }
    case "Or": {
      const [left, right] = [of(node["left"]), of(node["right"])];
      if (left?.value || right?.value) return { value: true };
      return left && right ? { value: false } : undefined;
    }
    case "Add":
    case "Concat":
      return both((left, right) => `${left}${right}`);
    default:
      return undefined;
  }
}
