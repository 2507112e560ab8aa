import type { Outcome, Progress } from "../../wait/probe.ts";
import type { Address } from "../network/connect.ts";
import { hungUp } from "../network/outcomes.ts";
import { type Conversation, talkTo } from "../protocol/conversation.ts";
import { closedWithoutAnswer } from "./hung-up.ts";

/** Has a conversation without TLS, and tells where the other side wants it with. `plain` names the protocol: `memcached`. */
export async function converse(
  address: Address,
  plain: string,
  conversation: (talk: Conversation) => Promise<Outcome>,
  signal: AbortSignal,
  progress?: Progress,
): Promise<Outcome> {
  const outcome = await talkTo(address, signal, conversation, { plain, progress });
  return outcome === hungUp ? closedWithoutAnswer(address, plain, signal) : outcome;
}
