import type { Outcome } from "../../wait/probe.ts";
import { otherProtocol } from "../network/outcomes.ts";
import type { Conversation } from "./conversation.ts";

const lineLimit = 200;

/** Asks in memcached's doc/protocol.txt's way: one line there, one line back. */
function ask(talk: Conversation, question: string): Promise<string> {
  talk.send(question);
  return talk.line(lineLimit);
}

/** Ready when `version` is answered. */
export async function memcachedAnswers(talk: Conversation): Promise<Outcome> {
  const line = await ask(talk, "version\r\n");
  if (line.startsWith("VERSION ")) return { state: "ready" };
  // memcached's doc/protocol.txt: an error of the server, such as being out of memory.
  if (line.startsWith("SERVER_ERROR")) return { state: "unready", reason: line.trim() };
  return otherProtocol(`no memcached: it answers ${JSON.stringify(line.slice(0, 60).trim())}`);
}

/** Ready when memcached keeps a value, for a second. */
export async function memcachedKeeps(talk: Conversation): Promise<Outcome> {
  const line = await ask(talk, "set plinth-health 0 1 2\r\nok\r\n");
  return line === "STORED"
    ? { state: "ready" }
    : { state: "unready", reason: `it keeps nothing: ${line.slice(0, 60)}` };
}
