import { spawnSync } from "node:child_process";

/** Debian's own interpreter: the one whose packages (python3-oslo.config, ...) are the judges. */
const interpreter = "/usr/bin/python3";

/** @returns a reason to skip a test, where the judge's packages are not installed. */
export function missingPython(...modules: readonly string[]): string | false {
  const found = spawnSync(interpreter, ["-c", modules.map((module) => `import ${module}`).join("\n")]);
  return found.status === 0 ? false : `needs ${interpreter} with ${modules.join(", ")}`;
}

/** Runs a judge (a script beside the test) on JSON and gives what it answers. */
export function judge<Answer>(script: URL, question: unknown): Answer {
  const run = spawnSync(interpreter, ["-W", "ignore", script.pathname], {
    input: JSON.stringify(question),
    encoding: "utf8",
    maxBuffer: 256 << 20,
  });
  if (run.status !== 0) throw new Error(`${script.pathname}: ${run.stderr}`);
  return JSON.parse(run.stdout) as Answer;
}
