import { failure } from "../diagnostics/diagnostic.ts";
import { usualSeconds } from "../pillar/envelope.ts";
import { imageOption, openImage, resolveSettings } from "./inputs.ts";
import { parametersOf } from "./parameter.ts";
import { findService } from "./services.ts";
import { type Arguments, type Context, text, type Verb, valueOrStatus } from "./verb.ts";
import { isUrl, probesFromUrls, timeoutOption, waitFor, waitForProbes } from "./waiting.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  if (args._.some(isUrl)) {
    const { value, problems } = parametersOf(context);
    const read = await probesFromUrls(args._, value);
    const probes = valueOrStatus(problems.length > 0 ? failure(problems) : read, context);
    if ("status" in probes) return probes.status;
    context.protect(probes.value.flatMap((probe) => ("password" in probe ? [probe.password] : [])));
    const waited = valueOrStatus(
      await waitForProbes(probes.value, text(args, "timeout"), usualSeconds, context),
      context,
    );
    return "status" in waited ? waited.status : 0;
  }
  const opened = valueOrStatus(openImage(args, context), context);
  if ("status" in opened) return opened.status;
  const found = valueOrStatus(findService(opened.value.image, args._[0]), context);
  if ("status" in found) return found.status;
  const settings = valueOrStatus(
    await resolveSettings(opened.value, context, found.value.service.requiredPaths),
    context,
  );
  if ("status" in settings) return settings.status;
  const { image } = opened.value;
  const waited = valueOrStatus(
    await waitFor(image, found.value.service, settings.value, text(args, "timeout"), context),
    context,
  );
  return "status" in waited ? waited.status : 0;
}

export const wait: Verb = {
  name: "wait",
  summary: "Wait for what a service needs, or for URLs, and do nothing else",
  positional: "[words..]",
  options: { ...imageOption, ...timeoutOption },
  examples: [
    ["plinth wait conductor --timeout 60", "as `start` would, without starting"],
    ["plinth wait 'mysql://nova:$DB_PASSWORD@db/nova' memcached://cache:11211", "protocols, not only open ports"],
  ],
  run,
};
