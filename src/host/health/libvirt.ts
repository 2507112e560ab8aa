import type { Outcome } from "../../wait/probe.ts";
import { Ended, type Talk, talkTo } from "./talk.ts";

/**
 * libvirt's remote protocol (https://libvirt.org/kbase/internals/rpc.html; src/remote/remote_protocol.x for the numbers):
 * 32-bit numbers, the most significant byte first. The length of the whole, then program, version, procedure, type (a call
 * is 0, its reply 1), serial, status.
 */
const program = 0x20008086;
const procedures = { open: 1, close: 2, numberOfDomains: 51, authList: 66 } as const;
const headLength = 28;

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

async function call(talk: Talk, procedure: number, ...fields: readonly Buffer[]): Promise<void> {
  const body = Buffer.concat(fields);
  talk.send(Buffer.concat([words(headLength + body.length, program, 1, procedure, 0, procedure, 0), body]));
  const length = (await talk.bytes(4)).readUInt32BE(0);
  if (length < headLength || length > 1 << 24) {
    throw new Ended({ state: "refused", reason: "no libvirtd: it answers in another protocol" });
  }
  const reply = await talk.bytes(length - 4);
  if (reply.readUInt32BE(0) !== program) {
    throw new Ended({ state: "refused", reason: "no libvirtd: it answers in another protocol" });
  }
  if (reply.readUInt32BE(20) !== 0) throw new Ended({ state: "unready", reason: errorText(reply.subarray(24)) });
}

/** Ready when libvirt's driver of QEMU opens and tells how many servers it has. */
export const askLibvirt = (path: string, signal: AbortSignal): Promise<Outcome> =>
  talkTo({ host: "localhost", port: 0, path }, signal, async (talk) => {
    // Being asked how to log in, libvirtd sees that root need not.
    await call(talk, procedures.authList);
    const readWrite = 0;
    await call(talk, procedures.open, words(1), text("qemu:///system"), words(readWrite));
    await call(talk, procedures.numberOfDomains);
    await call(talk, procedures.close);
    return { state: "ready" };
  });
