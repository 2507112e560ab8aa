import { join } from "node:path";
import { isOf, isUnderWay, readRecord } from "../../upgrade/record.ts";
import { runMessage } from "../../upgrade/run-messages.ts";
import { undoing } from "../../upgrade/todo.ts";
import type { Arguments, Context, Verb } from "../verb.ts";
import { carry, note } from "./carry-out.ts";
import { withLock } from "./lock.ts";
import { carryOptions, prepare } from "./prepared.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  const prepared = prepare(args, context, "upgrade back");
  if ("status" in prepared) return prepared.status;
  const { plan, driver, directory, readyTimeoutMs } = prepared.value;
  const { from, to } = plan;
  const say = (line: string): void => context.print(line);
  return withLock(driver, context, async (held) => {
    const last = readRecord(held.record);
    if (isUnderWay(last) && !isOf(last, plan)) {
      return context.report([runMessage("upgrade-other-under-way", { other: last, asked: plan })]);
    }
    if (!isUnderWay(last)) return context.report([runMessage("upgrade-nothing-to-undo", { from, to })]);
    const found = undoing(plan, last);
    if ("tooLate" in found) {
      const { id: phase, back } = found.tooLate;
      return context.report([runMessage("upgrade-too-late", { phase, how: back.how, from, to })]);
    }
    const carrying = { driver, held, readyTimeoutMs, say, backup: join(directory, `backup-${from}.sql`) };
    const undone = await carry(found.phases, "phase undone", 0, found.phases.length, carrying);
    if (!undone.ok) return context.report(undone.diagnostics);
    const settled = await driver.settle("from");
    if (!settled.ok) return context.report(settled.diagnostics);
    const ended = await note(carrying, { what: "ended", on: from });
    if (!ended.ok) return context.report(ended.diagnostics);
    say(`the cloud is on ${from} again. Its databases keep what ${to} added, which ${from} ignores`);
    return 0;
  });
}

export const back: Verb = {
  name: "back",
  summary: "Undo an upgrade that is under way, from its last phase to its first, as long as nothing was contracted",
  positional: "",
  options: carryOptions,
  examples: [["plinth upgrade back --from 2025.1 --to 2026.1 --directory cloud", "to a working 2025.1"]],
  run,
};
