import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Diagnostic, Result } from "../../src/diagnostics/diagnostic.ts";

/** Paths and texts of files. A path that ends with `/` is a directory, the text `-> target` makes a link. */
export type OnDisk = Readonly<Record<string, string | Buffer>>;

/** Writes these files below a directory, over what is there. */
export function writeFiles(base: string, files: OnDisk): void {
  for (const [path, text] of Object.entries(files)) {
    const place = join(base, path);
    mkdirSync(path.endsWith("/") ? place : dirname(place), { recursive: true });
    if (path.endsWith("/")) continue;
    rmSync(place, { force: true });
    if (typeof text === "string" && text.startsWith("-> ")) symlinkSync(text.slice(3), place);
    else writeFileSync(place, text);
  }
}

/** @returns a new directory with a model of these files. */
export function writeModel(work: string, files: OnDisk): string {
  const base = mkdtempSync(join(work, "model-"));
  writeFiles(base, { "nodes/": "", "classes/": "", ...files });
  return base;
}

/** Runs git with none of this machine's settings. @returns what it prints. */
export function git(directory: string, ...words: readonly string[]): string {
  const settings = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "protocol.file.allow=always"];
  return execFileSync("git", ["-C", directory, ...settings, ...words], {
    encoding: "utf8",
    env: {
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
    },
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 1e8,
  }).trim();
}

/** Writes and commits files. @returns the commit. */
export function commit(repository: string, files: OnDisk, ...removed: readonly string[]): string {
  writeFiles(repository, files);
  for (const path of removed) rmSync(join(repository, path), { recursive: true });
  git(repository, "add", "--all", "--force");
  git(repository, "commit", "--quiet", "--allow-empty", "--message", "a change");
  return git(repository, "rev-parse", "HEAD");
}

/** @returns a new repository with a first commit of these files on the branch `main`. */
export function makeRepository(work: string, files: OnDisk): string {
  const repository = mkdtempSync(join(work, "repository-"));
  git(repository, "init", "--quiet", "--initial-branch=main");
  commit(repository, files);
  return repository;
}

/** @returns what is wrong, by a result that has to be an error. */
export function refused(result: Result<unknown>): readonly Diagnostic[] {
  assert.ok(!result.ok, "an error was expected");
  return result.diagnostics;
}
