import { otherProtocol } from "../network/outcomes.ts";
import { Ended } from "./conversation.ts";

/**
 * The pieces of AMQP 0-9-1 that waiting and health checks need (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, 2.3.5
 * and 4.2). By hand rather than by a client library, which says of a login that came to nothing neither the broker's own words
 * nor what was answered in place of AMQP, and takes longer to load than a health check may.
 */
export const frame = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;

const frameTypes: ReadonlySet<number> = new Set(Object.values(frame));
const frameEnd = 0xce;
const frameHead = 7;
/** Far more than the list of mechanisms or a broker's table of properties ever needed. */
const frameLimit = 1 << 20;

export const protocolHeader = Buffer.from("AMQP\x00\x00\x09\x01", "latin1");

/** Class and method of a method frame, as one number. */
export const method = (classId: number, methodId: number): number => (classId << 16) | methodId;

export const methods = {
  start: method(10, 10),
  startOk: method(10, 11),
  tune: method(10, 30),
  tuneOk: method(10, 31),
  open: method(10, 40),
  openOk: method(10, 41),
  close: method(10, 50),
  closeOk: method(10, 51),
  blocked: method(10, 60),
  channelOpen: method(20, 10),
  channelOpenOk: method(20, 11),
  channelClose: method(20, 40),
  channelCloseOk: method(20, 41),
  declare: method(50, 10),
  declareOk: method(50, 11),
  consume: method(60, 20),
  consumeOk: method(60, 21),
  publish: method(60, 40),
  returned: method(60, 50),
  deliver: method(60, 60),
} as const;

export const octet = (value: number): Buffer => Buffer.from([value]);

export function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** At most 255 bytes, which names in AMQP are by its own rules. */
export function shortText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([octet(bytes.length), bytes]);
}

export function longText(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([long(bytes.length), bytes]);
}

/** A table of texts, flags and tables. */
export type Table = { readonly [name: string]: string | boolean | Table };

/** A table without its length. */
export function fields(table: Table): Buffer {
  const parts = Object.entries(table).map(([name, value]) => {
    if (typeof value === "boolean") return Buffer.concat([shortText(name), Buffer.from("t"), octet(value ? 1 : 0)]);
    if (typeof value === "string") return Buffer.concat([shortText(name), Buffer.from("S"), longText(value)]);
    return Buffer.concat([shortText(name), Buffer.from("F"), longText(fields(value))]);
  });
  return Buffer.concat(parts);
}

export const table = (of: Table): Buffer => longText(fields(of));

export function frameOf(type: number, channel: number, payload: Buffer): Buffer {
  return Buffer.concat([octet(type), short(channel), long(payload.length), payload, octet(frameEnd)]);
}

/** A method's frame: those of a connection go by channel 0, all others by our only channel. */
export const methodFrame = (id: number, ...payload: readonly Buffer[]): Buffer =>
  frameOf(frame.method, id >>> 16 === 10 ? 0 : 1, Buffer.concat([long(id), ...payload]));

export type Frame = { readonly type: number; readonly channel: number; readonly payload: Buffer };

/** @returns the first frame of what came; undefined while it is not whole. Throws `Ended` on what is no AMQP 0-9-1. */
export function readFrame(held: Buffer): { readonly value: Frame; readonly used: number } | undefined {
  const wrong = (): Ended => {
    const answer = JSON.stringify(held.toString("latin1", 0, 40).trim());
    return new Ended(otherProtocol(`it does not speak AMQP 0-9-1: it answers ${answer}`));
  };
  // An answer that begins like our header names the version that the other side wants.
  if (held.length > 0 && !frameTypes.has(held[0] as number)) throw wrong();
  if (held.length < frameHead) return undefined;
  const end = frameHead + held.readUInt32BE(3);
  if (end > frameLimit) throw wrong();
  if (held.length <= end) return undefined;
  if (held[end] !== frameEnd) throw wrong();
  const [type, channel] = [held.readUInt8(0), held.readUInt16BE(1)];
  return { value: { type, channel, payload: held.subarray(frameHead, end) }, used: end + 1 };
}

/** @returns a short text at this place of a payload. */
export const textAt = (payload: Buffer, at: number): string =>
  payload.toString("utf8", at + 1, at + 1 + (payload[at] as number));

/** @returns the SASL mechanisms that a `start` offers: after the version (2 bytes) and a table stands a long text. */
export function mechanismsIn(payload: Buffer): readonly string[] {
  const at = 2 + 4 + payload.readUInt32BE(2);
  return payload.toString("utf8", at + 4, at + 4 + payload.readUInt32BE(at)).split(" ");
}
