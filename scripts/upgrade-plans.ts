import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

/** The examples in docs/upgrade: `make golden` writes them, and a test compares them with what the binary says. */
export const examples: readonly (readonly [from: string, to: string, file: string, ...more: string[]])[] = [
  ["kilo", "liberty", "docs/upgrade/kilo-liberty.txt"],
  ["2025.1", "2026.1", "docs/upgrade/2025.1-2026.1.txt"],
  ["2025.1", "2026.1", "docs/upgrade/2025.1-2026.1-kubernetes.txt", "--kubernetes"],
];

/** The words of an example, for the project's own model. */
export const wordsOf = (from: string, to: string, more: readonly string[]): readonly string[] => [
  ...["upgrade", "plan", "--model", "model", "--templates", "config-templates", "--from", from, "--to", to, ...more],
];

if (import.meta.main) {
  for (const [from, to, file, ...more] of examples) {
    const words = ["src/main.ts", ...wordsOf(from, to, more)];
    writeFileSync(
      file,
      execFileSync(process.execPath, words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
    );
  }
}
