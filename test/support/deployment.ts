import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A repository of a deployment's own, made from the project's model as docs/model.md says. */
export type Deployment = {
  readonly directory: string;
  readonly git: (...words: string[]) => string;
  /** Replaces a text that stands in a file. */
  readonly edit: (file: string, from: string, to: string) => void;
};

/** What an operator changes. */
export const parameterFile = "classes/cluster/example.yml";

/** Says a parameter otherwise, by its one line in a model. Throws where there is none. */
export function setLine(model: string, parameter: string, value: string): void {
  const path = join(model, parameterFile);
  const before = readFileSync(path, "utf8");
  const after = before.replace(new RegExp(`^( +${parameter}: ).*$`, "m"), `$1${value}`);
  if (after === before && !before.includes(`${parameter}: ${value}`)) throw new Error(`the model has no ${parameter}`);
  writeFileSync(path, after);
}

export function makeDeployment(directory: string): Deployment {
  cpSync("model", directory, { recursive: true });
  const git = (...words: string[]): string => {
    const identity = ["-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    const { status, stdout, stderr } = spawnSync("git", ["-C", directory, ...identity, ...words], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    return stdout.trim();
  };
  git("init", "--quiet", "--initial-branch", "main");
  git("add", "--all");
  git("commit", "--quiet", "--message", "The deployment");
  return {
    directory,
    git,
    edit(file, from, to) {
      const path = join(directory, file);
      const text = readFileSync(path, "utf8");
      assert.ok(text.includes(from), `${file} has no ${from}`);
      writeFileSync(path, text.replace(from, to));
    },
  };
}
