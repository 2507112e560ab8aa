import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { textIfThere } from "../host/files.ts";
import { type Question, questionOf, questionPath } from "../host/health/question.ts";
import type { BakedImage } from "../image/baked.ts";
import { imageOption, openImage, resolveSettings, rootOption, underRoot } from "./inputs.ts";
import { cliMessage } from "./messages.ts";
import { parameter } from "./parameter.ts";
import { findService } from "./services.ts";
import { type Arguments, type Context, settle, text, type Verb } from "./verb.ts";
import { deadlineOf, isUrl } from "./waiting.ts";

/** Seconds that a service has to answer. */
const usualTimeout = 5;

/** The service that was started in this container, by the question that its start left behind; else the only one there is. */
function startedHere(image: BakedImage, args: Arguments): string | undefined {
  const names = Object.keys(image.services).filter((name) => image.services[name]?.kind === "service");
  const started = names.find((name) => textIfThere(underRoot(questionPath(name), text(args, "root"))) !== undefined);
  return started ?? (names.length === 1 ? names[0] : undefined);
}

/**
 * What to ask: the target that a URL names, or the question that the service's start left behind; a service that was
 * started otherwise is asked by its settings.
 */
async function findQuestion(args: Arguments, context: Context): Promise<Result<Question | undefined>> {
  const [word] = args._;
  if (word !== undefined && isUrl(word)) {
    const { probeFromUrl } = await import("../wait/url.ts");
    const target = probeFromUrl(word, (name) => parameter(name, context));
    return target.ok ? success({ ask: "target", target: target.value }, target.warnings) : target;
  }
  const opened = openImage(args, context);
  if (!opened.ok) return opened;
  const found = findService(opened.value.image, word ?? startedHere(opened.value.image, args));
  if (!found.ok) return found;
  const { name, service } = found.value;
  if (service.kind === "job") return failure([cliMessage("no-health", { service: name })]);
  if (!service.health) return success(undefined);
  const left = textIfThere(underRoot(questionPath(name), text(args, "root")));
  if (left !== undefined) return success(JSON.parse(left) as Question);
  const settings = await resolveSettings(opened.value, context, service.wants);
  return settings.ok ? success(questionOf(service.health, settings.value), settings.warnings) : settings;
}

async function run(args: Arguments, context: Context): Promise<number> {
  const timeout = settle(deadlineOf(text(args, "timeout"), usualTimeout), context);
  if ("status" in timeout) return timeout.status;
  const question = settle(await findQuestion(args, context), context);
  if ("status" in question) return question.status;
  if (question.value === undefined) {
    // As process 1 it runs as long as the container does.
    context.print("it runs, and there is nothing to ask it");
    return 0;
  }
  const { askHealth } = await import("../host/health/ask.ts");
  const asked = settle(await askHealth(question.value, timeout.value), context);
  if ("status" in asked) return asked.status;
  context.print(asked.value);
  return 0;
}

export const healthcheck: Verb = {
  name: "healthcheck",
  summary: "Ask a running service itself whether it is well: for HEALTHCHECK and Kubernetes' probes",
  positional: "[service]",
  options: {
    ...imageOption,
    ...rootOption,
    timeout: { type: "string", describe: "Seconds to wait for the answer (5)" },
  },
  examples: [
    ["plinth healthcheck", "whichever service was started in this container"],
    ["plinth healthcheck conductor", "is its connection to the broker established?"],
    ["plinth healthcheck memcached://127.0.0.1:11211", "a server, by its protocol"],
  ],
  run,
};
