import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { type Half, halves } from "./plinth.ts";

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
 * @param exchange gives the contents that count for a path below `directory`, where these are not the file's own.
 * @param leftOut tells the paths that do not count, with all below them.
 * @returns a digest of all that a directory holds: names, kinds, modes, contents; no times, owners or places.
 */
export function treeDigest(
  directory: string,
  exchange: (path: string, contents: Buffer) => string | Buffer = (_, contents) => contents,
  leftOut: (path: string) => boolean = () => false,
): string {
  const lines: string[] = [];
  const add = (path: string): void => {
    if (leftOut(path)) return;
    const full = join(directory, path);
    const status = lstatSync(full);
    const mode = (status.mode & 0o7777).toString(8);
    if (status.isDirectory()) {
      lines.push(`directory ${mode} ${path}`);
      for (const name of readdirSync(full).sort()) add(join(path, name));
    } else if (status.isSymbolicLink()) lines.push(`link ${path}\0${readlinkSync(full)}`);
    else lines.push(`file ${mode} ${path}\0${sha256(exchange(path, readFileSync(full)))}`);
  };
  for (const name of readdirSync(directory).sort()) add(name);
  return sha256(lines.join("\n"));
}

/** A digest of a context as `makeContext` leaves it: plinth itself, which is large and in many, is told by `plinthDigest`. */
export const contextDigest = (directory: string): string =>
  treeDigest(directory, (path, contents) => (path === baked ? withoutCodeCache(contents.toString()) : contents));

/**
 * What of plinth's tree no image carries: the lists of options, which are for who bakes. A start reads none of their megabytes, and a new
 * list rebuilds no image.
 */
export const isLeftOut = (path: string): boolean => path === "share/config-templates/options";

/** What `make binary` leaves for images, and what puts it together. */
export type PlinthTree = { readonly tree: string; readonly scripts: string };

/**
 * @param commit that the program says it is of.
 * @returns a digest of what a half of plinth in an image comes to. The carrier counts as it is: it is the same whenever it is made. The
 *   program is not: V8's code caches differ each time, and it holds the commit. So it counts without these, and with what makes the
 *   caches; else every commit, and every change of the model (make rebuilds the program) would build each service's image.
 */
export function plinthDigest(half: Half, { tree, scripts }: PlinthTree, commit: string | undefined): string {
  const steady = (path: string, contents: Buffer): string | Buffer => {
    if (path.endsWith(".cache")) return "";
    return path.endsWith(".cjs") && commit ? contents.toString("latin1").replaceAll(commit, "") : contents;
  };
  const exchange = half === "program" ? steady : undefined;
  const digests = halves[half].map((name) =>
    treeDigest(join(tree, name), exchange, (path) => isLeftOut(join(name, path))),
  );
  return sha256([...digests, half === "program" ? treeDigest(scripts) : ""].join("\n"));
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
  /** Digests of what it adds of plinth; empty where that is nothing. */
  readonly plinth: string;
  /** What is below it: the engine's id of that image, or its name where the engine has to fetch it. */
  readonly base: string;
  /** Build arguments and labels that say what is in the image: no mirrors, proxies and commits. */
  readonly arguments: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
};

/** @returns what the label `io.plinth.inputs` says: the same for the same inputs, another one for others. */
export function fingerprint({ context, plinth, base, arguments: words, labels }: Inputs): string {
  const sorted = (values: Readonly<Record<string, string>>) => Object.entries(values).sort();
  return `sha256:${sha256(JSON.stringify([context, plinth, base, sorted(words), sorted(labels)]))}`;
}
