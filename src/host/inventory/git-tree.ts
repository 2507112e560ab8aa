/** A file's blob, with the folder of the repository that holds it. */
export type Blob = { readonly kind: "file"; readonly id: string; readonly size: number; readonly repository: string };

export type Folder = { readonly kind: "folder"; readonly items: Map<string, Item> };

/** Another repository's commit. `open` gives its tree, or undefined where that is not here. */
export type Submodule = {
  readonly kind: "submodule";
  readonly commit: string;
  readonly open: () => Folder | undefined;
};

export type Item = Blob | Folder | Submodule | { readonly kind: "link"; readonly target: string };

/** Where a path ends once all links are followed: what is there and its path without links, or what is in the way and the last link. */
export type End =
  | { readonly item: Blob | Folder; readonly path: string }
  | { readonly problem: "missing" | "loop"; readonly link: string | undefined }
  | { readonly problem: "outside"; readonly target: string }
  | { readonly problem: "submodule"; readonly path: string; readonly commit: string };

export const emptyFolder = (): Folder => ({ kind: "folder", items: new Map() });

/** Puts an item at its path, making the folders on the way. */
export function put(root: Folder, path: string, item: Item): void {
  const parts = path.split("/");
  const name = parts.pop() as string;
  let folder = root;
  for (const part of parts) {
    const found = folder.items.get(part);
    const next = found?.kind === "folder" ? found : emptyFolder();
    if (next !== found) folder.items.set(part, next);
    folder = next;
  }
  folder.items.set(name, item);
}

/** As many as Linux follows (path_resolution(7)). */
const mostLinks = 40;

/** Goes along a path as the kernel would, links and submodules included, but never out of the tree. */
export function follow(root: Folder, path: string): End {
  const way: { readonly name: string; readonly folder: Folder }[] = [];
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
    const item = (way.at(-1)?.folder ?? root).items.get(part);
    if (item === undefined) return { problem: "missing", link };
    if (item.kind === "link") {
      link = item.target;
      if (link.startsWith("/")) return { problem: "outside", target: link };
      if (++links > mostLinks) return { problem: "loop", link };
      ahead.push(...link.split("/").reverse());
    } else if (item.kind === "file") {
      return ahead.length > 0 ? { problem: "missing", link } : { item, path: pathOf(part) };
    } else {
      const folder = item.kind === "folder" ? item : item.open();
      if (folder === undefined) {
        return { problem: "submodule", path: pathOf(part), commit: (item as Submodule).commit };
      }
      way.push({ name: part, folder });
    }
  }
  return { item: way.at(-1)?.folder ?? root, path: pathOf() };
}
