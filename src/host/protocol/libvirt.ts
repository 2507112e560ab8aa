import type { Outcome } from "../../wait/probe.ts";
import { otherProtocol } from "../network/outcomes.ts";
import { type Conversation, Ended } from "./conversation.ts";

/**
 * libvirt's remote protocol (https://libvirt.org/kbase/internals/rpc.html; src/remote/remote_protocol.x for the numbers):
 * 32-bit numbers, the most significant byte first. The length of the whole, then program, version, procedure, type (a call
 * is 0, its reply 1), serial, status.
 */
const program = 0x20008086;
const procedures = { open: 1, close: 2, numberOfDomains: 51, authList: 66 } as const;
const headLength = 28;
const lengthLimit = 1 << 24;

function words(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * index);
  return bytes;
}

/** A text as XDR writes it: its length, its bytes, padded to words. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([words(bytes.length), bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
}

/** The message of an error: code, domain, then a text that may be missing. */
const errorText = (body: Buffer): string =>
  body.length > 16 && body.readUInt32BE(8) === 1
    ? body.toString("utf8", 16, 16 + body.readUInt32BE(12))
    : "an error without words";

type Reply = { readonly status: number; readonly body: Buffer };

/** @returns the first reply in what came; undefined while it is not whole. Throws `Ended` on what is none. */
function readReply(held: Buffer): { readonly value: Reply; readonly used: number } | undefined {
  if (held.length < 8) return undefined;
  const length = held.readUInt32BE(0);
  if (held.readUInt32BE(4) !== program || length < headLength || length > lengthLimit) {
    throw new Ended(otherProtocol("no libvirtd: it answers in another protocol"));
  }
  if (held.length < length) return undefined;
  return { value: { status: held.readUInt32BE(24), body: held.subarray(headLength, length) }, used: length };
}

function call(talk: Conversation, procedure: number, ...fields: readonly Buffer[]): Promise<Reply> {
  const body = Buffer.concat(fields);
  talk.send(Buffer.concat([words(headLength + body.length, program, 1, procedure, 0, procedure, 0), body]));
  return talk.take(readReply);
}

/** @throws Ended on an error, with libvirtd's own words. */
async function expect(reply: Promise<Reply>): Promise<void> {
  const { status, body } = await reply;
  if (status !== 0) throw new Ended({ state: "unready", reason: errorText(body) });
}

/**
 * Ready when libvirtd answers a call. It is asked to close the connection, which it then does by itself: a client that
 * just leaves is an error in its log.
 */
export async function libvirtAnswers(talk: Conversation): Promise<Outcome> {
  await call(talk, procedures.close);
  await talk.closed();
  return { state: "ready" };
}

/** Ready when libvirt's driver of QEMU opens and tells how many servers it has. */
export async function libvirtWorks(talk: Conversation): Promise<Outcome> {
  // Being asked how to log in, libvirtd sees that root need not.
  await expect(call(talk, procedures.authList));
  const readWrite = 0;
  await expect(call(talk, procedures.open, words(1), text("qemu:///system"), words(readWrite)));
  await expect(call(talk, procedures.numberOfDomains));
  await expect(call(talk, procedures.close));
  return { state: "ready" };
}
