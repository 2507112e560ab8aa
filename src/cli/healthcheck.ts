import { setTimeout as sleep } from "node:timers/promises";
import type { BakedImage } from "../baked/baked.ts";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { textIfThere } from "../host/files.ts";
import { firstProcess } from "../host/health/frozen.ts";
import { endHung } from "../host/health/hang.ts";
import { type Question, questionOf, questionPath } from "../host/health/question.ts";
import { type Aspect, judge, judgeProcesses, judgeTarget, usualTimeout } from "../host/health/verdict.ts";
import { imageOption, openImage, resolveSettings, rootOption, underRoot } from "./inputs.ts";
import { cliMessage } from "./messages.ts";
import { parametersOf } from "./parameter.ts";
import { findService } from "./services.ts";
import { type Arguments, type Context, text, type Verb, valueOrStatus } from "./verb.ts";
import { deadlineOf, isUrl } from "./waiting.ts";

/** The service that was started in this container, by the question that its start left behind; else the only one there is. */
function startedHere(image: BakedImage, args: Arguments): string | undefined {
  const names = Object.keys(image.services).filter((name) => image.services[name]?.kind === "service");
  const started = names.find((name) => textIfThere(underRoot(questionPath(name), text(args, "root"))) !== undefined);
  return started ?? (names.length === 1 ? names[0] : undefined);
}

/** What to ask a service, and the file that its start left it in. */
type Found = { readonly question: Question; readonly path?: string };

/** What to ask: the question that the service's start left behind; a service that was started otherwise is asked by its settings. */
async function findQuestion(args: Arguments, context: Context): Promise<Result<Found | undefined>> {
  const opened = openImage(args, context);
  if (!opened.ok) return opened;
  const found = findService(opened.value.image, args._[0] ?? startedHere(opened.value.image, args));
  if (!found.ok) return found;
  const { name, service } = found.value;
  if (service.kind === "job") return failure([cliMessage("no-health", { service: name })]);
  if (!service.health) return success(undefined);
  const path = underRoot(questionPath(name), text(args, "root"));
  const left = textIfThere(path);
  if (left !== undefined) return success({ question: JSON.parse(left) as Question, path });
  const settings = await resolveSettings(opened.value, context, service.requiredPaths);
  if (!settings.ok) return settings;
  // Process 1 is the service, unless it was started in another way.
  const question = { ...questionOf(service.health, service.needs, settings.value), pid: firstProcess() };
  return success({ question }, settings.warnings);
}

/** @returns what was found, or undefined where there is nothing to ask. */
async function ask(args: Arguments, timeoutMs: number, context: Context): Promise<Result<string | undefined>> {
  const [word] = args._;
  if (word !== undefined && isUrl(word)) {
    const { probeFromUrl } = await import("../wait/url.ts");
    const { value, problems } = parametersOf(context);
    const target = probeFromUrl(word, value);
    if (problems.length > 0) return failure(problems);
    if (target.ok && "password" in target.value) context.protect([target.value.password]);
    return target.ok ? judgeTarget(target.value, timeoutMs) : target;
  }
  const aspect: Aspect = args["ready"] === true ? "ready" : "alive";
  const found = await findQuestion(args, context);
  // Where etcd is away, say, a start has no settings yet either.
  if (!found.ok) return judgeProcesses(firstProcess(), aspect)?.result ?? found;
  if (found.value === undefined) return success(undefined);
  const { question, path } = found.value;
  // A service that was started in another way has nothing to note in what was found before.
  const ends = args["end-hung"] === true && path !== undefined;
  return ends ? endHung(question, path, aspect, timeoutMs) : judge(question, aspect, timeoutMs);
}

/** Milliseconds between two questions of one run. */
const again = 1000;

/** Asks until the answer is that it is well, or the time is over. A mistake in words or configuration does not end by waiting. */
async function askUntil(
  args: Arguments,
  timeoutMs: number,
  withinMs: number,
  context: Context,
): Promise<Result<string | undefined>> {
  const began = performance.now();
  for (;;) {
    const asked = await ask(args, timeoutMs, context);
    if (asked.ok || performance.now() - began + again > withinMs) return asked;
    if (asked.diagnostics.some(({ failure }) => failure !== "dependency")) return asked;
    await sleep(again);
  }
}

async function run(args: Arguments, context: Context): Promise<number> {
  if (args["alive"] === true && args["ready"] === true) return context.report([cliMessage("alive-or-ready", {})]);
  if (args["end-hung"] === true && isUrl(args._[0] ?? "")) return context.report([cliMessage("end-what", {})]);
  if (args["end-hung"] === true && text(args, "within") !== undefined)
    return context.report([cliMessage("end-within", {})]);
  const timeout = valueOrStatus(deadlineOf(text(args, "timeout"), usualTimeout), context);
  if ("status" in timeout) return timeout.status;
  const within = valueOrStatus(deadlineOf(text(args, "within"), 0, "within"), context);
  if ("status" in within) return within.status;
  const asked = valueOrStatus(await askUntil(args, timeout.value, within.value, context), context);
  if ("status" in asked) return asked.status;
  // As process 1 it runs as long as the container does.
  context.print(asked.value ?? "it runs, and there is nothing to ask it");
  return 0;
}

export const healthcheck: Verb = {
  name: "healthcheck",
  summary: "Ask a running service itself whether it is well: for HEALTHCHECK and Kubernetes' probes",
  positional: "[service]",
  options: {
    alive: {
      type: "boolean",
      default: false,
      describe: "Whether it works; if not, start it again (this is the default)",
    },
    ready: { type: "boolean", default: false, describe: "Whether it can serve now: what it depends on is there, too" },
    "end-hung": {
      type: "boolean",
      default: false,
      describe:
        "End the service once it is certain that it hangs, so that its container is restarted (takes up to 30 s)",
    },
    ...imageOption,
    ...rootOption,
    timeout: { type: "string", describe: "Seconds to wait for all answers (8)" },
    within: {
      type: "string",
      describe:
        "Seconds during which to ask again until it is well: for scripts that wait; one process is cheaper than many",
    },
  },
  examples: [
    [
      "plinth healthcheck --ready",
      "whichever service was started in this container, for HEALTHCHECK and readinessProbe",
    ],
    ["plinth healthcheck --alive conductor", "does the process itself answer a call? For livenessProbe"],
    ["plinth healthcheck --ready --end-hung", "where nothing else restarts what hangs, as with Compose"],
    ["plinth healthcheck --ready --within 60", "in a script: ends as soon as the service can serve"],
    ["plinth healthcheck memcached://127.0.0.1:11211", "a server, by its protocol"],
  ],
  run,
};
