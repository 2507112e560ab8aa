import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Block } from "./blocks.ts";
import { openSession } from "./session.ts";

const directory = mkdtempSync(join(tmpdir(), "plinth-session-test-"));
after(() => rmSync(directory, { recursive: true, force: true }));

const block = (text: string, language = "sh"): Block => ({
  page: "page.md",
  line: 10,
  language,
  text,
  notRun: undefined,
  needs: undefined,
});

/** What each of some blocks comes to in one session. */
async function outcomes(...blocks: readonly Block[]) {
  const session = openSession(directory, process.env, 20_000);
  try {
    const all = [];
    for (const one of blocks) all.push(await session.run(one));
    return all;
  } finally {
    session.close();
  }
}

describe("a session", () => {
  test("goes on from block to block: directories, variables and functions stay", async () => {
    const all = await outcomes(
      block('mkdir -p sub\ncd sub\nexport WORD=well\ngreet() { echo "$1"; }\n'),
      block('[ "$(basename "$PWD")" = sub ]\n[ "$(greet "$WORD")" = well ]\nsh -c \'[ "$WORD" = well ]\'\n'),
    );
    assert.deepEqual(all, [undefined, undefined]);
  });

  test("a command that fails is reported with its line, its status and its output, and ends the page", async () => {
    const [first, second] = await outcomes(
      block("true\necho to be seen\nsh -c 'echo why >&2; exit 3'\necho not reached\n"),
      block("true\n"),
    );
    assert.equal(
      first,
      "page.md:12: `sh -c 'echo why >&2; exit 3'` ended with 3; the end of its output:\nto be seen\nwhy",
    );
    assert.match(second ?? "", /^page\.md:10: not reached/);
  });

  for (const [what, text, line] of [
    ["the first part of a pipeline", "true\nfalse | cat\n", 11],
    ["a command in a function", "fails() {\n  false\n}\nfails\n", 11],
    ["a command in a subshell", "true\n(cd /; false)\n", 11],
    ["a command that does not exist", "no-such-command-of-plinth\n", 10],
    ["a word that is left for the reader to fill in", "ls HOST/...\n", 10],
  ] as const) {
    test(`${what} that fails, fails`, async () => {
      const [outcome] = await outcomes(block(text));
      assert.match(outcome ?? "", new RegExp(`^page\\.md:${line}: .* ended with \\d+; the end of its output`));
    });
  }

  test("a block that is not shell, or exits the shell, fails", async () => {
    for (const text of ["if true; then\n", "exit 0\n", "kill -9 $$\n"]) {
      const [outcome] = await outcomes(block(text));
      assert.match(outcome ?? "", /^page\.md:10: .*ended/, text);
    }
  });

  test("a command that a page expects to fail may fail", async () => {
    assert.deepEqual(await outcomes(block("false || echo $?\n! false\nif false; then :; fi\n")), [undefined]);
  });

  test("a console prints what the page shows", async () => {
    const shown = '$ echo one; echo two\none\n...\n$ true\n$ false || echo "status $?"\nstatus ...\n';
    assert.deepEqual(await outcomes(block(shown, "console")), [undefined]);
    const [wrong] = await outcomes(block("$ true\n$ echo two\none\n", "console"));
    assert.match(wrong ?? "", /^page\.md:11: `echo two` does not print what the page shows:\none\nbut:\ntwo$/);
  });

  test("a command has no standard input, and one that hangs is killed", async () => {
    const session = openSession(directory, process.env, 1000);
    try {
      assert.equal(await session.run(block("cat\nread -r line || true\n")), undefined);
      assert.match((await session.run(block("sleep 60\n"))) ?? "", /no end after 1 s/);
    } finally {
      session.close();
    }
  });

  test("background processes of a page end with it", async () => {
    const session = openSession(directory, process.env);
    assert.equal(await session.run(block("sleep 4242.4242 &\n")), undefined);
    session.close();
    await sleep(200);
    assert.equal(spawnSync("pgrep", ["-f", "sleep 4242.4242"]).status, 1);
  });
});
