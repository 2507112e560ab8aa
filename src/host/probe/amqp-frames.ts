/**
 * As much of AMQP 0-9-1 as opening a connection takes (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, 2.3.5 and
 * 4.2): methods of the class `connection` on channel 0. By hand rather than by a client library, which says of a login that came
 * to nothing neither the broker's own words nor what was answered in place of AMQP.
 */

/** A method of class 10. */
export const methods = {
  start: 10,
  startOk: 11,
  secure: 20,
  tune: 30,
  tuneOk: 31,
  open: 40,
  openOk: 41,
  close: 50,
  closeOk: 51,
} as const;

const connectionClass = 10;
const frameEnd = 0xce;
const frameHead = 7;
/** Far more than the list of mechanisms or a broker's table of properties ever needed. */
const frameLimit = 1_000_000;

export const protocolHeader = Buffer.from("AMQP\x00\x00\x09\x01", "latin1");

export const short = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
};

export const long = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** At most 255 bytes. */
export const shortText = (text: string): Buffer => {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
};

export const longText = (text: string | Buffer): Buffer => {
  const bytes = Buffer.from(text as string);
  return Buffer.concat([long(bytes.length), bytes]);
};

type Table = { readonly [key: string]: string | true | Table };

/** A field table without its length. */
export function fields(table: Table): Buffer {
  const entries = Object.entries(table).map(([key, value]) => {
    if (value === true) return Buffer.concat([shortText(key), Buffer.from("t\x01", "latin1")]);
    const [type, bytes] = typeof value === "string" ? ["S", value] : ["F", fields(value)];
    return Buffer.concat([shortText(key), Buffer.from(type), longText(bytes)]);
  });
  return Buffer.concat(entries);
}

export function method(id: number, ...payload: readonly Buffer[]): Buffer {
  const body = Buffer.concat([short(connectionClass), short(id), ...payload]);
  return Buffer.concat([Buffer.from([1]), short(0), long(body.length), body, Buffer.from([frameEnd])]);
}

export type Method = { readonly id: number; readonly payload: Buffer };

/** @returns the first method in `bytes` and what follows it; undefined while it is not whole. Throws on what is no AMQP 0-9-1. */
export function firstMethod(bytes: Buffer): { readonly method: Method; readonly rest: Buffer } | undefined {
  const wrong = (): Error => new Error(`it answers ${JSON.stringify(bytes.toString("latin1", 0, 40).trim())}`);
  // An answer that begins like the header names the version that the other side wants.
  if (bytes.length >= 1 && bytes[0] !== 1) throw wrong();
  if (bytes.length < frameHead) return undefined;
  const size = bytes.readUInt32BE(3);
  const end = frameHead + size;
  if (size < 4 || size > frameLimit) throw wrong();
  if (bytes.length <= end) return undefined;
  if (bytes[end] !== frameEnd || bytes.readUInt16BE(frameHead) !== connectionClass) throw wrong();
  const method = { id: bytes.readUInt16BE(frameHead + 2), payload: bytes.subarray(frameHead + 4, end) };
  return { method, rest: bytes.subarray(end + 1) };
}

/** @returns the SASL mechanisms that a `start` offers: after the version (2 bytes) and a table stands a long text. */
export function mechanismsIn({ payload }: Method): readonly string[] {
  const at = 2 + 4 + payload.readUInt32BE(2);
  return payload.toString("utf8", at + 4, at + 4 + payload.readUInt32BE(at)).split(" ");
}

/** @returns code and words of a `close`. */
export function closingIn({ payload }: Method): { readonly code: number; readonly text: string } {
  return { code: payload.readUInt16BE(0), text: payload.toString("utf8", 3, 3 + (payload[2] ?? 0)) };
}
