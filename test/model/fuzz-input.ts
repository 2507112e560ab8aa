import type { Files } from "../support/model.ts";
import { random } from "../support/random.ts";
import { readCases } from "./case.ts";
import { randomInventory } from "./random-inventory.ts";
import { filesOf } from "./tree.ts";

/** What a reader of YAML, of references or of JavaScript's own objects might stumble over. */
const nasty: readonly string[] = [
  ..."${ $[ } ] ~ = << \\ \\\\ : - ? # & * ! | > % @ ` ' \" { } [ ] , \t \r \r\n \0 \ufeff \u2028 \u0085 \ud800 🙂 é".split(
    " ",
  ),
  ..."&a *a &a[*a] !!binary !!set !!omap !!str !!int !!float !!timestamp !x !<x> --- ... %YAML __proto__ constructor".split(
    " ",
  ),
  ..."toString hasOwnProperty null ~ true .inf .nan 0x 0b1 1e999 -.inf 1:60:60 2001-01-01 99999999999999999999 010 08".split(
    " ",
  ),
  ..."${a} ${a:b} ${a:${b}} ${${a}} ${} ${_reclass_} ${__proto__} ${l:0:x} $[exports:a] +AllEnvs == != self: and or".split(
    " ",
  ),
  "<<: *a",
  "~~k: 1",
  "=~k: 1",
  "'': 1",
  "? [a]\n: b",
  "- - - -",
  "$[ if exports:a == 1 ]",
  "$[ exports:a if self:b != x and exports:c == .5 ]",
  "[".repeat(400),
  "{a: ".repeat(400),
  "- ".repeat(400),
  "${".repeat(400),
  "${a:".repeat(200) + "}".repeat(200),
  "\\".repeat(999),
  "~".repeat(400),
  ".".repeat(400),
  "x".repeat(5000),
  "9".repeat(5000),
  `1.${"0".repeat(400)}`,
  " ".repeat(3000),
  "\n".repeat(2000),
  "a: &b [*b, *b]\n",
  "\n  ",
  "\n    - ",
];

const tables: readonly Files[] = readCases().map(({ files }) => files);

/** @returns a valid inventory that was damaged in one or more places, and the node to compile. */
export function damagedInventory(seed: number): { readonly files: Files; readonly node: string } {
  const { below, pick } = random(seed);
  const whole = below(4) === 0 ? randomFiles(seed) : pick(tables);
  const files: Record<string, string> = { ...whole };
  for (let damage = 1 + below(4); damage > 0; damage--) {
    const path = pick(Object.keys(files));
    files[path] = damaged(files[path] as string);
  }
  const nodes = Object.keys(files).flatMap((path) => /^nodes\/(?:.*\/)?([^/]+)\.ya?ml$/.exec(path)?.[1] ?? []);
  return { files, node: nodes.length > 0 ? pick(nodes) : "n1" };

  function damaged(text: string): string {
    const from = below(text.length + 1);
    const to = Math.min(text.length, from + below(8));
    const lines = text.split("\n");
    const line = below(lines.length);
    switch (below(11)) {
      case 0:
        return text.slice(0, from) + text.slice(to);
      case 1:
        return text.slice(0, from) + String.fromCharCode(below(pick([128, 256, 65536]))) + text.slice(to);
      case 2:
        return lines.toSpliced(line, 1).join("\n");
      case 3:
        return lines.toSpliced(line, 0, lines[below(lines.length)] as string).join("\n");
      case 4:
        return lines.with(line, `${" ".repeat(below(5))}${(lines[line] as string).trimStart()}`).join("\n");
      case 5:
        return text.slice(0, from) + text.slice(from, to).repeat(1 + below(40)) + text.slice(to);
      case 6: {
        const other = pick(Object.values(pick(tables)));
        const start = below(other.length + 1);
        return text.slice(0, from) + other.slice(start, start + below(60)) + text.slice(to);
      }
      case 7:
        return text.replace(/[\w.]+/g, (word) => (below(12) === 0 ? pick(nasty) : word));
      case 8:
        return text.replaceAll("\n", pick(["\r\n", "\r", "\n\n", "\n\t", "\u2028"]));
      default:
        return text.slice(0, from) + pick(nasty) + text.slice(below(2) === 0 ? from : to);
    }
  }
}

function randomFiles(seed: number): Files {
  return filesOf(randomInventory(seed));
}
