import { identityFor } from "../host/accounts.ts";
import { textIfThere, writeWhole } from "../host/files.ts";
import { filesAtHand } from "../image/services.ts";
import { diffFiles } from "../render/diff.ts";
import { renderFiles, renderTraced } from "../render/render.ts";
import { secretValues } from "../settings/settings.ts";
import { imageOption, resolveSettings, rootOption, underRoot } from "./inputs.ts";
import { owned } from "./owned.ts";
import { findService } from "./services.ts";
import { nodeOptions, openSource } from "./source.ts";
import { type Arguments, type Context, settle, text, type Verb } from "./verb.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  const opened = settle(openSource(args, context), context);
  if ("status" in opened) return opened.status;
  const { image } = opened.value;
  const found = args._[0] === undefined ? undefined : settle(findService(image, args._[0]), context);
  if (found && "status" in found) return found.status;
  const resolved = settle(await resolveSettings(opened.value, context, found?.value.service.wants), context);
  if ("status" in resolved) return resolved.status;
  const settings = resolved.value;

  const files = found?.value.service.files ?? filesAtHand(image, settings);
  const root = text(args, "root");
  if (args["diff"] === true) {
    const traced = settle(renderTraced(image, settings, files), context);
    if ("status" in traced) return traced.status;
    const diffs = traced.value.map((file) =>
      diffFiles(textIfThere(underRoot(file.path, root)), file, secretValues(settings)),
    );
    context.print(diffs.join("") || "nothing would change\n");
    return 0;
  }

  const rendered = settle(renderFiles(image, settings, files), context);
  if ("status" in rendered) return rendered.status;
  const identity = settle(identityFor(text(args, "user"), image.account), context);
  if ("status" in identity) return identity.status;
  const written = settle(writeWhole(owned(rendered.value, identity.value.gid, root)), context);
  if ("status" in written) return written.status;
  for (const { path, change } of written.value) context.log.info({ change }, path);
  return 0;
}

export const render: Verb = {
  name: "render",
  summary: "Render the files of a service, or of all services that are given what they want, and do nothing else",
  positional: "[service]",
  options: {
    ...imageOption,
    ...nodeOptions,
    ...rootOption,
    user: {
      type: "string",
      describe: "The files' group is this user's instead of the image's account: NAME, UID, NAME:GROUP or UID:GID",
    },
    diff: { type: "boolean", default: false, describe: "Only show what would change, secrets masked" },
  },
  examples: [
    ["plinth render --diff", "in a running container: what would the next start change?"],
    ["plinth render --node nova-controller --release liberty --root /tmp/out", "without an image"],
  ],
  run,
};
