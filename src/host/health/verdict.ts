import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { Probe } from "../../wait/probe.ts";
import { askOne, type Finding } from "./ask.ts";
import { serviceProcesses, stillPlinth, stopped } from "./frozen.ts";
import { healthMessage } from "./messages.ts";
import type { Check, Question } from "./question.ts";

/** `alive`: false means that a restart is the cure. `ready`: it can serve now. */
export type Aspect = "alive" | "ready";

const reasonOf = ({ asked, outcome }: Finding): string =>
  outcome.state === "ready" ? `${asked} answers` : `${asked}: ${outcome.reason}`;

const well = ({ outcome }: Finding): boolean => outcome.state === "ready";

/** Asks all at once. */
async function askAll(checks: readonly Check[], limitMs: number): Promise<readonly Finding[]> {
  const stop = new AbortController();
  const late = () => stop.abort(new Error(`no answer within ${limitMs / 1000} s`));
  // Where processors are scarce we ourselves may be late: what has come meanwhile is read first, in the next turn.
  const timer = setTimeout(() => setImmediate(() => setImmediate(late)), limitMs);
  const findings = await Promise.all(checks.map((check) => askOne(check, limitMs, stop.signal)));
  clearTimeout(timer);
  return findings;
}

const unwell = (aspect: Aspect, findings: readonly Finding[]): Result<string> =>
  failure([healthMessage("service-unhealthy", { aspect, reason: findings.map(reasonOf).join("; ") })]);

/** Seconds that all answers together may take. Those who run a check wait ten. */
export const usualTimeout = 8;

/** Parts of the time that the service has to answer, and that what it depends on has then. */
const ownShare = 0.6;
const dependsShare = 0.35;

async function judgeAlive({ alive, depends }: Question, timeoutMs: number): Promise<Result<string>> {
  const findings = await askAll(alive, timeoutMs * ownShare);
  const failed = findings.filter((finding) => !well(finding));
  if (failed.length === 0) return success("alive");
  const lasting = failed.filter((finding) => finding.lasting);
  if (lasting.length > 0) return unwell("alive", lasting);
  const silent = failed.filter((finding) => !finding.excused);
  if (silent.length === 0) return success(`alive, though ${failed.map(reasonOf).join("; ")}`);
  // Silence is the service's own fault only while all that it may be waiting for does answer.
  const away = (await askAll(depends, timeoutMs * dependsShare)).filter((finding) => !well(finding));
  if (away.length === 0) return unwell("alive", silent);
  return success(`alive as far as can be told: ${away.map(reasonOf).join("; ")}; ${silent.map(reasonOf).join("; ")}`);
}

/** What a container's own processes tell, before anybody is asked; undefined where that is nothing. */
export function judgeProcesses(pid: number, aspect: Aspect): Result<string> | undefined {
  const frozen = stopped(serviceProcesses(pid));
  if (frozen.length > 0) {
    const names = frozen.slice(0, 5).map((row) => `${row.pid} (${row.name})`);
    const reason = `process ${names.join(", ")} is stopped (SIGSTOP)`;
    return failure([healthMessage("service-unhealthy", { aspect, reason })]);
  }
  if (!stillPlinth(pid)) return undefined;
  const reason = "plinth still waits for what the service needs, and then becomes the service";
  return aspect === "alive" ? success(reason) : failure([healthMessage("service-unhealthy", { aspect, reason })]);
}

/** Asks a server that a URL names. */
export async function judgeTarget(target: Probe, timeoutMs: number): Promise<Result<string>> {
  const [finding] = (await askAll([{ ask: "target", target }], timeoutMs)) as [Finding];
  return well(finding)
    ? success(`${target.name} is ready`)
    : failure([healthMessage("service-unhealthy", { aspect: "ready", reason: reasonOf(finding) })]);
}

/**
 * Asks a running service itself, from within its container.
 *
 * @param timeoutMs for all answers together.
 * @returns words for people, or why it is not well, in one line.
 */
export async function judge(question: Question, aspect: Aspect, timeoutMs: number): Promise<Result<string>> {
  const told = judgeProcesses(question.pid, aspect);
  if (told) return told;
  if (aspect === "alive") return judgeAlive(question, timeoutMs);
  const findings = await askAll([...question.alive, ...question.ready], timeoutMs * (ownShare + dependsShare));
  const failed = findings.filter((finding) => !well(finding));
  return failed.length === 0 ? success("ready") : unwell("ready", failed);
}
