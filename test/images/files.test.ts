import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { differences, filesOf } from "../../images/files.ts";
import { workDirectory } from "../support/plinth.ts";

/** A directory with what tar has special forms for: names over 100 and 256 characters, links, large and empty files. */
function make(contents: string): string {
  const directory = workDirectory();
  const deep = join(directory, "d".repeat(120), "e".repeat(180));
  mkdirSync(deep, { recursive: true });
  writeFileSync(join(deep, "file"), contents);
  writeFileSync(join(directory, "large"), Buffer.alloc(1_000_001, contents));
  writeFileSync(join(directory, "empty"), "");
  writeFileSync(join(directory, "grüße"), "");
  symlinkSync("large", join(directory, "link"));
  symlinkSync("x".repeat(150), join(directory, "long link"));
  return directory;
}

const archived = (directory: string, format: string) => {
  const { stdout } = spawn("tar", ["-C", directory, `--format=${format}`, "--sort=name", "-c", "."]);
  return filesOf(stdout);
};

describe("the files of an archive", () => {
  for (const format of ["gnu", "pax"]) {
    test(`in ${format}'s form: by path, with kind, mode, and digest or target; no times`, async () => {
      const directory = make("one");
      const files = await archived(directory, format);
      const deep = `./${"d".repeat(120)}/${"e".repeat(180)}/file`;
      assert.match(
        files.get(deep) ?? "",
        /^file 644 \d+:\d+ 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed$/,
      );
      assert.match(files.get("./link") ?? "", /^link 777 \d+:\d+ large$/);
      assert.match(files.get("./long link") ?? "", /^link 777 \d+:\d+ x{150}$/);
      assert.match(
        files.get("./empty") ?? "",
        /^file 644 .* e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855$/,
      );
      assert.match(files.get("./grüße") ?? "", /^file/);
      assert.equal(files.size, 9);
      utimesSync(join(directory, "empty"), 1, 1);
      assert.deepEqual(differences(files, await archived(directory, format)), []);
    });
  }

  test("differ by contents, mode and presence, each named", async () => {
    const other = make("two");
    chmodSync(join(other, "empty"), 0o600);
    writeFileSync(join(other, "new"), "");
    const found = differences(await archived(make("one"), "pax"), await archived(other, "pax"));
    const paths = found.map((line) => line.replace(/: (file|missing).*/, "").replace(/.*[de]{100}\//, ""));
    assert.deepEqual(paths.sort(), ["./empty", "./large", "./new", "file"]);
    assert.match(found.join("\n"), /^\.\/new: missing \| file 644/m);
  });
});
