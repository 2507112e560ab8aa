import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { bakeNode } from "./baking.ts";
import { type Opened, openImage } from "./inputs.ts";
import { cliMessage } from "./messages.ts";
import { modelOption } from "./model-directory.ts";
import { type Arguments, type Context, type Options, text } from "./verb.ts";

export const nodeOptions = {
  node: { type: "string", describe: "A node of the model to take instead of a baked image" },
  ...modelOption,
  release: { type: "string", describe: "The OpenStack release, instead of the model's _param:release" },
  "image-name": { type: "string", describe: "Which image, when the node's pillar holds several (nova-controller)" },
  templates: { type: "string", describe: "Directory of the templates; those that came with plinth are the default" },
} as const satisfies Options;

/** Opens a baked image, or bakes one in memory when a node of the model is named. */
export function openSource(args: Arguments, context: Context): Result<Opened> {
  if (text(args, "node") === undefined) {
    if (text(args, "model") === undefined) return openImage(args, context);
    return failure([cliMessage("usage", { problem: "which node of the model? --node is missing", verb: "" })]);
  }
  const baked = bakeNode(args, context);
  if (!baked.ok) return baked;
  const { image, details } = baked.value;
  return success({ image, details: () => details }, baked.warnings);
}
