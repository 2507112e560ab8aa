import type { BakedImage, BakedService } from "../baked/baked.ts";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { inSeconds, own } from "../overlay/variables.ts";
import type { Settings } from "../settings/settings.ts";
import { probesFor } from "../wait/needs.ts";
import type { Probe } from "../wait/probe.ts";
import type { Limits } from "../wait/schedule.ts";
import { cliMessage } from "./messages.ts";
import type { Context, Options } from "./verb.ts";

export const timeoutOption = {
  timeout: {
    type: "string",
    describe: "Seconds to wait in all; PLINTH_WAIT_TIMEOUT, then the image's own value, are the defaults",
  },
} as const satisfies Options;

const secondsIn = (text: string): number | undefined => {
  const seconds = Number(text);
  return text.trim() === "" || !Number.isFinite(seconds) || seconds < 0 ? undefined : seconds;
};

/** @returns the milliseconds of an option such as `--timeout`, or the fallback's where it is not given. */
export function deadlineOf(
  given: string | undefined,
  fallbackSeconds: number,
  option: "timeout" | "within" = "timeout",
): Result<number> {
  const seconds = given === undefined ? fallbackSeconds : secondsIn(given);
  if (seconds !== undefined) return success(seconds * 1000);
  return failure([cliMessage("option-not-number", { option, value: given ?? "" })]);
}

/** The same for what needs some time: 0 is a mistake, too. */
export function limitOf(given: string | undefined, fallbackSeconds: number): Result<number> {
  const deadline = deadlineOf(given, fallbackSeconds);
  if (!deadline.ok || deadline.value > 0) return deadline;
  return failure([cliMessage("option-not-number", { option: "timeout", value: given ?? "", above: 0 })]);
}

/** @returns the milliseconds to wait in all: `--timeout`, PLINTH_WAIT_TIMEOUT, or the fallback. */
export function waitDeadline(given: string | undefined, fallbackSeconds: number, context: Context): Result<number> {
  const name = "PLINTH_WAIT_TIMEOUT";
  const value = own(context.environment, name);
  if (given !== undefined || value === undefined) return deadlineOf(given, fallbackSeconds);
  const seconds = secondsIn(value);
  if (seconds !== undefined) return success(seconds * 1000);
  const place = { kind: "named", name: `environment variable ${name}` } as const;
  return failure([cliMessage("variable-not-seconds", { name, value, meant: inSeconds(value) }, place)]);
}

/** Something with a scheme is a URL; everything else is the name of a service. */
export const isUrl = (word: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(word);

/** Reads probe URLs, `$NAME` in them filled by `value`. All mistakes at once. */
export async function probesFromUrls(
  urls: readonly string[],
  value: (name: string) => string | undefined,
): Promise<Result<readonly Probe[]>> {
  if (urls.length === 0) return success([]);
  const { probeFromUrl } = await import("../wait/url.ts");
  const read = urls.map((url) => probeFromUrl(url, value));
  const diagnostics = read.flatMap((result) => (result.ok ? [] : result.diagnostics));
  if (diagnostics.length > 0) return failure(diagnostics);
  return success(
    read.flatMap((result) => (result.ok ? [result.value] : [])),
    read.flatMap((result) => (result.ok ? result.warnings : [])),
  );
}

/** How long the first answer of what a service can do without may take, where nothing else is waited for. */
const optionalTimeoutMs = 1000;

/**
 * Waits for all of them, telling of every change of state; what is optional is a warning where it is away.
 *
 * @param spentMs of the time in all, on what was waited for before.
 * @returns the milliseconds waited.
 */
export async function waitForProbes(
  probes: readonly Probe[],
  timeout: string | undefined,
  fallbackSeconds: number,
  context: Context,
  spentMs = 0,
): Promise<Result<number>> {
  const deadline = waitDeadline(timeout, fallbackSeconds, context);
  if (!deadline.ok || probes.length === 0) return deadline.ok ? success(0) : deadline;
  // Loaded only where there is something to wait for; from here on time is not ours alone.
  const [{ awaitAll }, { pollOptional: askBeside }, { changeText }, { attempt }, { clock }] = await Promise.all([
    import("../wait/schedule.ts"),
    import("../wait/optional.ts"),
    import("../wait/change.ts"),
    import("../host/probe/attempt.ts"),
    import("../host/clock.ts"),
  ]);
  const pending = new Set(probes.map((probe) => probe.name));
  context.ending.last = (signal) => context.log.warn(`ended by ${signal} while waiting for ${[...pending].join(", ")}`);
  const limits: Limits = {
    deadlineMs: Math.max(0, deadline.value - spentMs),
    clock,
    async attempt(target, signal, progress) {
      const outcome = await attempt(target, signal, progress);
      // A server's own words, which nobody vouches for.
      return outcome.state === "ready" ? outcome : { ...outcome, reason: context.redact.theirs(outcome.reason) };
    },
    onChange(change) {
      if (change.state === "ready") pending.delete(change.name);
      context.log.info({ state: change.state, waited_ms: Math.round(change.waitedMs) }, changeText(change));
    },
  };
  const began = clock.now();
  const optional = probes.filter((probe) => probe.optional);
  const beside = optional.length === 0 ? undefined : askBeside(optional, limits, optionalTimeoutMs);
  const waited = await awaitAll(
    probes.filter((probe) => !probe.optional),
    limits,
  );
  if (waited.ok) await beside?.heard;
  const spared = beside?.end() ?? [];
  context.ending.last = () => {};
  if (waited.ok && spared.length > 0) context.report(spared);
  return waited.ok ? success(clock.now() - began) : waited;
}

/** Waits for what a service of the image needs, and for what its pillar adds. */
export async function waitFor(
  image: BakedImage,
  service: BakedService,
  settings: Settings,
  timeout: string | undefined,
  context: Context,
  spentMs = 0,
): Promise<Result<number>> {
  const further = await probesFromUrls(image.wait.for, (name) => settings.parameters.get(name));
  if (!further.ok) return further;
  const probes = [...probesFor(service.needs, settings), ...further.value];
  return waitForProbes(probes, timeout, image.wait.timeout, context, spentMs);
}
