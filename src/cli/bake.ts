import { bakedPath } from "../baked/baked.ts";
import { serialize } from "../baked/serialize.ts";
import { writeWhole } from "../host/files.ts";
import { linkTargets } from "../host/links.ts";
import { filesOf } from "../image/services.ts";
import { bakeNode } from "./baking.ts";
import { cliMessage } from "./messages.ts";
import { ourselves } from "./owned.ts";
import { nodeOptions } from "./source.ts";
import { type Arguments, type Context, text, type Verb, valueOrStatus } from "./verb.ts";

/** Where rendered files live while the container runs; the image has links to here. */
const runtimeDirectory = "/run/plinth";

async function run(args: Arguments, context: Context): Promise<number> {
  if (text(args, "node") === undefined) {
    return context.report([cliMessage("usage", { problem: "which node? --node is missing", verb: "bake" })]);
  }
  const baked = valueOrStatus(bakeNode(args, context), context);
  if ("status" in baked) return baked.status;
  const { image, details } = baked.value;

  const output = text(args, "output") ?? bakedPath;
  const owner = ourselves();
  // Readable by all: it holds no secret that the layer would not show anyhow, and the service's uid must read it.
  const written = valueOrStatus(
    writeWhole([{ path: output, text: serialize(image, details), mode: 0o644, owner }]),
    context,
  );
  if ("status" in written) return written.status;

  const root = text(args, "link-root");
  if (root !== undefined) {
    const paths = [...new Set(filesOf(image.services).map((file) => file.path))];
    const linked = valueOrStatus(linkTargets(paths, root, runtimeDirectory), context);
    if ("status" in linked) return linked.status;
  }
  const { name, release } = image.image;
  context.log.info(
    { output, services: Object.keys(image.services).length, parameters: details.contract.length },
    `baked ${name} ${release}`,
  );
  return 0;
}

export const bake: Verb = {
  name: "bake",
  summary: "At image build: check a node's pillar and templates, and write all that a start needs into one file",
  positional: "",
  options: {
    ...nodeOptions,
    node: { type: "string", describe: "The node of the model" },
    output: { type: "string", default: bakedPath, describe: "The file to write" },
    "link-root": {
      type: "string",
      describe: `Make each rendered file's path below this directory a link into ${runtimeDirectory}, for a read-only root file system`,
    },
  },
  examples: [["plinth bake --node nova-controller --model /tmp/model --link-root /", "in a Dockerfile"]],
  run,
};
