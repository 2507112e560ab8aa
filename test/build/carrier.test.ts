/** What carries the program in images: its bytes say nothing of when, where and from which commit they were made. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { type Carrier, carryBeside, closeNode } from "../../scripts/build/carrier.ts";
import { workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const programs = join(work, "programs");
const stages = [join(work, "stage"), join(work, "another/and/longer/stage")] as const;
const [stage, other] = stages;
let carrier: Carrier;
let again: Carrier;

before(async () => {
  for (const each of stages) mkdirSync(each, { recursive: true });
  closeNode(stage);
  cpSync(join(stage, "node"), join(other, "node"));
  carrier = await carryBeside(stage, programs);
  again = await carryBeside(other, programs);
});

/** A program of one part, in the directory of the carrier with this name. */
function install(name: string, source: string): void {
  mkdirSync(join(programs, name), { recursive: true });
  writeFileSync(join(programs, name, "start.cjs"), source);
  writeFileSync(join(programs, name, "start.cache"), "no code cache");
}
const ran = (env: Readonly<Record<string, string>> = {}) =>
  spawnSync(carrier.file, ["one", "two"], { encoding: "utf8", env, cwd: work });

describe("the carrier", () => {
  test("is the same, byte for byte, when it is made in another directory", () => {
    assert.equal(again.name, carrier.name);
    assert.ok(readFileSync(again.file).equals(readFileSync(carrier.file)));
    assert.ok(!readFileSync(carrier.file).includes(stage));
  });

  test("is made once for the same Node and main script, and has another name for another place of programs", async () => {
    const made = readFileSync(carrier.file);
    assert.deepEqual(await carryBeside(stage, programs), carrier);
    assert.ok(readFileSync(carrier.file).equals(made));
    assert.notEqual((await carryBeside(other, join(work, "elsewhere"))).name, carrier.name);
  });

  test("says what is missing where there is no program, or another carrier's, with 78", () => {
    const alone = ran();
    assert.equal(alone.status, 78, alone.stderr);
    assert.match(alone.stderr, new RegExp(`^plinth: this carrier, ${carrier.name}, has no whole program in `));
    install("node-1.2.3-abc", "(function(){})");
    const strange = ran();
    assert.equal(strange.status, 78, strange.stderr);
    assert.match(strange.stderr, /has a program for the carrier node-1\.2\.3-abc, and this one is /);
    assert.match(strange.stderr, /\n {2}fix: .*build\/plinth as a whole/);
  });

  test("runs its own program, and says at debug level that a code cache does not fit", () => {
    install(carrier.name, "(function(require,load){process.stdout.write(process.argv.slice(2).join())})");
    assert.equal(ran().stdout, "one,two");
    assert.equal(ran().stderr, "");
    assert.match(ran({ PLINTH_LOG_LEVEL: "debug" }).stderr, /^plinth: the code cache of start does not fit this V8;/);
  });
});
