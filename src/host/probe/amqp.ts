import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { type Closing, type Login, loginRefused, withBroker } from "../protocol/amqp.ts";
import { converse } from "./conversation.ts";

/** What waiting makes of a `close`: what passes by itself, and what does not. */
function closed({ code, text }: Closing, login: Login): Outcome {
  // 403: the login. 530: the virtual host, also one that has as many connections as it may. All else passes by itself:
  // 541 of a virtual host that is down, 320 of a broker that is told to end.
  if (code === 403) return loginRefused(login);
  return { state: code === 530 && !/limit/.test(text) ? "refused" : "unready", reason: `${text} (${code})` };
}

/** Ready when the login works and the virtual host can be opened. */
export const attempt = (target: TargetOf<"amqp">, signal: AbortSignal, progress?: Progress): Promise<Outcome> => {
  const conversation = withBroker(target, closed, async (broker) => {
    await broker.open("plinth wait");
    return { state: "ready" };
  });
  return converse(target, "AMQP", conversation, signal, progress);
};
