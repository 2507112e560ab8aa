import { constants } from "node:os";
import { resolve } from "node:path";
import { getSystemErrorMessage } from "node:util";
import { type Diagnostic, failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { ModelSource } from "../../model/source.ts";
import { blobsOf, commitOf, repositoryOf, treeOf } from "./git.ts";
import { isHome } from "./git-command.ts";
import { type Blob, type Directory, type End, emptyDirectory, follow, put } from "./git-tree.ts";
import { configName, namedBase } from "./inventory.ts";
import { inventoryMessage } from "./inventory-messages.ts";
import { sizeLimit, textOf } from "./inventory-text.ts";
import { type FileTree, type Found, isYaml, walk } from "./inventory-walk.ts";

const { ELOOP, ENOENT } = constants.errno;

/** What git calls a symbolic link and a submodule. */
const linkMode = "120000";
const submoduleMode = "160000";

/**
 * Builds the tree of a commit. Submodules are opened when a path leads into them: where a model keeps its shared classes in
 * one, those are as much of it as its own.
 *
 * @param also a file to be read together with where the links lead.
 */
function openTree(
  repository: string,
  top: string | undefined,
  commit: string,
  also = "",
): Result<{ readonly root: Directory; readonly read: ReadonlyMap<string, Buffer> }> {
  const lines = treeOf(repository, commit);
  if (!lines.ok) return lines;
  const first = lines.value.filter(({ mode, path }) => mode === linkMode || path === also);
  const read = blobsOf(repository, new Set(first.filter(({ size }) => size <= sizeLimit).map(({ id }) => id)));
  if (!read.ok) return read;
  const root = emptyDirectory();
  for (const { mode, id, size, path } of lines.value) {
    if (mode === linkMode) put(root, path, { kind: "link", target: read.value.get(id)?.toString() ?? "" });
    else if (mode === submoduleMode) {
      let opened: Directory | undefined | null = null;
      const open = (): Directory | undefined => {
        if (opened === null) opened = top === undefined ? undefined : openSubmodule(resolve(top, path), id);
        return opened;
      };
      put(root, path, { kind: "submodule", commit: id, open });
    } else put(root, path, { kind: "file", id, size, repository });
  }
  return success({ root, read: read.value });
}

function openSubmodule(directory: string, commit: string): Directory | undefined {
  // One that is not checked out is an empty directory: git would take it for a part of the repository around it.
  if (!isHome(directory)) return undefined;
  const tree = openTree(directory, directory, commit);
  return tree.ok ? tree.value.root : undefined;
}

function problemOf(end: Exclude<End, { item: unknown }>, path: string): Diagnostic {
  if (end.problem === "outside") return inventoryMessage("model-link-outside", { path, target: end.target });
  if (end.problem === "submodule") {
    return inventoryMessage("submodule-not-there", { path: end.path, commit: end.commit });
  }
  const reason = getSystemErrorMessage(end.problem === "loop" ? -ELOOP : -ENOENT);
  if (end.link === undefined) return inventoryMessage("model-file-unreadable", { path, reason });
  return inventoryMessage("model-link-broken", { path, target: end.link, reason });
}

/** Reads blobs, all that were asked for up to then by one process, when the first of them is wanted. */
class Blobs {
  readonly #read: Map<string, Buffer>;
  readonly #wanted = new Map<string, Set<string>>();

  constructor(read: ReadonlyMap<string, Buffer>) {
    this.#read = new Map(read);
  }

  want({ id, size, repository }: Blob): void {
    if (size > sizeLimit || this.#read.has(id)) return;
    const ids = this.#wanted.get(repository) ?? new Set();
    this.#wanted.set(repository, ids.add(id));
  }

  get(blob: Blob): Result<Buffer> {
    this.want(blob);
    if (!this.#read.has(blob.id)) {
      const ids = this.#wanted.get(blob.repository) ?? new Set();
      this.#wanted.delete(blob.repository);
      const read = blobsOf(blob.repository, ids);
      if (!read.ok) return read;
      for (const [id, bytes] of read.value) this.#read.set(id, bytes);
    }
    return success(this.#read.get(blob.id) as Buffer);
  }
}

/**
 * Opens a model as it was at a git revision, out of git's own store: the working tree is neither read nor touched, and
 * neither hooks nor filters nor text conversions run.
 */
export function openRevision(directory: string, revision: string): Result<ModelSource> {
  const named = namedBase(directory);
  const repository = repositoryOf(named);
  if (!repository.ok) return repository;
  const { directory: inside, top, prefix } = repository.value;
  const commit = commitOf(inside, revision, named);
  if (!commit.ok) return commit;
  const tree = openTree(inside, top, commit.value, `${prefix}${configName}`);
  if (!tree.ok) return tree;
  const { root, read } = tree.value;
  if (!("item" in follow(root, prefix))) {
    return failure([inventoryMessage("revision-without-model", { path: named, revision })]);
  }

  const base = `${revision}:${named}`;
  const shown = (path: string): string => `${base}/${path}`;
  const at = (path: string): End => follow(root, `${prefix}${path}`);
  const blobs = new Blobs(read);

  const fileTree: FileTree = {
    shown,
    entries(path) {
      const end = at(path);
      if (!("item" in end)) return failure([problemOf(end, shown(path))]);
      const items = end.item.kind === "directory" ? [...end.item.items] : [];
      const kinds = { file: "file", directory: "directory", submodule: "directory", link: "link" } as const;
      return success(items.map(([name, { kind }]): Found => ({ name, kind: kinds[kind] })));
    },
    follow(link) {
      const end = at(link);
      if ("item" in end) return success(end.item.kind);
      const leadsNowhere = end.problem === "missing" || end.problem === "loop";
      return leadsNowhere || isYaml(link) ? success("other") : failure([problemOf(end, shown(link))]);
    },
    identity(path) {
      const end = at(path);
      return "item" in end ? end.path : path;
    },
  };

  const readFile = (path: string): Result<string> => {
    const end = at(path);
    if (!("item" in end)) return failure([problemOf(end, shown(path))]);
    if (end.item.kind === "directory") {
      return failure([inventoryMessage("model-file-odd", { path: shown(path), kind: "a directory" })]);
    }
    const { size } = end.item;
    if (size > sizeLimit) {
      return failure([inventoryMessage("model-file-too-large", { path: shown(path), size, limit: sizeLimit })]);
    }
    const bytes = blobs.get(end.item);
    return bytes.ok ? textOf(bytes.value, shown(path)) : bytes;
  };

  return success({
    base,
    uri: (path) => `yaml_git://${commit.value}/${prefix}${path}`,
    config() {
      const end = at(configName);
      return "problem" in end && end.problem === "missing" ? success(undefined) : readFile(configName);
    },
    list(below) {
      const end = at(below);
      if ("problem" in end && end.problem === "missing") {
        return failure([inventoryMessage("model-directory-missing", { path: base, directory: below })]);
      }
      const files = walk(fileTree, below);
      if (!files.ok) return files;
      for (const file of files.value) {
        const item = at(`${below}/${file}`);
        if ("item" in item && item.item.kind === "file") blobs.want(item.item);
      }
      return files;
    },
    read: readFile,
  });
}
