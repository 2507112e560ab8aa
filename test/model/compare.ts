import { isDeepStrictEqual } from "node:util";
import { compileNode, type Files, type Given } from "../support/model.ts";
import { comparable, type Judge, type Judged } from "../support/reclass.ts";
import { written } from "./case.ts";
import { filesOf, type Inventory, smaller } from "./tree.ts";

/** How the two differ, or undefined where both give the same, or both an error. */
export type Difference = "only reclass compiles" | "only plinth compiles" | "values differ" | "plinth throws";

function compiled(files: Files, node: string): Given | "throws" {
  try {
    return compileNode(files, node);
  } catch {
    return "throws";
  }
}

export function difference(given: Given | "throws", judged: Judged): Difference | undefined {
  if (given === "throws") return "plinth throws";
  if (given.ok && judged.ok) {
    return isDeepStrictEqual(comparable(given.json), comparable(judged.json)) ? undefined : "values differ";
  }
  if (given.ok === judged.ok) return undefined;
  return given.ok ? "only plinth compiles" : "only reclass compiles";
}

export async function compare(judge: Judge, inventory: Inventory): Promise<Difference | undefined> {
  const files = filesOf(inventory);
  const answer = judge.ask(files, inventory.node);
  const given = compiled(files, inventory.node);
  return difference(given, await answer);
}

/** @returns an inventory from which nothing can be taken away without the difference going away. */
export async function shrink(judge: Judge, inventory: Inventory, like: Difference): Promise<Inventory> {
  // After a success the same place is tried again with what is left: what did not help before, hardly helps now.
  for (let [left, begin] = [inventory, 0]; ; ) {
    let tried = 0;
    let found: Inventory | undefined;
    for (const less of smaller(left)) {
      if (tried++ < begin) continue;
      if ((await compare(judge, less)) !== like) continue;
      found = less;
      break;
    }
    if (!found && begin === 0) return left;
    left = found ?? left;
    begin = found ? tried - 1 : 0;
  }
}

/** @returns a difference as one would put it into the table, with what each of the two says. */
export async function described(judge: Judge, inventory: Inventory, name: string): Promise<string> {
  const files = filesOf(inventory);
  const judged = await judge.ask(files, inventory.node);
  const given = compiled(files, inventory.node);
  const ours =
    given === "throws"
      ? "throws"
      : given.ok
        ? JSON.stringify(comparable(given.json))
        : given.diagnostics.map(({ code, what }) => `${code}: ${what}`).join("\n  ");
  const theirs = judged.ok ? JSON.stringify(comparable(judged.json)) : `${judged.error}: ${judged.message}`;
  return `=== ${name}\nnode: ${inventory.node}\n${written(files)}\nreclass: ${theirs}\nplinth: ${ours}`;
}
