import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");

/** The file of an image whose text is not the same in two bakes of the same, below its context. */
const baked = "rootfs/etc/plinth/image.json";

/**
 * @param text of a baked image: its first line is what a start reads.
 * @returns it without V8's code cache of the templates, which comes out differently each time and says nothing of its own.
 */
export function withoutCodeCache(text: string): string {
  const end = text.indexOf("\n");
  const { templateCache: _, ...image } = JSON.parse(end < 0 ? text : text.slice(0, end));
  return `${JSON.stringify(image)}${end < 0 ? "" : text.slice(end)}`;
}

/**
 * @param exchange gives the contents that count for a path below `folder`, where these are not the file's own.
 * @returns a digest of all that a folder holds: names, kinds, modes, contents; no times, owners or places.
 */
export function treeDigest(
  folder: string,
  exchange: (path: string, contents: Buffer) => string | Buffer = (_, contents) => contents,
): string {
  const lines: string[] = [];
  const add = (path: string): void => {
    const full = join(folder, path);
    const status = lstatSync(full);
    const mode = (status.mode & 0o7777).toString(8);
    if (status.isDirectory()) {
      lines.push(`folder ${mode} ${path}`);
      for (const name of readdirSync(full).sort()) add(join(path, name));
    } else if (status.isSymbolicLink()) lines.push(`link ${path}\0${readlinkSync(full)}`);
    else lines.push(`file ${mode} ${path}\0${sha256(exchange(path, readFileSync(full)))}`);
  };
  for (const name of readdirSync(folder).sort()) add(name);
  return sha256(lines.join("\n"));
}

/** A digest of a context as `makeContext` leaves it: plinth itself, which is large and in many, is told by `plinthDigest`. */
export const contextDigest = (folder: string): string =>
  treeDigest(folder, (path, contents) => (path === baked ? withoutCodeCache(contents.toString()) : contents));

/** Where `make binary` leaves the parts that the program is put together from, and what puts them together. */
export type PlinthParts = {
  /** The finished tree that goes into images. */
  readonly tree: string;
  readonly stage: string;
  readonly scripts: string;
};

/**
 * @param commit that the program says it is of.
 * @returns a digest of what plinth in an image comes to. The program itself differs whenever it is made: V8's code
 *   caches do, and it holds the commit. So its parts count, without that; else every commit, and every change of the
 *   model (make makes the program anew) would build each service's image. Parts that are missing or newer than the
 *   program are not its own; then it counts as it is.
 */
export function plinthDigest({ tree, stage, scripts }: PlinthParts, commit: string | undefined): string {
  const program = join(tree, "bin/plinth");
  const names = existsSync(stage) ? readdirSync(stage).filter((name) => name === "node" || name.endsWith(".cjs")) : [];
  const made = statSync(program).mtimeMs;
  const parts = names.sort().map((name) => join(stage, name));
  const own = parts.length > 1 && commit !== undefined && parts.every((path) => statSync(path).mtimeMs <= made);
  if (!own) return treeDigest(tree);
  const digests = parts.map((path) => {
    const contents = readFileSync(path);
    return sha256(path.endsWith(".cjs") ? contents.toString("latin1").replaceAll(commit, "") : contents);
  });
  const rest = treeDigest(tree, (path, contents) => (path === "bin/plinth" ? "" : contents));
  return sha256([...digests, treeDigest(scripts), rest].join("\n"));
}

/** @returns the commit that a program says it is of. */
export function commitOf(program: string): string | undefined {
  const said = execFileSync(program, ["--version"], { encoding: "utf8" });
  return /\bcommit ([0-9a-f]+(-modified)?)\b/.exec(said)?.[1];
}

/** All that an image is built from. */
export type Inputs = {
  /** Digest of the context, the Dockerfile in it. */
  readonly context: string;
  /** Digest of the plinth that it carries. */
  readonly plinth: string | undefined;
  /** What is below it: the engine's id of that image, or its name where the engine has to fetch it. */
  readonly base: string;
  /** Build arguments and labels that say what is in the image: no mirrors, proxies and commits. */
  readonly arguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
};

/** @returns what the label `io.plinth.inputs` says: the same for the same inputs, another one for others. */
export function fingerprint({ context, plinth, base, arguments: words, labels }: Inputs): string {
  const sorted = (values: Readonly<Record<string, string>>) => Object.entries(values).sort();
  return `sha256:${sha256(JSON.stringify([context, plinth ?? null, base, sorted(words), sorted(labels)]))}`;
}
