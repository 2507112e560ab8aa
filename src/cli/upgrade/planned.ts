import { composeEngine, type Engine, kubernetesEngine } from "../../deployment/engine.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { onceEach } from "../../diagnostics/once.ts";
import { releasePath } from "../../image/recipe.ts";
import { supportedNames } from "../../openstack/releases.ts";
import { refuseRelease } from "../../pillar/pillar.ts";
import type { ReadOptions } from "../../release/diff.ts";
import { planUpgrade } from "../../upgrade/compute.ts";
import { upgradeMessage } from "../../upgrade/messages.ts";
import { checkPair } from "../../upgrade/pair.ts";
import type { Plan } from "../../upgrade/plan.ts";
import type { Side } from "../../upgrade/side.ts";
import { quoted } from "../../upgrade/typed.ts";
import { templatesBeside } from "../baking.ts";
import { templatesIn } from "../describing.ts";
import { cliMessage } from "../messages.ts";
import { modelOptions, openNamed } from "../model/opened.ts";
import { releaseOfModel } from "../model-release.ts";
import { listsIn } from "../option-lists.ts";
import { nodeOptions } from "../source.ts";
import { type Arguments, type Context, type Options, text, texts, valueOrStatus } from "../verb.ts";
import { describeSide, refusedBetween } from "./side.ts";

/** What each verb takes that computes a plan. */
export const plannedOptions = {
  ...modelOptions,
  from: { type: "string", describe: "The release of the cloud; the model's by default" },
  to: { type: "string", describe: "The release to upgrade to" },
  templates: nodeOptions.templates,
  kubernetes: { type: "boolean", default: false, describe: "The cloud runs on Kubernetes, not on Docker Compose" },
} as const satisfies Options;

/** A plan, and the deployments that it was computed of. */
export type Planned = { readonly plan: Plan; readonly before: Side; readonly after: Side };

/** The words that name the model, as a person types them again for other verbs. */
function modelWords(args: Arguments): string {
  const model = text(args, "model");
  const sets = texts(args, "set").filter((one) => !one.startsWith(`${releasePath}=`));
  return [...(model === undefined ? [] : ["--model", model]), ...sets.flatMap((one) => ["--set", one])]
    .map((word) => ` ${quoted(word)}`)
    .join("");
}

/** The release that the model is of, as the one to begin with. */
function ownRelease(
  args: Arguments,
  context: Context,
  verb: string,
): { readonly value: string } | { readonly status: number } {
  const opened = valueOrStatus(openNamed(args, context), context);
  if ("status" in opened) return opened;
  const release = releaseOfModel(opened.value.model);
  if (release !== undefined) return { value: release };
  const problem = "no node of the model names its release: name the cloud's with --from";
  return { status: context.report([cliMessage("usage", { problem, verb })]) };
}

/** Describes the model's deployment in both releases, and reports what is wrong with either, a mistake that both have once. */
function describeBoth(
  releases: readonly [from: string, to: string],
  args: Arguments,
  context: Context,
  read: ReadOptions,
  engine: Engine,
): { readonly value: readonly [Side, Side] } | { readonly status: number } {
  const load = templatesIn(text(args, "templates") ?? templatesBeside());
  const refused = refusedBetween(...releases, read);
  const told: Diagnostic[] = [];
  const sides = releases.flatMap((release, index): readonly Side[] => {
    const opened = openNamed({ ...args, set: [...texts(args, "set"), `${releasePath}=${release}`] }, context);
    const side = opened.ok ? describeSide(opened.value.model, load, engine, index === 0 ? undefined : refused) : opened;
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

/** Computes the plan that the words ask for. @param verb for messages: `upgrade plan`. */
export function planned(
  args: Arguments,
  context: Context,
  verb: string,
): { readonly value: Planned } | { readonly status: number } {
  const to = text(args, "to");
  if (to === undefined) {
    const problem = `${verb} wants --to RELEASE: ${supportedNames.join(", ")}`;
    return { status: context.report([cliMessage("usage", { problem, verb })]) };
  }
  const given = text(args, "from");
  const from = given === undefined ? ownRelease(args, context, verb) : { value: given };
  if ("status" in from) return from;
  const refused = [
    refuseRelease(from.value, { kind: "named", name: given === undefined ? "the model" : "--from" }),
    refuseRelease(to, { kind: "named", name: "--to" }),
  ].flatMap((one) => one ?? []);
  if (refused.length > 0) return { status: context.report(refused) };
  const pair = valueOrStatus(checkPair(from.value, to), context);
  if ("status" in pair) return pair;

  const read = listsIn(text(args, "templates") ?? templatesBeside());
  const engine = args["kubernetes"] === true ? kubernetesEngine : composeEngine;
  const both = describeBoth([from.value, to], args, context, read, engine);
  if ("status" in both) return both;
  const [before, after] = both.value;
  const typed = { engine: engine.name, model: modelWords(args), directory: text(args, "model") };
  const plan = planUpgrade(before, after, { read, ...typed });
  return { value: { plan, before, after } };
}
