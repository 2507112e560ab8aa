import { type Result, success } from "../diagnostics/diagnostic.ts";
import { bakePillar } from "./baking.ts";
import { type Opened, openImage } from "./inputs.ts";
import { type Arguments, type Context, type Options, text } from "./verb.ts";

export const pillarOptions = {
  pillar: { type: "string", describe: "A pillar (YAML) to take instead of a baked image" },
  release: { type: "string", describe: "The OpenStack release, instead of the pillar's version" },
  "image-name": { type: "string", describe: "Which image, when the pillar holds several (nova-controller)" },
  templates: { type: "string", describe: "Folder of the templates; those that came with plinth are the default" },
} as const satisfies Options;

/** Opens a baked image, or bakes one in memory when a pillar is named. */
export function openSource(args: Arguments, context: Context): Result<Opened> {
  if (text(args, "pillar") === undefined) return openImage(args, context);
  const baked = bakePillar(args);
  if (!baked.ok) return baked;
  const { image, details } = baked.value;
  return success({ image, details: () => details }, baked.warnings);
}
