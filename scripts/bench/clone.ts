import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Copies a model, each of its nodes written `copies` times. Links are followed, since the system classes of public models are
 * submodules that a link leads to.
 */
export function multiplyNodes(model: string, directory: string, copies: number): void {
  cpSync(model, directory, { recursive: true, dereference: true, filter: (path) => !/\/\.git(\/|$)/.test(path) });
  const nodes = join(directory, "nodes");
  for (const path of readdirSync(nodes, { recursive: true, encoding: "utf8" })) {
    if (!/\.ya?ml$/.test(path)) continue;
    const text = readFileSync(join(nodes, path), "utf8");
    // The first label of a name such as ctl01.mk22-lab.local counts.
    for (let copy = 1; copy < copies; copy++) {
      writeFileSync(join(nodes, path.replace(/^((?:.*\/)?[^./]+)/, `$1-${copy}`)), text);
    }
  }
}
