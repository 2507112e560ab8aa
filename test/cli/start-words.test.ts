import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArgs } from "node:util";
import { startOptions } from "../../src/cli/start.ts";
import { parseStart } from "../../src/cli/start-words.ts";

/** What node:util makes of the words; undefined where it refuses them, or where there are two services. */
function judge(words: readonly string[]): unknown {
  const end = words.indexOf("--");
  try {
    const { values, positionals } = parseArgs({
      args: end < 0 ? [...words] : words.slice(0, end),
      options: Object.fromEntries(Object.entries(startOptions).map(([name, { type }]) => [name, { type }])),
      allowPositionals: true,
      allowNegative: true,
    });
    if (positionals.length > 1) return undefined;
    return { wait: true, ...values, _: positionals, "--": end < 0 ? [] : words.slice(end + 1) };
  } catch {
    return undefined;
  }
}

const pieces = [
  ..."conductor|-|--|-x|-5|---|--=|--image|--image=/a=b|--image=|--root|/tmp/root|--no-wait|--wait|--wait=true|--no-wait=1".split(
    "|",
  ),
  ..."--keep-secrets|--no-keep-secrets|--no-image|--no-|--timeout|10|--timeout=-1|--user|0:0|--help|--Image|--toString|--constructor=1".split(
    "|",
  ),
  "",
  "--image=two\nlines",
  "--no-no-wait",
  "--waitt",
];

test("the words after start are read as node:util reads them, in every order of up to three", () => {
  const texts = (count: number): string[][] =>
    count === 0 ? [[]] : texts(count - 1).flatMap((before) => pieces.map((piece) => [...before, piece]));
  let read = 0;
  for (const words of [0, 1, 2, 3].flatMap(texts)) {
    const own = parseStart(words);
    assert.deepEqual({ ...own }, { ...(judge(words) as object) }, JSON.stringify(words));
    assert.equal(own === undefined, judge(words) === undefined, JSON.stringify(words));
    if (own) read++;
  }
  assert.ok(read > 1000, `${read} read`);
});
