/** What makes the program run in any image, tried with Node itself: no program but the build's own changes it. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { before, describe, test } from "node:test";
import { closeDoors } from "../../scripts/build/node.ts";
import { relocate } from "../../scripts/build/relocation.ts";
import { withoutSymbols } from "../../scripts/build/symbols.ts";
import { workDirectory } from "../support/plinth.ts";

const directory = workDirectory();
const original = readFileSync(process.execPath);
const needed = execFileSync("ldd", [process.execPath], { encoding: "utf8" })
  .split("\n")
  .flatMap((line) => /(?:=> )?(\/\S+) \(0x/.exec(line)?.[1] ?? []);
const loader = needed.map((path) => basename(path)).find((name) => name.startsWith("ld-linux")) ?? "";
const closed = Buffer.from(original);
const room = closeDoors(closed);
const small = withoutSymbols(closed);
const program = join(directory, "bin/node");

before(() => {
  mkdirSync(join(directory, "bin"));
  mkdirSync(join(directory, "lib"));
  for (const path of needed) copyFileSync(realpathSync(path), join(directory, "lib", basename(path)));
  const relocated = Buffer.from(small);
  relocate(relocated, room, { loader: join(directory, "lib", loader), libraries: "$ORIGIN/../lib" });
  writeFileSync(program, relocated, { mode: 0o755 });
});

/** The libraries that a program has in memory, where LD_LIBRARY_PATH names those of the machine. */
function mapped(file: string): readonly string[] {
  const script = 'console.log(require("node:fs").readFileSync("/proc/self/maps", "utf8"))';
  const env = { LD_LIBRARY_PATH: "/lib/x86_64-linux-gnu:/lib/aarch64-linux-gnu:/lib64" };
  const { stdout } = spawnSync(file, ["-e", script], { encoding: "utf8", env });
  return [...new Set(stdout.match(/\/\S+\.so[.\d]*$/gm) ?? [])].sort();
}

describe("a relocated program", () => {
  test("is loaded by its own loader, with its own libraries, LD_LIBRARY_PATH or not", () => {
    const own = mapped(program);
    assert.ok(own.length >= 4, own.join());
    for (const path of own) assert.ok(path.startsWith(realpathSync(directory)), path);
    assert.ok(own.some((path) => basename(path) === loader));
    assert.ok(mapped(process.execPath).every((path) => !path.startsWith(realpathSync(directory))));
  });

  test("is the same file but for a few entries and the two paths", () => {
    const bytes = readFileSync(program);
    assert.equal(bytes.length, small.length);
    assert.ok(bytes.reduce((sum, byte, at) => sum + (byte === small[at] ? 0 : 1), 0) < 400);
  });

  test("is refused where there is no room, or where it is relocated already", () => {
    const paths = { loader: `/opt/${"long/".repeat(20)}ld.so`, libraries: "$ORIGIN/../lib" };
    assert.throws(() => relocate(Buffer.from(small), { ...room, size: 40 }, paths), /no room for the paths/);
    const once = Buffer.from(small);
    relocate(once, room, paths);
    assert.throws(() => relocate(once, room, paths), /has no entry 6ffffffb/);
    assert.throws(() => relocate(Buffer.alloc(4096), room, paths), /not a 64-bit ELF program/);
  });
});

test("a program without its symbols is 15 MB smaller, and runs", () => {
  const file = join(directory, "small");
  writeFileSync(file, small, { mode: 0o755 });
  assert.ok(original.length - statSync(file).size > 15e6);
  assert.equal(spawnSync(file, ["-p", "6 * 7"], { encoding: "utf8" }).stdout, "42\n");
});
