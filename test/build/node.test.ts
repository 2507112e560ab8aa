/** Node as the build changes it, by itself: what plinth's child processes (jobs, hooks of watch, git) get from it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { Script } from "node:vm";
import { openElf } from "../../scripts/build/elf.ts";
import { closeDoors } from "../../scripts/build/node.ts";
import { shortenStart } from "../../scripts/build/v8.ts";
import { environmentForKernel, textOf, wordsForKernel } from "../../src/host/strings.ts";
import { workDirectory } from "../support/plinth.ts";

const node = join(workDirectory(), "node");
const original = readFileSync(process.execPath);

before(() => {
  const bytes = Buffer.from(original);
  closeDoors(bytes);
  shortenStart(bytes, process.versions.v8);
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

  test("compiles Node's own modules from Node's code cache, as an unchanged Node does", () => {
    const script = `const { internalBinding } = require("internal/test/binding"); require("node:http2");
      console.log(JSON.stringify(internalBinding("builtins").getCacheUsage()))`;
    const usage = (program: string): unknown => {
      const { stdout } = spawnSync(program, ["--expose-internals", "--no-warnings", "-e", script], {
        encoding: "utf8",
      });
      return JSON.parse(stdout);
    };
    assert.deepEqual(usage(node), usage(process.execPath));
  });

  test("accepts a code cache of an unchanged Node", () => {
    const cached = new Script("1 + 1").createCachedData().toString("base64");
    const options = `{ cachedData: Buffer.from("${cached}", "base64") }`;
    const { stdout } = run(`console.log(new (require("node:vm").Script)("1 + 1", ${options}).cachedDataRejected)`);
    assert.equal(stdout.toString(), "false\n");
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

test("a Node of another V8, or one that was changed already, is refused", () => {
  const once = Buffer.from(original);
  assert.throws(() => shortenStart(once, "1.2.3"), /no snapshot of V8 1\.2\.3/);
  shortenStart(once, process.versions.v8);
  assert.throws(() => shortenStart(once, process.versions.v8), /has a header that is not known/);
});
