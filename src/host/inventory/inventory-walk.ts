import { type Diagnostic, failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { inventoryMessage } from "./inventory-messages.ts";

/** What a directory holds. A link is looked at only when it is come to; `other` is what is neither (a FIFO, a device). */
export type Found = { readonly name: string; readonly kind: "file" | "directory" | "link" | "other" };

/** What is walked through: the file system, or the tree of a git revision. Paths are below the model's base. */
export type FileTree = {
  /** @returns the path as messages show it. */
  readonly shown: (path: string) => string;
  readonly entries: (directory: string) => Result<readonly Found[]>;
  /** @returns what is at the end of a link; `other` where it leads nowhere. */
  readonly follow: (link: string) => Result<"file" | "directory" | "other">;
  /** @returns what is the same for every path that leads to one directory. */
  readonly identity: (directory: string) => string;
};

/** Links that lead to directories with links can make more of them than anybody can wait for, without any loop. */
const entryLimit = 250_000;

export const isYaml = (name: string): boolean => name.endsWith(".yml") || name.endsWith(".yaml");

/** Directories that version control and editors keep. */
const isSkipped = (name: string): boolean => name.startsWith(".") || name === "CVS" || name === "SCCS";

/** The directories that a path goes through, the innermost first, each with the last link on the way to it. */
type Chain = {
  readonly directory: string;
  readonly link: string | undefined;
  readonly outer: Chain | undefined;
  identity?: string;
};

class TooMany extends Error {}

/** @returns the directory around this one that this one is itself. Only past a link can there be one. */
function sameDirectory(tree: FileTree, chain: Chain): string | undefined {
  if (chain.link === undefined) return undefined;
  chain.identity ??= tree.identity(chain.directory);
  for (let at = chain.outer; at; at = at.outer) {
    at.identity ??= tree.identity(at.directory);
    if (at.identity === chain.identity) return at.directory;
  }
  return undefined;
}

/** @returns every .yml and .yaml file below a directory, sorted, each path from that directory; or all that is in the way. */
export function walk(tree: FileTree, root: string): Result<readonly string[]> {
  const files: string[] = [];
  const diagnostics: Diagnostic[] = [];
  let seen = 0;

  const endOf = (link: string): Found["kind"] => {
    const end = tree.follow(link);
    if (end.ok) return end.value;
    diagnostics.push(...end.diagnostics);
    return "other";
  };
  const visit = (chain: Chain, below: string): void => {
    const target = sameDirectory(tree, chain);
    if (target !== undefined) {
      const path = tree.shown(chain.link as string);
      diagnostics.push(inventoryMessage("model-link-loop", { path, target: tree.shown(target) }));
      return;
    }
    const entries = tree.entries(chain.directory);
    if (!entries.ok) {
      diagnostics.push(...entries.diagnostics);
      return;
    }
    seen += entries.value.length;
    if (seen > entryLimit) throw new TooMany();
    for (const { name, kind } of entries.value) {
      const yaml = isYaml(name);
      if (isSkipped(name) && !yaml) continue;
      const path = `${chain.directory}/${name}`;
      const end = kind === "link" ? endOf(path) : kind;
      if (end !== "directory") {
        // Also what is no file, or nowhere: it has the name of a class, so reading it says what is wrong.
        if (yaml) files.push(`${below}${name}`);
      } else if (!isSkipped(name)) {
        visit({ directory: path, link: kind === "link" ? path : chain.link, outer: chain }, `${below}${name}/`);
      }
    }
  };

  try {
    visit({ directory: root, link: undefined, outer: undefined }, "");
  } catch (error) {
    if (!(error instanceof TooMany)) throw error;
    diagnostics.push(inventoryMessage("model-too-many-files", { path: tree.shown(root), limit: entryLimit }));
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success(files.sort());
}
