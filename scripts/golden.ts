/**
 * Writes test/golden anew: every file of every image and release, as the fixtures' nodes render it. What changed shows
 * in `git diff`; test/render/golden.test.ts holds that the folder is up to date. Writes the second deployment's compose project, too,
 * which test/deployment/second.test.ts compares.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goldenFiles, goldenFolder } from "../test/support/golden.ts";
import { deploymentIn, makeSecondModel, secondCompose, secondText } from "../test/support/second.ts";

const files = goldenFiles();
rmSync(goldenFolder, { recursive: true, force: true });
for (const [path, text] of files) {
  const file = new URL(path, goldenFolder);
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(file, text);
}
const model = mkdtempSync(join(tmpdir(), "plinth-golden-"));
makeSecondModel(model);
writeFileSync(secondCompose, secondText(deploymentIn(model)));
rmSync(model, { recursive: true });
process.stdout.write(`${files.size} golden files in ${goldenFolder.pathname}\n`);
