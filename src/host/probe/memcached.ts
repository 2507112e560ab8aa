import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { converse } from "./conversation.ts";
import { otherProtocol, tlsInstead } from "./network.ts";

const lineLimit = 200;

function judge(answer: Buffer): Outcome | undefined {
  const tls = tlsInstead(answer, "memcached");
  if (tls) return tls;
  const line = answer.toString("latin1", 0, lineLimit);
  if (!line.includes("\n") && line.length < lineLimit) return undefined;
  if (line.startsWith("VERSION ")) return { state: "ready" };
  // memcached's doc/protocol.txt: the server's own trouble, such as being out of memory.
  if (line.startsWith("SERVER_ERROR")) return { state: "unready", reason: line.trim() };
  return otherProtocol(`no memcached: it answers ${JSON.stringify(line.slice(0, 60).trim())}`);
}

/** Ready when `version` is answered (memcached's doc/protocol.txt): one line there, one line back. */
export const attempt = (target: TargetOf<"memcached">, signal: AbortSignal, progress?: Progress): Promise<Outcome> =>
  converse(target, { what: "memcached", question: Buffer.from("version\r\n"), judge }, signal, progress);
