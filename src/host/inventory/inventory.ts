import {
  closeSync,
  constants,
  type Dirent,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from "node:fs";
import { resolve } from "node:path";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { ModelSource } from "../../model/source.ts";
import { reasonOf } from "../process/accounts.ts";
import { inventoryMessage } from "./inventory-messages.ts";
import { sizeLimit, textOf } from "./inventory-text.ts";
import { type FileTree, type Found, walk } from "./inventory-walk.ts";

/** The settings of a model, beside its directories. */
export const configName = "reclass-config.yml";

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** What says that a link, or a path, leads nowhere. */
const leadsNowhere: ReadonlySet<string | undefined> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

/** @returns the model's directory as messages name it: as the user did, without what changes nothing. */
export const namedBase = (base: string): string => base.replace(/(?<=.)\/+$/, "");

const kindOf = (entry: Dirent | Stats): Found["kind"] | "link" => {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "directory";
  return entry.isSymbolicLink() ? "link" : "other";
};

function oddKind(stats: Stats): string {
  if (stats.isDirectory()) return "a directory";
  if (stats.isFIFO()) return "a named pipe";
  return stats.isSocket() ? "a socket" : "a device";
}

/** A name that is no UTF-8 comes with replacement characters, by which nothing can be opened. */
const mayBeNameless = ({ name }: Dirent): boolean => name.includes("\ufffd");
const isNameless = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) === undefined;

/** @returns where a link leads; undefined for what is none. */
function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** What keeps a file from being read: the file, or the link to it. */
function unreadable(path: string, named: string, error: unknown): Result<never> {
  const target = linkTarget(path);
  const reason = reasonOf(error);
  if (target === undefined) return failure([inventoryMessage("model-file-unreadable", { path: named, reason })]);
  return failure([inventoryMessage("model-link-broken", { path: named, target, reason })]);
}

const fileTreeOf = (base: string): FileTree => {
  const at = (path: string): string => resolve(base, path);
  const shown = (path: string): string => `${base}/${path}`;
  return {
    shown,
    entries(directory) {
      try {
        const entries = readdirSync(at(directory), { withFileTypes: true });
        const nameless = entries.filter(mayBeNameless).filter(({ name }) => isNameless(at(`${directory}/${name}`)));
        if (nameless.length > 0) {
          const paths = nameless.map(({ name }) => shown(`${directory}/${name}`));
          return failure(paths.map((path) => inventoryMessage("model-name-not-utf8", { path })));
        }
        return success(entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) })));
      } catch (error) {
        const reason = reasonOf(error);
        return failure([inventoryMessage("model-directory-unreadable", { path: shown(directory), reason })]);
      }
    },
    follow(link) {
      try {
        const kind = kindOf(statSync(at(link)));
        return success(kind === "link" ? "other" : kind);
      } catch (error) {
        if (leadsNowhere.has(codeOf(error))) return success("other");
        return unreadable(at(link), shown(link), error);
      }
    },
    identity(directory) {
      try {
        const stats = statSync(at(directory));
        return `${stats.dev}:${stats.ino}`;
      } catch {
        // Gone, shut, or behind too many links: what is read of it says so.
        return at(directory);
      }
    },
  };
};

/** Reads no more than a file may have: what /proc shows as a file has no size and need not end. */
function readWhole(descriptor: number, size: number): Uint8Array {
  let bytes = Buffer.allocUnsafe(Math.min(size, sizeLimit) + 1);
  let length = 0;
  for (;;) {
    const read = readSync(descriptor, bytes, length, bytes.length - length, null);
    length += read;
    if (read === 0 || length > sizeLimit) return bytes.subarray(0, length);
    if (length < bytes.length) continue;
    const larger = Buffer.allocUnsafe(Math.min(2 * length, sizeLimit) + 1);
    bytes.copy(larger);
    bytes = larger;
  }
}

function readFile(path: string, named: string): Result<string> {
  let descriptor: number | undefined;
  try {
    // Looked at first: to open a named pipe is to wait for its writer, and to open a device may do things.
    const stats = statSync(path);
    if (!stats.isFile()) return failure([inventoryMessage("model-file-odd", { path: named, kind: oddKind(stats) })]);
    const text = stats.size > 0 && stats.size <= sizeLimit ? readFileSync(path, "utf8") : undefined;
    // In one call what nearly every file is; one that is no UTF-8 is read again to say where.
    if (text !== undefined && !text.includes("\ufffd")) return success(text.replace(/^\ufeff/, ""));
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    const { size } = fstatSync(descriptor);
    const bytes = size > sizeLimit ? undefined : readWhole(descriptor, size);
    if (bytes !== undefined && bytes.length <= sizeLimit) return textOf(bytes, named);
    const large = { path: named, size: Math.max(size, sizeLimit + 1), limit: sizeLimit };
    return failure([inventoryMessage("model-file-too-large", large)]);
  } catch (error) {
    return unreadable(path, named, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Opens the model in a directory. Links are followed, as reclass follows them; nothing is read yet. */
export function openDirectory(directory: string): Result<ModelSource> {
  const base = namedBase(directory);
  const tree = fileTreeOf(base);
  const notThere = (reason: string) => failure([inventoryMessage("model-not-there", { path: base, reason })]);
  try {
    if (!statSync(base).isDirectory()) return notThere("it is no directory");
  } catch (error) {
    return notThere(reasonOf(error));
  }
  const isThere = (path: string): boolean => {
    const end = tree.follow(path);
    return !end.ok || end.value === "directory";
  };
  return success({
    base,
    uri: (path) => `yaml_fs://${resolve(base, path)}`,
    config() {
      const path = resolve(base, configName);
      return lstatSync(path, { throwIfNoEntry: false }) ? readFile(path, `${base}/${configName}`) : success(undefined);
    },
    list(below) {
      if (isThere(below)) return walk(tree, below);
      return failure([inventoryMessage("model-directory-missing", { path: base, directory: below })]);
    },
    read: (path) => readFile(`${base}/${path}`, `${base}/${path}`),
  });
}
