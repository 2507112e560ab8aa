import { join } from "node:path";
import { isOf, isUnderWay, readRecord } from "../../upgrade/record.ts";
import { runMessage } from "../../upgrade/run-messages.ts";
import { undoing } from "../../upgrade/todo.ts";
import { type Arguments, type Context, type Verb, valueOrStatus } from "../verb.ts";
import { carry, note } from "./carry-out.ts";
import { carryOptions, prepare } from "./prepared.ts";
import { whoWeAre } from "./who.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  const prepared = prepare(args, context, "upgrade back");
  if ("status" in prepared) return prepared.status;
  const { plan, driver, folder, patience } = prepared.value;
  const { from, to } = plan;
  const say = (line: string): void => context.print(line);
  const by = whoWeAre(context);
  const taken = valueOrStatus(
    await driver.hold(by, (holder) => say(`waiting for another upgrade to end: ${holder}`)),
    context,
  );
  if ("status" in taken) return taken.status;
  const held = taken.value;
  try {
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
    const carrying = { driver, held, patience, say, backup: join(folder, `backup-${from}.sql`) };
    const undone = await carry(found.phases, "phase undone", 0, found.phases.length, carrying);
    if (!undone.ok) return context.report(undone.diagnostics);
    const ended = await note(carrying, { what: "ended", on: from });
    if (!ended.ok) return context.report(ended.diagnostics);
    say(`the cloud is on ${from} again. Its databases keep what ${to} added, which ${from} does not look at`);
    return 0;
  } finally {
    await held.release();
  }
}

export const back: Verb = {
  name: "back",
  summary: "Undo an upgrade that is under way, from its last phase to its first, as long as nothing was contracted",
  positional: "",
  options: carryOptions,
  examples: [["plinth upgrade back --from 2025.1 --to 2026.1 --folder cloud", "to a working 2025.1"]],
  run,
};
