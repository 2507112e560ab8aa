import type { Outcome } from "../../wait/probe.ts";
import {
  type Frame,
  frame,
  frameOf,
  long,
  longText,
  methods,
  octet,
  readFrame,
  short,
  shortText,
  table,
  textAt,
} from "./amqp-wire.ts";
import { Ended, type Place, type Talk, talkTo } from "./talk.ts";

export type Login = { readonly user: string; readonly password: string; readonly virtualHost: string };

/** How long to wait for the answer to our goodbye. */
const goodbyeMs = 100;

/** Short of 256 KiB, which no message of ours comes near. */
const frameMax = 131_072;

/** The broker takes no messages: disk or memory ran low. */
export const blockedReason = (why: string): string => `it takes no messages (${why})`;

type Method = { readonly id: number; readonly payload: Buffer };

/** A connection to a broker with one channel. Whatever is not expected ends it, with the broker's own words. */
export class Broker {
  readonly #talk: Talk;
  readonly #login: Login;
  #opening = true;

  constructor(talk: Talk, login: Login) {
    this.#talk = talk;
    this.#login = login;
  }

  send(id: number, ...fields: readonly Buffer[]): void {
    const channel = id >>> 16 === 10 ? 0 : 1;
    this.#talk.send(frameOf(frame.method, channel, Buffer.concat([long(id), ...fields])));
  }

  /** Sends a message that nobody keeps longer than `limitMs`. `mandatory`: it comes back where no queue is for it. */
  publish(exchange: string, routingKey: string, body: Buffer, limitMs: number): void {
    const mandatory = 1;
    this.send(methods.publish, short(0), shortText(exchange), shortText(routingKey), octet(mandatory));
    // Content type, content encoding, headers, delivery mode and expiration, in the order of their bits.
    const flags = (1 << 15) | (1 << 14) | (1 << 13) | (1 << 12) | (1 << 8);
    const properties = [
      shortText("application/json"),
      shortText("utf-8"),
      table({}),
      octet(1),
      shortText(String(Math.ceil(limitMs))),
    ];
    const header = Buffer.concat([short(60), short(0), long(0), long(body.length), short(flags), ...properties]);
    this.#talk.send(frameOf(frame.header, 1, header));
    this.#talk.send(frameOf(frame.body, 1, body));
  }

  async #frame(): Promise<Frame> {
    for (;;) {
      const read = await this.#talk.take(readFrame);
      if (read === "strange") throw new Ended({ state: "refused", reason: "it does not speak AMQP 0-9-1" });
      if (read.type <= frame.body) return read;
    }
  }

  /** The body of the message whose header comes next. */
  async body(): Promise<Buffer> {
    const { payload } = await this.#frame();
    const length = Number(payload.readBigUInt64BE(4));
    const parts: Buffer[] = [];
    for (let have = 0; have < length; ) {
      const { payload: part } = await this.#frame();
      parts.push(part);
      have += part.length;
    }
    return Buffer.concat(parts);
  }

  /** @returns the next of these methods. A broker that closes or blocks the connection instead ends the conversation. */
  async expect(...wanted: readonly number[]): Promise<Method> {
    for (;;) {
      const { type, payload } = await this.#frame();
      if (type !== frame.method) continue;
      const method = { id: payload.readUInt32BE(0), payload: payload.subarray(4) };
      if (wanted.includes(method.id)) return method;
      if (method.id === methods.blocked) {
        throw new Ended({ state: "unready", reason: blockedReason(textAt(method.payload, 0)) });
      }
      if (method.id === methods.close) throw new Ended(this.#closed(method.payload));
    }
  }

  #closed(payload: Buffer): Outcome {
    const { user, virtualHost } = this.#login;
    const [code, text] = [payload.readUInt16BE(0), textAt(payload, 2)];
    this.send(methods.closeOk);
    if (code === 403 && this.#opening) {
      return { state: "refused", reason: `ACCESS_REFUSED: the broker does not accept the login of user ${user}` };
    }
    if (code === 530) {
      return {
        state: "refused",
        reason: `NOT_ALLOWED: there is no virtual host ${virtualHost}, or user ${user} has no permission on it`,
      };
    }
    return { state: "unready", reason: `the broker closed the connection: ${text} (${code})` };
  }

  /** Logs in, opens the virtual host and a channel. */
  async open(): Promise<void> {
    const { user, password, virtualHost } = this.#login;
    this.#talk.send("AMQP\x00\x00\x09\x01");
    await this.expect(methods.start);
    const capabilities = { "connection.blocked": true, authentication_failure_close: true };
    const properties = table({ product: "plinth", connection_name: "plinth healthcheck", capabilities });
    const secret = longText(`\0${user}\0${password}`);
    this.send(methods.startOk, properties, shortText("PLAIN"), secret, shortText("en_US"));
    const { payload } = await this.expect(methods.tune);
    const offered = payload.readUInt32BE(2);
    const size = offered === 0 ? frameMax : Math.min(offered, frameMax);
    this.send(methods.tuneOk, short(1), long(size), short(0));
    this.send(methods.open, shortText(virtualHost), shortText(""), octet(0));
    await this.expect(methods.openOk);
    this.#opening = false;
    this.send(methods.channelOpen, shortText(""));
    await this.expect(methods.channelOpenOk);
  }

  /** Says goodbye, or the broker logs a lost connection. */
  async leave(): Promise<void> {
    this.send(methods.close, short(200), shortText("bye"), short(0), short(0));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, goodbyeMs);
    });
    await Promise.race([
      this.expect(methods.closeOk).then(
        () => {},
        () => {},
      ),
      late,
    ]);
    clearTimeout(timer);
  }
}

/** Logs in to a broker for a conversation. @returns its outcome, or why there was none. */
export const talkToBroker = (
  place: Place,
  login: Login,
  signal: AbortSignal,
  conversation: (broker: Broker) => Promise<Outcome>,
): Promise<Outcome> =>
  talkTo(place, signal, async (talk) => {
    const broker = new Broker(talk, login);
    let outcome: Outcome;
    try {
      await broker.open();
      outcome = await conversation(broker);
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
      outcome = error.outcome;
    }
    await broker.leave();
    return outcome;
  });

/**
 * Ready when the login works, the virtual host opens, and a message is taken. RabbitMQ blocks who publishes while an alarm is
 * on, and says so then only (https://www.rabbitmq.com/docs/connection-blocked): the message, for a queue that is not there,
 * comes back at once otherwise.
 */
export const askBroker = (place: Place, login: Login, signal: AbortSignal): Promise<Outcome> =>
  talkToBroker(place, login, signal, async (broker) => {
    broker.publish("", "plinth-health", Buffer.from("{}"), 1000);
    await broker.expect(methods.returned);
    await broker.body();
    return alarmShows(broker);
  });

/** The message that blocks a connection is dealt with before RabbitMQ says so: what it says next tells. */
async function alarmShows(broker: Broker): Promise<Outcome> {
  broker.send(methods.channelClose, short(200), shortText("bye"), short(0), short(0));
  await broker.expect(methods.channelCloseOk);
  return { state: "ready" };
}
