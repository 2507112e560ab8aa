import { imageOption, openImage, resolveSettings } from "./inputs.ts";
import { cliMessage } from "./messages.ts";
import { parameter } from "./parameter.ts";
import { findService } from "./services.ts";
import { type Arguments, type Context, settle, text, type Verb } from "./verb.ts";

async function run(args: Arguments, context: Context): Promise<number> {
  const [word] = args._;
  const { askHealth, askTarget } = await import("../host/health/ask.ts");
  const timeoutMs = Number(text(args, "timeout") ?? 5) * 1000;
  if (word !== undefined && word.includes("://")) {
    const { probeFromUrl } = await import("../wait/url.ts");
    const target = settle(probeFromUrl(word, (name) => parameter(name, context)), context);
    if ("status" in target) return target.status;
    const asked = settle(await askTarget(target.value, timeoutMs), context);
    if ("status" in asked) return asked.status;
    context.print(asked.value);
    return 0;
  }
  const opened = settle(openImage(args, context), context);
  if ("status" in opened) return opened.status;
  const found = settle(findService(opened.value.image, word), context);
  if ("status" in found) return found.status;
  const { name, service } = found.value;
  if (!service.health) return context.report([cliMessage("no-health", { service: name })]);
  const settings = settle(await resolveSettings(opened.value, context), context);
  if ("status" in settings) return settings.status;
  context.protect(settings.value);
  const asked = settle(await askHealth(service.health, settings.value, timeoutMs), context);
  if ("status" in asked) return asked.status;
  context.print(asked.value);
  return 0;
}

export const healthcheck: Verb = {
  name: "healthcheck",
  summary: "Ask a running service itself whether it is well: for HEALTHCHECK and Kubernetes' probes",
  positional: "[service]",
  options: { ...imageOption, timeout: { type: "string", describe: "Seconds to wait for the answer", default: "5" } },
  examples: [
    ["plinth healthcheck conductor", "is its connection to the broker established?"],
    ["plinth healthcheck memcached://127.0.0.1:11211", "a server, by its protocol"],
  ],
  run,
};
