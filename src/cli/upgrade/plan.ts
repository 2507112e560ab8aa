import { visibleJson } from "../../diagnostics/visible.ts";
import { graphOf } from "../../graph/graph.ts";
import { svgOf } from "../../graph/svg.ts";
import { writeWhole } from "../../host/files.ts";
import { supportedNames } from "../../openstack/releases.ts";
import { reportHtml } from "../../upgrade/report.ts";
import { planText } from "../../upgrade/text.ts";
import { cliMessage } from "../messages.ts";
import { jsonOption } from "../model/opened.ts";
import { ourselves } from "../owned.ts";
import { type Arguments, type Context, text, type Verb, valueOrStatus } from "../verb.ts";
import { planned, plannedOptions } from "./planned.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  const report = text(args, "html");
  if (report === "") {
    const problem = "--html names no file: what it is given is empty";
    return context.report([cliMessage("usage", { problem, verb: "upgrade plan" })]);
  }
  const done = planned(args, context, "upgrade plan");
  if ("status" in done) return done.status;
  const { plan, before, after } = done.value;
  if (report !== undefined) {
    const pictures = { before: svgOf(graphOf(before.deployment)), after: svgOf(graphOf(after.deployment)) };
    const file = { path: report, text: reportHtml(plan, pictures), mode: 0o644, owner: ourselves() };
    const written = valueOrStatus(writeWhole([file]), context);
    if ("status" in written) return written.status;
    context.log.info({ report }, `wrote the plan of ${plan.phases.length} phases`);
  }
  if (args["json"] === true) context.print(visibleJson(plan));
  else if (report === undefined) context.print(planText(plan));
  return 0;
}

export const plan: Verb = {
  name: "plan",
  summary: "How the model's cloud gets from one release to another: phases, commands, ways back, and all that changes",
  positional: "",
  options: {
    ...plannedOptions,
    ...jsonOption,
    html: { type: "string", describe: "A file to write a report for the administrator to, in place of the text" },
  },
  examples: [
    ["plinth upgrade plan --from 2025.1 --to 2026.1", "what to do, in which order, and until when there is a way back"],
    [
      "plinth upgrade plan --to 2026.1 --html upgrade.html",
      "the same as a page, with a diff of each configuration file",
    ],
    ["plinth upgrade plan --to 2026.1 --json | jq '.phases[].id'", "for a program"],
  ],
  run,
  offers: ({ from, to }) => (from === "" || to === "" ? supportedNames : []),
};
