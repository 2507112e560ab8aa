import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { type Diagnostic, failure, type Result, success } from "../src/diagnostics/diagnostic.ts";
import { askedOf, buildRequirements, overridesOf } from "../src/openstack/python.ts";
import { supportedRelease } from "../src/openstack/releases.ts";
import { buildMessage } from "./messages.ts";

/** One line of a lock. `hashes` are SHA-256, in hexadecimal, of the files that may be installed. */
export type Locked = { readonly name: string; readonly version: string; readonly hashes: readonly string[] };

/** What the head of a lock says that it was made from, each as text. A lock with another one is of another row. */
export type LockHead = {
  readonly asked: string;
  readonly overrides: string;
  readonly constraints: string;
  readonly python: string;
};

export type Lock = LockHead & {
  readonly packages: readonly Locked[];
  /** Names of packages without a wheel: they are built, with what build.txt locks. */
  readonly built: readonly string[];
};

/** The lock of what packages without a wheel are built with. */
export const buildLock = "build";

export const locksDirectory = "images/locks";
export const lockPath = (release: string, component: string, directory = locksDirectory): string =>
  `${directory}/${release}/${component}.txt`;
export const constraintsPath = (release: string, directory = locksDirectory): string =>
  `${directory}/${release}/upper-constraints.txt`;

/** @returns what is resolved for a lock of a release: a component's, or that of `build`. */
export const requirementsOf = (release: string, component: string): readonly string[] =>
  component === buildLock ? buildRequirements.map(({ asks }) => asks) : askedOf(component, release);

/**
 * @param constraints the text of the release's upper-constraints.
 * @returns the head that a lock of today's rows has.
 */
export function headOf(release: string, component: string, constraints: string): LockHead {
  const overridden = overridesOf(release);
  return {
    asked: requirementsOf(release, component).join(" "),
    overrides: overridden.length > 0 ? overridden.join(" ") : "none",
    constraints: `sha256:${createHash("sha256").update(constraints).digest("hex")}`,
    python: supportedRelease(release)?.sources?.pypi?.python ?? "",
  };
}

/** A lock as pip and uv read it: `name==version` with hashes, no address. */
export function lockText(release: string, component: string, { packages, built, ...head }: Lock): string {
  const lines = [
    `# ${component} of ${release}, by: make lock VERSION=${release}. What is asked for stands in src/openstack/python.ts.`,
    ...Object.entries({ ...head, built: built.length > 0 ? built.join(" ") : "none" }).map(
      ([key, value]) => `# ${key}: ${value}`,
    ),
    ...packages.map(({ name, version, hashes }) =>
      [`${name}==${version}`, ...hashes.map((hash) => `    --hash=sha256:${hash}`)].join(" \\\n"),
    ),
  ];
  return `${lines.join("\n")}\n`;
}

const headLine = /^# (asked|overrides|constraints|python|built): (.*)$/;
const packageLine = /^([a-z0-9][a-z0-9.-]*)==([\w.!+-]+)((?: --hash=sha256:[0-9a-f]{64})+)$/;

/** @returns the lock of a text, or the first line that is none of a lock: of a package without a hash, for instance. */
export function parseLock(text: string): Lock | { readonly wrong: string } {
  const head = new Map<string, string>();
  const packages: Locked[] = [];
  for (const line of text.replace(/ *\\\n */g, " ").split("\n")) {
    const [, key, value] = headLine.exec(line) ?? [];
    if (key !== undefined && value !== undefined) head.set(key, value);
    if (line.startsWith("#") || line === "") continue;
    const [, name, version, hashes] = packageLine.exec(line) ?? [];
    if (name === undefined || version === undefined || hashes === undefined) return { wrong: line.slice(0, 80) };
    packages.push({ name, version, hashes: hashes.match(/[0-9a-f]{64}/g) ?? [] });
  }
  const [asked, overrides, constraints, python, built] = ["asked", "overrides", "constraints", "python", "built"].map(
    (key) => head.get(key) ?? "",
  ) as [string, string, string, string, string];
  return { asked, overrides, constraints, python, packages, built: built === "none" ? [] : built.split(" ") };
}

/**
 * Reads the lock of a component, or that of `build`.
 *
 * @returns its text, and what it says; a mistake where there is none, where a line is not exact, or where it was made from
 *   other rows or constraints than those of today.
 */
export function readLock(
  release: string,
  component: string,
  directory = locksDirectory,
): Result<{ readonly text: string; readonly lock: Lock }> {
  const path = lockPath(release, component, directory);
  const wrong = (diagnostic: Diagnostic) => failure([diagnostic]);
  const constraints = constraintsPath(release, directory);
  if (!existsSync(path) || !existsSync(constraints)) {
    return wrong(buildMessage("lock-missing", { release, component, path }));
  }
  const text = readFileSync(path, "utf8");
  const lock = parseLock(text);
  if ("wrong" in lock) return wrong(buildMessage("lock-line-wrong", { path, line: lock.wrong }));
  const head = headOf(release, component, readFileSync(constraints, "utf8"));
  const changed = (Object.keys(head) as (keyof LockHead)[]).filter((key) => head[key] !== lock[key]);
  if (changed.length > 0) return wrong(buildMessage("lock-older", { release, component, path, changed }));
  return success({ text, lock });
}
