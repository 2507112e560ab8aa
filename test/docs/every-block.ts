/** Runs every command block of the documentation as it is written, page by page, in a clean clone of HEAD (make docs-test). */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { cleanUp } from "../support/clean-up.ts";
import { requireEngine } from "../support/docker.ts";
import { type Block, blocksOf, isCommand } from "./blocks.ts";
import { type Clone, cloneOf } from "./clone.ts";
import { lacking, order } from "./pages.ts";
import { openSession, type Session } from "./session.ts";

const git = (...words: readonly string[]): string => spawnSync("git", words, { encoding: "utf8" }).stdout;

/** Why a block is not run here; false where it is. */
const skipped = (block: Block): string | false => block.notRun ?? lacking(block, process.env) ?? false;

/** A page as HEAD has it: that is what the clone has, too. */
const committed = (page: string) => blocksOf(page, git("show", `HEAD:${page}`)).blocks.filter(isCommand);

const pages = process.env["PAGES"]?.split(" ");
const chosen = order.filter(([page]) => pages === undefined || pages.includes(page));

describe("every command of the documentation, in a clean clone", () => {
  let clone: Clone | undefined;
  let session: Session | undefined;
  const remove = (): void => {
    session?.close();
    clone?.remove();
    clone = undefined;
  };
  before(async (t) => {
    await requireEngine();
    clone = cloneOf(process.cwd());
    const changed = git("status", "--porcelain", "*.md").trim();
    if (changed !== "" && "diagnostic" in t) t.diagnostic(`not committed, and so not run:\n${changed}`);
  });
  cleanUp(remove);

  for (const [page, directory] of chosen) {
    describe(page, () => {
      before(() => {
        if (clone) session = openSession(join(clone.directory, directory), clone.env);
      });
      after(() => session?.close());
      for (const block of committed(page)) {
        const [first = ""] = block.text.split("\n");
        test(`${page}:${block.line}: ${first}`, { skip: skipped(block) }, async () => {
          const failed = await session?.run(block);
          if (failed !== undefined) throw new Error(failed);
        });
      }
    });
  }

  test("what was run", (t) => {
    const all = chosen.flatMap(([page]) => committed(page));
    const left = all.filter(skipped);
    t.diagnostic(`${all.length - left.length} command blocks were run, ${left.length} were not:`);
    for (const block of left) t.diagnostic(`  ${block.page}:${block.line}: ${skipped(block)}`);
  });
});
