import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { Target } from "../../wait/probe.ts";
import { attempt } from "../probe/attempt.ts";
import { askBroker } from "./broker.ts";
import { healthMessage } from "./messages.ts";
import type { Question } from "./question.ts";

/** Tries a target once. @returns words for people. */
export async function askTarget(asked: Target, timeoutMs: number): Promise<Result<string>> {
  // A time of its own: keystone without its keys accepts the connection and never answers.
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  const outcome = await attempt(asked, stop.signal);
  clearTimeout(timer);
  return outcome.state === "ready"
    ? success(`${asked.name} is ready`)
    : failure([healthMessage("service-unhealthy", { asked: asked.name, reason: outcome.reason })]);
}

/**
 * Asks a running service itself, from within its container.
 *
 * @param timeoutMs for the answer.
 * @returns words for people, or why it is not healthy.
 */
export async function askHealth(question: Question, timeoutMs = 5000): Promise<Result<string>> {
  if (question.ask === "target") return askTarget(question.target, timeoutMs);
  const { brokers, from } = question;
  return brokers.length > 0 ? askBroker(brokers, timeoutMs) : success(`no broker in the settings (${from})`);
}
