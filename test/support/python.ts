import { spawnSync } from "node:child_process";

/** Debian's own interpreter: the one whose packages (python3-oslo.config, ...) are the judges. */
const interpreter = "/usr/bin/python3";

/** Where a module is that has no package of the name python3-MODULE. */
const packages: Readonly<Record<string, string>> = {
  ast: "python3",
  pty: "python3",
  ovs: "python3-openvswitch",
  "ctypes; ctypes.CDLL('libvirt.so.0')": "python3 libvirt0",
};

/** @returns a reason to skip a test, where the judge's packages are not installed. */
export function missingPython(...modules: readonly string[]): string | false {
  const found = spawnSync(interpreter, ["-c", modules.map((module) => `import ${module}`).join("\n")]);
  if (found.status === 0) return false;
  const names = modules.map((module) => packages[module] ?? `python3-${module.replaceAll("_", ".")}`);
  return `needs ${interpreter} with ${modules.join(", ")}: apt-get install ${names.join(" ")}`;
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
