import { spawnSync } from "node:child_process";

/** The program, as `plinth secrets` takes it: KUBECTL, or what PATH has. */
const kubectl = process.env["KUBECTL"] || "kubectl";

/** A reason to skip what kubectl judges, where it is not installed: Debian has no current one. */
export const withoutKubectl = (): string | false =>
  spawnSync(kubectl, ["version", "--client"]).status === 0
    ? false
    : "needs kubectl: https://kubernetes.io/docs/tasks/tools/, or KUBECTL=its path";

/** @returns what `kubectl kustomize` makes of a directory. Throws with what it said. */
export function kustomize(directory: string): string {
  const { status, stdout, stderr } = spawnSync(kubectl, ["kustomize", directory], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`kubectl kustomize ${directory}: ${stderr}`);
  return stdout;
}
