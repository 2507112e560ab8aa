import { join } from "node:path";
import { type Diagnostic, type Result, success } from "../../diagnostics/diagnostic.ts";
import { writeWhole } from "../../host/files.ts";
import type { Driver, Held } from "../../upgrade/driver.ts";
import { type Expected, obstaclesOf, refusals, schemaObstacles } from "../../upgrade/obstacles.ts";
import { outcomeOf, outcomeText } from "../../upgrade/outcome.ts";
import type { Plan } from "../../upgrade/plan.ts";
import { isOf, isUnderWay, type Progressed, readLines, readRecord } from "../../upgrade/record.ts";
import { runMessage } from "../../upgrade/run-messages.ts";
import { left } from "../../upgrade/todo.ts";
import { ourselves } from "../owned.ts";
import { type Arguments, type Context, text, type Verb } from "../verb.ts";
import { carry, note } from "./carry-out.ts";
import { withLock } from "./lock.ts";
import { carryOptions, prepare } from "./prepared.ts";

/** The revisions that each database of the older release has to be at: its images know what their migrations come to. */
async function expectedOf({ phases }: Plan, driver: Driver): Promise<Result<readonly Expected[]>> {
  const images = new Map(
    phases.flatMap(({ component, services }) =>
      component === null
        ? []
        : services.flatMap(({ before }) => (before === null ? [] : [[before, component] as const])),
    ),
  );
  const found: Expected[] = [];
  for (const [image, component] of images) {
    const blocks = await driver.schemasOf(image);
    if (!blocks.ok) return blocks;
    for (const [block, revisions] of blocks.value) {
      const database = block === "database" ? component : `${component}_${block.replace(/_database$/, "")}`;
      found.push({ component, database, revisions });
    }
  }
  return success(found);
}

/** What keeps the upgrade from beginning, or from going on. */
async function inTheWay(
  plan: Plan,
  driver: Driver,
  progressed: Progressed | undefined,
): Promise<readonly Diagnostic[]> {
  const seen = await driver.look();
  if (!seen.ok) return seen.diagnostics;
  const obstacles = obstaclesOf(plan, progressed, seen.value);
  if (obstacles.length > 0) return obstacles;
  const schemas = await driver.schemas();
  if (!schemas.ok) return schemas.diagnostics;
  const expected = await expectedOf(plan, driver);
  if (!expected.ok) return expected.diagnostics;
  return schemaObstacles(plan, progressed, expected.value, schemas.value);
}

async function run(args: Arguments, context: Context): Promise<number> {
  const prepared = prepare(args, context, "upgrade run");
  if ("status" in prepared) return prepared.status;
  const { plan, driver, directory, readyTimeoutMs } = prepared.value;
  const until = text(args, "until");
  if (until !== undefined && !plan.phases.some(({ id }) => id === until)) {
    return context.report([
      runMessage("upgrade-phase-unknown", { phase: until, known: plan.phases.map(({ id }) => id) }),
    ]);
  }
  const refused = refusals(plan);
  if (refused.length > 0) return context.report(refused);
  const say = (line: string): void => context.print(line);
  return withLock(driver, context, async (held, by) => {
    const last = readRecord(held.record);
    const progressed = isUnderWay(last) && isOf(last, plan) ? last : undefined;
    const obstacles = await inTheWay(plan, driver, last);
    if (obstacles.length > 0) return context.report(obstacles);
    const todo = left(plan, progressed, until);
    const all = plan.phases.length;
    if (progressed)
      say(`continues the upgrade that began at ${progressed.at}: ${progressed.done.size} of ${all} phases are done`);
    if (args["dry-run"] === true) {
      for (const { phase, steps } of todo) {
        say(`${phase.id}: ${phase.title}`);
        for (const { name } of steps) say(`    ${name}`);
      }
      return 0;
    }
    const lines: string[] = held.record.split("\n");
    const noting: Held = {
      ...held,
      note(line) {
        lines.push(line);
        return held.note(line);
      },
    };
    const carrying = { driver, held: noting, readyTimeoutMs, say, backup: join(directory, `backup-${plan.from}.sql`) };
    const begun = await note(carrying, { what: "begun", from: plan.from, to: plan.to, by });
    if (!begun.ok) return context.report(begun.diagnostics);
    const done = await carry(todo, "phase done", all - left(plan, progressed).length, all, carrying);
    const isWhole = done.ok && (until === undefined || plan.phases.at(-1)?.id === until);
    const settled = isWhole ? await driver.settle("to") : done;
    const ended = isWhole && settled.ok ? await note(carrying, { what: "ended", on: plan.to }) : settled;
    const report = outcomeOf(plan, readLines(lines.join("\n")));
    const path = join(directory, `report-${plan.from}-${plan.to}`);
    const written = writeWhole([
      { path: `${path}.md`, text: outcomeText(report), mode: 0o644, owner: ourselves() },
      { path: `${path}.json`, text: `${JSON.stringify(report, null, 2)}\n`, mode: 0o644, owner: ourselves() },
    ]);
    const wrong = [ended, written].flatMap((one) => (one.ok ? [] : one.diagnostics));
    if (wrong.length > 0) return context.report(wrong);
    say(isWhole ? `the cloud is on ${plan.to}: ${report.control_plane_s} s` : `stopped after ${until}, as requested`);
    say(`report: ${path}.md`);
    return 0;
  });
}

export const runVerb: Verb = {
  name: "run",
  summary: "Upgrade a running cloud to another release, phase by phase; continues where an earlier run ended",
  positional: "",
  options: {
    ...carryOptions,
    until: { type: "string", describe: "The last phase to carry out; plinth upgrade plan lists them" },
    "dry-run": { type: "boolean", default: false, describe: "Only print what would be done" },
  },
  examples: [
    ["plinth upgrade run --from 2025.1 --to 2026.1 --directory cloud", "the cloud of cloud/compose.yaml"],
    ["plinth upgrade run --from 2025.1 --to 2026.1 --directory cloud --dry-run", "what is left to do"],
  ],
  run,
};
