/** Node as the build changes it, by itself: what plinth's child processes (jobs, hooks of watch, git) get from it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { openElf } from "../../scripts/build/elf.ts";
import { closeDoors } from "../../scripts/build/node.ts";
import { environmentForKernel, textOf, wordsForKernel } from "../../src/host/strings.ts";
import { workFolder } from "../support/plinth.ts";

const node = join(workFolder(), "node");
const original = readFileSync(process.execPath);

before(() => {
  const bytes = Buffer.from(original);
  closeDoors(bytes);
  writeFileSync(node, bytes, { mode: 0o755 });
});

/** Runs JavaScript in it. */
const run = (script: string, options: object = {}) =>
  spawnSync(node, ["--disable-sigusr1", "-e", script], { env: { GIVEN: "yes" }, ...options });

const odd = ["A=plain", "LATIN=\xe9\xff", "HALF=\xc3", "A=twice", "NOTHING", "1=number", "\u0001MARK=="];
const bytesOf = (text: string): Buffer => Buffer.from(text, "latin1");

describe("Node as the build changes it", () => {
  test("has no environment", () => {
    assert.equal(run("console.log(JSON.stringify(process.env))").stdout.toString(), "{}\n");
  });

  test("gives a child every byte of its environment and words, and the descriptors it was given itself", () => {
    const given = environmentForKernel(odd.map((entry) => textOf(bytesOf(entry))));
    const word = "/no\xffword=";
    const files = ["/proc/self/environ", "/proc/self/cmdline", "/proc/self/fd/5"];
    const words = wordsForKernel([...files, textOf(bytesOf(word))]);
    const options = { env: given, stdio: ["ignore", "inherit", "ignore"] };
    const script = `require("node:child_process").spawnSync("/bin/cat", ${JSON.stringify(words)}, ${JSON.stringify(options)})`;
    const file = openSync("/etc/hostname", "r");
    const { stdout } = run(script, { stdio: ["ignore", "pipe", "inherit", "ignore", "ignore", file] });
    const seen = stdout.toString("latin1").split("\0");
    assert.deepEqual(seen.slice(0, odd.length), odd);
    assert.deepEqual(seen.slice(odd.length), ["/bin/cat", ...files, word, readFileSync("/etc/hostname", "latin1")]);
  });
});

test("a Node in which a call is not there, or that has no symbols, is refused", () => {
  const once = Buffer.from(original);
  closeDoors(once);
  assert.throws(() => closeDoors(once), /0 calls to [0-9a-f]+, and one was expected/);
  assert.throws(() => openElf(Buffer.alloc(4096)), /not a 64-bit ELF program/);
});
