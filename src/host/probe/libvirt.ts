import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { converse } from "./conversation.ts";
import { otherProtocol, tlsInstead } from "./network.ts";

/**
 * libvirt's remote protocol (https://libvirt.org/kbase/internals/rpc.html): 32-bit numbers, the most significant byte
 * first. The length of the whole, then program, version, procedure, type (a call is 0, its reply 1), serial, status.
 */
const program = 0x20008086;
const connectClose = 2;
const words = (...numbers: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * index);
  return bytes;
};
const question = words(28, program, 1, connectClose, 0, 0, 0);

function judge(answer: Buffer, ended: boolean): Outcome | undefined {
  const tls = tlsInstead(answer, "libvirt");
  if (tls) return tls;
  if (answer.length >= 8 && answer.readUInt32BE(4) !== program) {
    return otherProtocol("no libvirtd: it answers in another protocol");
  }
  return ended && answer.length >= 28 ? { state: "ready" } : undefined;
}

/**
 * Ready when libvirtd answers a call. It is asked to close the connection, which it then does by itself: a client that
 * just leaves is an error in its log.
 */
export const attempt = (target: TargetOf<"libvirt">, signal: AbortSignal, progress?: Progress): Promise<Outcome> =>
  converse(target, { what: "libvirt", question, judge }, signal, progress);
