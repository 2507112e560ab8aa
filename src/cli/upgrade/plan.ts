import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { onceEach } from "../../diagnostics/once.ts";
import { visibleJson } from "../../diagnostics/visible.ts";
import { graphOf } from "../../graph/graph.ts";
import { svgOf } from "../../graph/svg.ts";
import { writeWhole } from "../../host/files.ts";
import { releasePath } from "../../image/recipe.ts";
import { supportedNames } from "../../openstack/releases.ts";
import { refuseRelease } from "../../pillar/pillar.ts";
import type { ReadOptions } from "../../release/diff.ts";
import { planUpgrade } from "../../upgrade/compute.ts";
import { upgradeMessage } from "../../upgrade/messages.ts";
import { checkPair } from "../../upgrade/pair.ts";
import { reportHtml } from "../../upgrade/report.ts";
import type { Side } from "../../upgrade/side.ts";
import { planText } from "../../upgrade/text.ts";
import { templatesBeside } from "../baking.ts";
import { templatesIn } from "../describing.ts";
import { cliMessage } from "../messages.ts";
import { jsonOption, modelOptions, openNamed } from "../model/opened.ts";
import { releaseOfModel } from "../model-release.ts";
import { listsIn } from "../option-lists.ts";
import { ourselves } from "../owned.ts";
import { nodeOptions } from "../source.ts";
import { type Arguments, type Context, settle, text, texts, type Verb } from "../verb.ts";
import { describeSide, refusedBetween } from "./side.ts";

/** The words that name the model, as a person types them again for other verbs. */
function modelWords(args: Arguments): string {
  const quoted = (word: string): string =>
    /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
  const model = text(args, "model");
  const sets = texts(args, "set").filter((one) => !one.startsWith(`${releasePath}=`));
  return [...(model === undefined ? [] : ["--model", model]), ...sets.flatMap((one) => ["--set", one])]
    .map((word) => ` ${quoted(word)}`)
    .join("");
}

/** The release that the model is of, as the one to begin with. */
function ownRelease(args: Arguments, context: Context): { readonly value: string } | { readonly status: number } {
  const opened = settle(openNamed(args, context), context);
  if ("status" in opened) return opened;
  const release = releaseOfModel(opened.value.model);
  if (release !== undefined) return { value: release };
  const problem = "no node of the model says its release: which one the cloud has, --from says";
  return { status: context.report([cliMessage("usage", { problem, verb: "upgrade plan" })]) };
}

/** Describes the model's deployment in both releases, and reports what is wrong with either, a mistake that both have once. */
function describeBoth(
  releases: readonly [from: string, to: string],
  args: Arguments,
  context: Context,
  read: ReadOptions,
): { readonly value: readonly [Side, Side] } | { readonly status: number } {
  const load = templatesIn(text(args, "templates") ?? templatesBeside());
  const refused = refusedBetween(...releases, read);
  const told: Diagnostic[] = [];
  const sides = releases.flatMap((release, index): readonly Side[] => {
    const opened = openNamed({ ...args, set: [...texts(args, "set"), `${releasePath}=${release}`] }, context);
    const side = opened.ok ? describeSide(opened.value.model, load, index === 0 ? undefined : refused) : opened;
    if (side.ok) {
      told.push(...(opened.ok ? opened.warnings : []), ...side.warnings);
      return [side.value];
    }
    told.push(
      ...side.diagnostics,
      upgradeMessage("upgrade-model-refused", { release, side: index === 0 ? "from" : "to" }),
    );
    return [];
  });
  const [before, after] = sides;
  const status = told.length > 0 ? context.report(onceEach(told)) : 0;
  return before && after && sides.length === 2 ? { value: [before, after] } : { status };
}

async function run(args: Arguments, context: Context): Promise<number> {
  const to = text(args, "to");
  if (to === undefined) {
    const problem = `upgrade plan wants --to RELEASE: ${supportedNames.join(", ")}`;
    return context.report([cliMessage("usage", { problem, verb: "upgrade plan" })]);
  }
  const report = text(args, "html");
  if (report === "") {
    const problem = "--html names no file: what it is given is empty";
    return context.report([cliMessage("usage", { problem, verb: "upgrade plan" })]);
  }
  const given = text(args, "from");
  const from = given === undefined ? ownRelease(args, context) : { value: given };
  if ("status" in from) return from.status;
  const refused = [
    refuseRelease(from.value, { kind: "named", name: given === undefined ? "the model" : "--from" }),
    refuseRelease(to, { kind: "named", name: "--to" }),
  ].flatMap((one) => one ?? []);
  if (refused.length > 0) return context.report(refused);
  const pair = settle(checkPair(from.value, to), context);
  if ("status" in pair) return pair.status;

  const read = listsIn(text(args, "templates") ?? templatesBeside());
  const both = describeBoth([from.value, to], args, context, read);
  if ("status" in both) return both.status;
  const [before, after] = both.value;
  const plan = planUpgrade(before, after, { read, model: modelWords(args), folder: text(args, "model") });
  if (report !== undefined) {
    const pictures = { before: svgOf(graphOf(before.deployment)), after: svgOf(graphOf(after.deployment)) };
    const file = { path: report, text: reportHtml(plan, pictures), mode: 0o644, owner: ourselves() };
    const written = settle(writeWhole([file]), context);
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
    ...modelOptions,
    from: { type: "string", describe: "The release that the cloud has; the model's is the default" },
    to: { type: "string", describe: "The release that it is to have" },
    templates: nodeOptions.templates,
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
