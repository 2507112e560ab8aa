/** The pieces of AMQP 0-9-1 that a health check needs (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, section 4.2). */

export const frame = { method: 1, header: 2, body: 3 } as const;

const frameEnd = 0xce;

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

export function table(fields: Table): Buffer {
  const parts = Object.entries(fields).map(([name, value]) => {
    if (typeof value === "boolean") return Buffer.concat([shortText(name), Buffer.from("t"), octet(value ? 1 : 0)]);
    if (typeof value === "string") return Buffer.concat([shortText(name), Buffer.from("S"), longText(value)]);
    return Buffer.concat([shortText(name), Buffer.from("F"), table(value)]);
  });
  return longText(Buffer.concat(parts));
}

export function frameOf(type: number, channel: number, payload: Buffer): Buffer {
  return Buffer.concat([octet(type), short(channel), long(payload.length), payload, octet(frameEnd)]);
}

export type Frame = { readonly type: number; readonly channel: number; readonly payload: Buffer };

/** @returns the first frame of what came, undefined while it is not whole, or "strange" where that is no AMQP. */
export function readFrame(held: Buffer): { readonly value: Frame | "strange"; readonly used: number } | undefined {
  // A server that wants another version answers with a header of its own and closes.
  if (held.length > 0 && (held[0] as number) > 8) return { value: "strange", used: held.length };
  if (held.length < 8) return undefined;
  const length = held.readUInt32BE(3);
  if (length > 1 << 20) return { value: "strange", used: held.length };
  if (held.length < length + 8) return undefined;
  if (held[length + 7] !== frameEnd) return { value: "strange", used: held.length };
  const [type, channel] = [held.readUInt8(0), held.readUInt16BE(1)];
  return { value: { type, channel, payload: held.subarray(7, length + 7) }, used: length + 8 };
}

/** @returns a short text at this place of a payload. */
export const textAt = (payload: Buffer, at: number): string =>
  payload.toString("utf8", at + 1, at + 1 + (payload[at] as number));
