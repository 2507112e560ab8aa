/**
 * Writes test/golden again: every file of every image and release, as the fixtures' nodes render it. What changed shows
 * in `git diff`; test/render/golden.test.ts holds that the directory is up to date. Writes the second deployment's compose project, too,
 * which test/deployment/second.test.ts compares, and the table of secrets in docs/secrets.md.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { goldenDirectory, goldenFiles } from "../test/support/golden.ts";
import { withRotations } from "../test/support/rotations.ts";
import { deploymentIn, makeSecondModel, secondCompose, secondText } from "../test/support/second.ts";

const files = goldenFiles();
rmSync(goldenDirectory, { recursive: true, force: true });
for (const [path, text] of files) {
  const file = new URL(path, goldenDirectory);
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(file, text);
}
const model = mkdtempSync(join(tmpdir(), "plinth-golden-"));
makeSecondModel(model);
writeFileSync(secondCompose, secondText(deploymentIn(model)));
rmSync(model, { recursive: true });
writeFileSync("docs/secrets.md", withRotations(readFileSync("docs/secrets.md", "utf8")));
process.stdout.write(`${files.size} golden files in ${goldenDirectory.pathname}\n`);
