/** A YAML value as it is to be written: `raw` stands plainly, `text` is always text. */
export type Tree =
  | { readonly kind: "raw"; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "list"; readonly items: readonly Tree[] }
  | { readonly kind: "map"; readonly entries: readonly Entry[] };

export type Entry = { readonly key: Tree; readonly value: Tree };

/** An inventory whose files can be taken apart: each with its path. */
export type Inventory = {
  readonly files: readonly { readonly path: string; readonly content: Tree }[];
  readonly node: string;
};

export const raw = (text: string): Tree => ({ kind: "raw", text });
export const text = (value: string): Tree => ({ kind: "text", text: value });
export const list = (items: readonly Tree[]): Tree => ({ kind: "list", items });
export const map = (entries: readonly (readonly [string | Tree, Tree])[]): Tree => ({
  kind: "map",
  entries: entries.map(([key, value]) => ({ key: typeof key === "string" ? text(key) : key, value })),
});

/** What YAML takes for something else than text where it stands plainly. */
const plain = /^[A-Za-zà-ÿ_][\wà-ÿ.-]*( [\wà-ÿ.-]+)*$/;
const special = /^(y|n|yes|no|on|off|true|false|null|~)$/i;

function quoted(value: string): string {
  if (plain.test(value) && !special.test(value)) return value;
  if (/^[ -~à-ÿ]*$/.test(value) && value.length % 3 !== 0) return `'${value.replaceAll("'", "''")}'`;
  const inner = [...value].map((sign) => {
    const code = sign.codePointAt(0) ?? 0;
    if (sign === '"' || sign === "\\") return `\\${sign}`;
    if (sign === "\n") return "\\n";
    if (sign === "\t") return "\\t";
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0x2028 || code === 0x2029 || code === 0xfeff
      ? `\\u${code.toString(16).padStart(4, "0")}`
      : sign;
  });
  return `"${inner.join("")}"`;
}

function flow(tree: Tree): string {
  switch (tree.kind) {
    case "raw":
      return tree.text;
    case "text":
      return quoted(tree.text);
    case "list":
      return `[${tree.items.map(flow).join(", ")}]`;
    case "map":
      return `{${tree.entries.map(({ key, value }) => `${flow(key)}: ${flow(value)}`).join(", ")}}`;
  }
}

const empty = (tree: Tree): boolean =>
  (tree.kind === "list" && tree.items.length === 0) || (tree.kind === "map" && tree.entries.length === 0);

const scalar = (tree: Tree): boolean => tree.kind === "raw" || tree.kind === "text" || empty(tree);

function block(tree: Tree, indent: string): string {
  if (scalar(tree)) return `${indent}${flow(tree)}\n`;
  if (tree.kind === "list") {
    return tree.items
      .map((item) => (scalar(item) ? `${indent}- ${flow(item)}\n` : `${indent}-\n${block(item, `${indent}  `)}`))
      .join("");
  }
  if (tree.kind !== "map") return "";
  return tree.entries
    .map(({ key, value }) =>
      scalar(value)
        ? `${indent}${flow(key)}: ${flow(value)}\n`
        : `${indent}${flow(key)}:\n${block(value, `${indent}  `)}`,
    )
    .join("");
}

/** Writes a document: in blocks or, below its sections, in one line each. */
export function yaml(content: Tree, inBlocks: boolean): string {
  if (inBlocks || content.kind !== "map") return block(content, "");
  return content.entries.map(({ key, value }) => `${flow(key)}: ${flow(value)}\n`).join("");
}

export const filesOf = (inventory: Inventory): Record<string, string> =>
  Object.fromEntries(inventory.files.map(({ path, content }) => [path, yaml(content, path.length % 2 === 0)]));

function* smallerTrees(tree: Tree): Generator<Tree> {
  if (tree.kind === "list") {
    for (const index of tree.items.keys()) yield { ...tree, items: tree.items.toSpliced(index, 1) };
    for (const [index, item] of tree.items.entries()) {
      for (const smaller of smallerTrees(item)) yield { ...tree, items: tree.items.with(index, smaller) };
    }
  } else if (tree.kind === "map") {
    for (const index of tree.entries.keys()) yield { ...tree, entries: tree.entries.toSpliced(index, 1) };
    for (const [index, { key, value }] of tree.entries.entries()) {
      for (const smaller of smallerTrees(value)) {
        yield { ...tree, entries: tree.entries.with(index, { key, value: smaller }) };
      }
    }
  } else if (tree.kind === "text" && tree.text.length > 1 && !/[${}[\]<>]/.test(tree.text)) {
    yield { ...tree, text: tree.text.slice(0, 1) };
  }
}

/** @returns inventories with one thing less each: a file, a key, an item, a class, the length of a text. */
export function* smaller(inventory: Inventory): Generator<Inventory> {
  const { files } = inventory;
  for (const index of files.keys()) yield { ...inventory, files: files.toSpliced(index, 1) };
  for (const [index, { path, content }] of files.entries()) {
    for (const less of smallerTrees(content)) {
      yield { ...inventory, files: files.with(index, { path, content: less }) };
    }
  }
}
