/**
 * Lints what the compiler does not see (make lint): shell scripts by shellcheck, Dockerfiles by hadolint, workflows by
 * actionlint. Exit status: 0; 1 where one of them has something to say.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const filesBelow = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());

const isShell = (path: string): boolean => /^#!.*\b(ba|da)?sh\b/.test(readFileSync(path, "latin1").slice(0, 80));

/** @returns whether a program has nothing to say of these files. */
function isClean(program: string, words: readonly string[], files: readonly string[]): boolean {
  const { status, error } = spawnSync(program, [...words, ...files], { stdio: "inherit" });
  if (error) throw error;
  return status === 0;
}

const files = [".ci", "images", "scripts"].flatMap(filesBelow);
const shell = files.filter(isShell);
const dockerfiles = files.filter((path) => path.endsWith("/Dockerfile"));
const workflows = filesBelow(".github/workflows");

const clean = [
  // Below a warning it asks for quotes, also where words are to be split.
  isClean("shellcheck", ["--external-sources", "--severity=warning"], shell),
  isClean("build/lint/bin/hadolint", ["--config", "scripts/lint/hadolint.yaml"], dockerfiles),
  // Its own calls of shellcheck would read the scripts of steps without what a workflow gives them.
  isClean("build/lint/bin/actionlint", ["-shellcheck="], workflows),
];
if (!clean.every(Boolean)) process.exit(1);
console.log(
  `${shell.length} shell scripts, ${dockerfiles.length} Dockerfiles, ${workflows.length} workflows: nothing to mend`,
);
