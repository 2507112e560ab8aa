import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { Probe } from "../../wait/probe.ts";
import { askOne, type Finding } from "./ask.ts";
import { serviceProcesses, stillPlinth, stopped } from "./frozen.ts";
import { healthMessage } from "./messages.ts";
import type { Check, Question } from "./question.ts";

/** `alive`: false means that a restart is the cure. `ready`: it can serve now. */
export type Aspect = "alive" | "ready";

/**
 * How a service fails that is not alive. `stopped`: a signal stopped a process of it. `cut off`: its network is gone. `silent`: it
 * takes questions and answers none. `absent`: nobody is there to take one: it listens nowhere yet, or is connecting again.
 */
export type Failing = "stopped" | "cut off" | "silent" | "absent";

/**
 * What an answer tells of the service itself. `excused`: it cannot be told, since it is plinth that still waits, or all workers are
 * at a request, or (`away`) something is away that it depends on.
 */
export type Liveness =
  | { readonly is: "answering" }
  | { readonly is: "excused"; readonly away: boolean }
  | { readonly is: "failing"; readonly how: Failing; readonly reason: string };

/** Words for people, or why a service is not well, in one line; and what that tells. */
export type Verdict = { readonly result: Result<string>; readonly life: Liveness };

/** A finding, and whether nothing at all had come when the time was over. */
type Timed = Finding & { readonly late: boolean };

const reasonOf = ({ asked, outcome }: Finding): string =>
  outcome.state === "ready" ? `${asked} answers` : `${asked}: ${outcome.reason}`;

const well = ({ outcome }: Finding): boolean => outcome.state === "ready";

const reasonsOf = (findings: readonly Finding[]): string => findings.map(reasonOf).join("; ");

/** Asks all at once. */
async function askAll(checks: readonly Check[], limitMs: number): Promise<Timed[]> {
  const stop = new AbortController();
  const late = () => stop.abort(new Error(`no answer within ${limitMs / 1000} s`));
  // Where processors are scarce we ourselves may be late: what has come meanwhile is read first, in the next turn.
  const timer = setTimeout(() => setImmediate(() => setImmediate(late)), limitMs);
  const findings = await Promise.all(
    checks.map(async (check) => ({ ...(await askOne(check, limitMs, stop.signal)), late: stop.signal.aborted })),
  );
  clearTimeout(timer);
  return findings;
}

const unhealthy = (aspect: Aspect, reason: string): Result<string> =>
  failure([healthMessage("service-unhealthy", { aspect, reason })]);

const failing = (how: Failing, reason: string): Verdict => ({
  result: unhealthy("alive", reason),
  life: { is: "failing", how, reason },
});

/** Seconds that all answers together may take. Those who run a check wait ten. */
export const usualTimeout = 8;

/** Parts of the time that the service has to answer, and that what it depends on has then. */
const ownShare = 0.6;
const dependsShare = 0.35;

/** @param findings those of `alive`. */
async function judgeFindings(findings: readonly Timed[], { depends }: Question, timeoutMs: number): Promise<Verdict> {
  const failed = findings.filter((finding) => !well(finding));
  if (failed.length === 0) return { result: success("alive"), life: { is: "answering" } };
  const lasting = failed.filter((finding) => finding.lasting);
  if (lasting.length > 0) return failing("cut off", reasonsOf(lasting));
  const own = failed.filter((finding) => !finding.excused);
  if (own.length === 0) {
    const away = failed.some(({ excused }) => excused === "away");
    return { result: success(`alive, though ${reasonsOf(failed)}`), life: { is: "excused", away } };
  }
  // Silence is the service's own fault only while all that it may be waiting for does answer.
  const away = (await askAll(depends, timeoutMs * dependsShare)).filter((finding) => !well(finding));
  if (away.length === 0) return failing(own.every(({ late }) => late) ? "silent" : "absent", reasonsOf(own));
  return {
    result: success(`alive as far as can be told: ${reasonsOf(away)}; ${reasonsOf(own)}`),
    life: { is: "excused", away: true },
  };
}

/** What a container's own processes tell, before anybody is asked; undefined where that is nothing. */
export function judgeProcesses(pid: number, aspect: Aspect): Verdict | undefined {
  const frozen = stopped(serviceProcesses(pid));
  if (frozen.length > 0) {
    const names = frozen.slice(0, 5).map((row) => `${row.pid} (${row.name})`);
    const reason = `process ${names.join(", ")} is stopped (SIGSTOP)`;
    return { result: unhealthy(aspect, reason), life: { is: "failing", how: "stopped", reason } };
  }
  if (!stillPlinth(pid)) return undefined;
  const reason = "plinth still waits for what the service needs, and then becomes the service";
  return {
    result: aspect === "alive" ? success(reason) : unhealthy(aspect, reason),
    life: { is: "excused", away: false },
  };
}

/** Asks a server that a URL names. */
export async function judgeTarget(target: Probe, timeoutMs: number): Promise<Result<string>> {
  const [finding] = (await askAll([{ ask: "target", target }], timeoutMs)) as [Timed];
  return well(finding) ? success(`${target.name} is ready`) : unhealthy("ready", reasonOf(finding));
}

async function askReady(question: Question, timeoutMs: number) {
  const findings = await askAll([...question.alive, ...question.ready], timeoutMs * (ownShare + dependsShare));
  const failed = findings.filter((finding) => !well(finding));
  return { findings, result: failed.length === 0 ? success("ready") : unhealthy("ready", reasonsOf(failed)) };
}

const askAlive = async (question: Question, timeoutMs: number): Promise<Verdict> =>
  judgeFindings(await askAll(question.alive, timeoutMs * ownShare), question, timeoutMs);

/**
 * Asks a running service itself, from within its container.
 *
 * @param timeoutMs for all answers together.
 * @returns words for people, or why it is not well, in one line.
 */
export async function judge(question: Question, aspect: Aspect, timeoutMs: number): Promise<Result<string>> {
  const told = judgeProcesses(question.pid, aspect);
  if (told) return told.result;
  return aspect === "alive"
    ? (await askAlive(question, timeoutMs)).result
    : (await askReady(question, timeoutMs)).result;
}

/**
 * The same, and in either case whether the service is alive. One that is not ready may take a third longer than `timeoutMs`, since
 * what it depends on is then asked once more.
 */
export async function examine(question: Question, aspect: Aspect, timeoutMs: number): Promise<Verdict> {
  const told = judgeProcesses(question.pid, aspect);
  if (told) return told;
  if (aspect === "alive") return askAlive(question, timeoutMs);
  const { findings, result } = await askReady(question, timeoutMs);
  const own = findings.slice(0, question.alive.length);
  return { result, life: (await judgeFindings(own, question, timeoutMs)).life };
}
