/**
 * Writes test/golden anew: every file of every image and release, as the fixtures' nodes render it. What changed shows
 * in `git diff`; test/render/golden.test.ts holds that the folder is up to date.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { goldenFiles, goldenFolder } from "../test/support/golden.ts";

const files = goldenFiles();
rmSync(goldenFolder, { recursive: true, force: true });
for (const [path, text] of files) {
  const file = new URL(path, goldenFolder);
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(file, text);
}
process.stdout.write(`${files.size} golden files in ${goldenFolder.pathname}\n`);
