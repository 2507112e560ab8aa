import { textIfThere, writeWhole } from "../host/files.ts";
import { identityFor } from "../host/process/accounts.ts";
import { filesAtHand } from "../image/services.ts";
import { diffFiles } from "../render/diff.ts";
import { renderFiles, renderTraced } from "../render/render.ts";
import type { TracedFile } from "../render/rendered.ts";
import { secretValues } from "../settings/settings.ts";
import { lookUpOnce, namesIn } from "./addressing.ts";
import { imageOption, resolveSettings, underRoot } from "./inputs.ts";
import { cliMessage } from "./messages.ts";
import { owned } from "./owned.ts";
import { findService } from "./services.ts";
import { nodeOptions, openSource } from "./source.ts";
import { type Arguments, type Context, text, type Verb, valueOrStatus } from "./verb.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  const output = text(args, "output");
  // `--output "$DIR"` without a DIR did not ask for the real file system.
  if (output === "") {
    const problem = "--output names no directory: what it is given is empty (--output / is the real file system)";
    return context.report([cliMessage("usage", { problem, verb: "render" })]);
  }
  const opened = valueOrStatus(openSource(args, context), context);
  if ("status" in opened) return opened.status;
  const { image } = opened.value;
  const found = args._[0] === undefined ? undefined : valueOrStatus(findService(image, args._[0]), context);
  if (found && "status" in found) return found.status;
  const resolved = valueOrStatus(
    await resolveSettings(opened.value, context, found?.value.service.requiredPaths),
    context,
  );
  if ("status" in resolved) return resolved.status;
  const services = found ? [found.value.service] : Object.values(image.services);
  const lookedUp = valueOrStatus(await lookUpOnce(namesIn(services, resolved.value), resolved.value), context);
  if ("status" in lookedUp) return lookedUp.status;
  const settings = lookedUp.value;

  const files = found?.value.service.files ?? filesAtHand(image, settings);
  const twice = files.find(({ path }, index) => files.findIndex((file) => file.path === path) !== index);
  if (twice && output !== undefined) {
    const known = Object.keys(image.services);
    return context.report([cliMessage("file-of-which-service", { path: twice.path, verb: "render", known })]);
  }
  if (output !== undefined && args["diff"] !== true) {
    const rendered = valueOrStatus(renderFiles(image, settings, files), context);
    if ("status" in rendered) return rendered.status;
    const identity = valueOrStatus(identityFor(text(args, "user"), image.account), context);
    if ("status" in identity) return identity.status;
    const written = valueOrStatus(writeWhole(owned(rendered.value, identity.value.gid, output)), context);
    if ("status" in written) return written.status;
    for (const { path, change } of written.value) context.log.info({ change }, path);
    return 0;
  }

  const traced = valueOrStatus(renderTraced(image, settings, files), context);
  if ("status" in traced) return traced.status;
  if (args["diff"] === true) {
    const diffs = traced.value.map((file) =>
      diffFiles(textIfThere(underRoot(file.path, output)), file, secretValues(settings)),
    );
    context.print(diffs.join("") || "nothing would change\n");
    return 0;
  }
  const open = args["show-secrets"] === true;
  context.print(shown(traced.value, open), { exact: open });
  if (!open && traced.value.some((file) => file.masked !== file.text)) {
    context.log.info("secrets are masked: --show-secrets shows them, --output DIR writes the files as they are");
  }
  return 0;
}

/** The files as a person reads them, each with its path above it (as head(1) has it) where there are several. */
function shown(files: readonly TracedFile[], open: boolean): string {
  const texts = files.map((file) => (open ? file.text : file.masked));
  if (texts.length === 1) return texts[0] ?? "";
  return texts.map((text, index) => `==> ${files[index]?.path} <==\n${text}`).join("\n");
}

export const render: Verb = {
  name: "render",
  summary:
    "Show the files of a service, or of all services that are given what they want; write them where --output says",
  positional: "[service]",
  options: {
    ...imageOption,
    ...nodeOptions,
    output: {
      type: "string",
      alias: "root",
      describe: "Write the files below this directory instead of showing them; --output / is the real file system",
    },
    user: {
      type: "string",
      describe:
        "With --output: the files' group is this user's instead of the image's account: NAME, UID, NAME:GROUP or UID:GID",
    },
    diff: {
      type: "boolean",
      default: false,
      describe: "Only show what would change, in the real file system or below --output; secrets masked",
    },
    "show-secrets": { type: "boolean", default: false, describe: "Show files as the service reads them, secrets too" },
  },
  examples: [
    ["plinth render conductor", "what would the service read? Secrets are masked"],
    ["plinth render --diff", "in a running container: what would the next start change?"],
    ["plinth render --node nova-controller --release liberty --output /tmp/out", "without an image"],
  ],
  run,
};
