import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { BakedImage, BakedService } from "../image/baked.ts";
import type { Settings } from "../settings/settings.ts";
import { probesFor } from "../wait/needs.ts";
import type { Probe } from "../wait/probe.ts";
import { cliMessage } from "./messages.ts";
import type { Context, Options } from "./verb.ts";

export const timeoutOption = {
  timeout: {
    type: "string",
    describe: "Seconds to wait in all; PLINTH_WAIT_TIMEOUT, then the image's own value, are the defaults",
  },
} as const satisfies Options;

/** @returns the milliseconds of `--timeout`, or the fallback's where it is not given. */
export function deadlineOf(given: string | undefined, fallbackSeconds: number): Result<number> {
  if (given === undefined) return success(fallbackSeconds * 1000);
  const seconds = Number(given);
  if (given.trim() === "" || !Number.isFinite(seconds) || seconds < 0) {
    return failure([cliMessage("option-not-number", { option: "timeout", value: given })]);
  }
  return success(seconds * 1000);
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

/** Waits for all of them, telling of every change of state. @returns the milliseconds waited. */
export async function waitForProbes(
  probes: readonly Probe[],
  timeout: string | undefined,
  fallbackSeconds: number,
  context: Context,
): Promise<Result<number>> {
  const deadline = deadlineOf(timeout ?? context.environment["PLINTH_WAIT_TIMEOUT"], fallbackSeconds);
  if (!deadline.ok || probes.length === 0) return deadline.ok ? success(0) : deadline;
  // Loaded only where there is something to wait for; from here on time is not ours alone.
  const [{ awaitAll }, { changeText }, { attempt }, { clock }] = await Promise.all([
    import("../wait/schedule.ts"),
    import("../wait/change.ts"),
    import("../host/probe/attempt.ts"),
    import("../host/clock.ts"),
  ]);
  const pending = new Set(probes.map((probe) => probe.name));
  context.ending.last = (signal) => context.log.warn(`ended by ${signal} while waiting for ${[...pending].join(", ")}`);
  const waited = await awaitAll(probes, {
    deadlineMs: deadline.value,
    clock,
    attempt,
    onChange(change) {
      if (change.state === "ready") pending.delete(change.name);
      context.log.info({ state: change.state, waited_ms: Math.round(change.waitedMs) }, changeText(change));
    },
  });
  context.ending.last = () => {};
  return waited;
}

/** Waits for what a service of the image needs, and for what its pillar adds. */
export async function waitFor(
  image: BakedImage,
  service: BakedService,
  settings: Settings,
  timeout: string | undefined,
  context: Context,
): Promise<Result<number>> {
  const further = await probesFromUrls(image.wait.for, (name) => settings.parameters.get(name));
  if (!further.ok) return further;
  return waitForProbes([...probesFor(service.needs, settings), ...further.value], timeout, image.wait.timeout, context);
}
