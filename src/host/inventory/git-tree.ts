/** A file's blob, with the directory of the repository that holds it. */
export type Blob = { readonly kind: "file"; readonly id: string; readonly size: number; readonly repository: string };

export type Directory = { readonly kind: "directory"; readonly items: Map<string, Item> };

/** Another repository's commit. `open` gives its tree, or undefined where that is not here. */
export type Submodule = {
  readonly kind: "submodule";
  readonly commit: string;
  readonly open: () => Directory | undefined;
};

export type Item = Blob | Directory | Submodule | { readonly kind: "link"; readonly target: string };

/** Where a path ends once all links are followed: what is there and its path without links, or what is in the way and the last link. */
export type End =
  | { readonly item: Blob | Directory; readonly path: string }
  | { readonly problem: "missing" | "loop"; readonly link: string | undefined }
  | { readonly problem: "outside"; readonly target: string }
  | { readonly problem: "submodule"; readonly path: string; readonly commit: string };

export const emptyDirectory = (): Directory => ({ kind: "directory", items: new Map() });

/** Puts an item at its path, making the directories on the way. */
export function put(root: Directory, path: string, item: Item): void {
  const parts = path.split("/");
  const name = parts.pop() as string;
  let directory = root;
  for (const part of parts) {
    const found = directory.items.get(part);
    const next = found?.kind === "directory" ? found : emptyDirectory();
    if (next !== found) directory.items.set(part, next);
    directory = next;
  }
  directory.items.set(name, item);
}

/** As many as Linux follows (path_resolution(7)). */
const mostLinks = 40;

/** Goes along a path as the kernel would, links and submodules included, but never out of the tree. */
export function follow(root: Directory, path: string): End {
  const way: { readonly name: string; readonly directory: Directory }[] = [];
  const ahead = path.split("/").reverse();
  const pathOf = (...more: string[]): string => [...way.map(({ name }) => name), ...more].join("/");
  let link: string | undefined;
  let links = 0;
  for (let part = ahead.pop(); part !== undefined; part = ahead.pop()) {
    if (part === "" || part === ".") continue;
    if (part === "..") {
      if (way.pop() === undefined) return { problem: "outside", target: link ?? path };
      continue;
    }
    const item = (way.at(-1)?.directory ?? root).items.get(part);
    if (item === undefined) return { problem: "missing", link };
    if (item.kind === "link") {
      link = item.target;
      if (link.startsWith("/")) return { problem: "outside", target: link };
      if (++links > mostLinks) return { problem: "loop", link };
      ahead.push(...link.split("/").reverse());
    } else if (item.kind === "file") {
      return ahead.length > 0 ? { problem: "missing", link } : { item, path: pathOf(part) };
    } else {
      const directory = item.kind === "directory" ? item : item.open();
      if (directory === undefined) {
        return { problem: "submodule", path: pathOf(part), commit: (item as Submodule).commit };
      }
      way.push({ name: part, directory });
    }
  }
  return { item: way.at(-1)?.directory ?? root, path: pathOf() };
}
