import type { Outcome } from "../../wait/probe.ts";
import { otherProtocol } from "../network/outcomes.ts";
import {
  type Frame,
  fields,
  frame,
  frameOf,
  long,
  longText,
  mechanismsIn,
  methodFrame,
  methods,
  octet,
  protocolHeader,
  readFrame,
  short,
  shortText,
  table,
  textAt,
} from "./amqp-frames.ts";
import { atMost, type Conversation, closeAfter, Ended } from "./conversation.ts";

export type Login = { readonly user: string; readonly password: string; readonly virtualHost: string };

/** How long to wait for the answer to our goodbye. */
const goodbyeMs = 100;

/** Short of 256 KiB, which no message of ours comes near. */
const frameMax = 131_072;

type Method = { readonly id: number; readonly payload: Buffer };

/** A `close` of the broker's, in its own words: they name user and virtual host, no password. */
export type Closing = { readonly code: number; readonly text: string; readonly opening: boolean };

/** What somebody makes of a `close`. */
type Reading = (closing: Closing, login: Login) => Outcome;

/** The outcome where the broker does not accept a login (403 while a connection is being opened). */
export const loginRefused = ({ user }: Login): Outcome => ({
  state: "refused",
  reason: `ACCESS_REFUSED: the broker does not accept the login of user ${user}`,
});

/** The broker takes no messages: disk or memory ran low. */
export const blockedReason = (why: string): string => `it takes no messages (${why})`;

/** @returns how to log in, by what the broker offers: oslo.messaging's own choice is AMQPLAIN, everybody else's PLAIN. */
function credentials(offered: readonly string[], { user, password }: Login): readonly [string, Buffer] {
  if (offered.includes("PLAIN")) return ["PLAIN", Buffer.from(`\0${user}\0${password}`)];
  if (offered.includes("AMQPLAIN")) return ["AMQPLAIN", fields({ LOGIN: user, PASSWORD: password })];
  throw new Ended({
    state: "hopeless",
    reason: `the broker takes no user and password: it offers ${offered.join(", ")} only`,
    fix: "let the broker take PLAIN or AMQPLAIN (auth_mechanisms in rabbitmq.conf): the service has a user and a password",
  });
}

/** A connection to a broker with one channel. Whatever is not expected ends the conversation. */
export class Broker {
  readonly #talk: Conversation;
  readonly #login: Login;
  readonly #read: Reading;
  /** `strange`: nobody who speaks AMQP was heard yet. */
  #phase: "strange" | "opening" | "open" | "closed" = "strange";

  constructor(talk: Conversation, login: Login, read: Reading) {
    this.#talk = talk;
    this.#login = login;
    this.#read = read;
  }

  send(id: number, ...payload: readonly Buffer[]): void {
    this.#talk.send(methodFrame(id, ...payload));
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
      if (read.type !== frame.heartbeat) return read;
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
      if (method.id === methods.close) throw this.#closed(method.payload);
      // Opening a connection goes step by step.
      if (this.#phase !== "open") {
        const [said, meant] = [method.id, wanted[0] as number].map((id) => `${id >>> 16}.${id & 0xffff}`);
        throw new Ended(otherProtocol(`AMQP method ${said} in place of ${meant}`));
      }
    }
  }

  #closed(payload: Buffer): Ended {
    const opening = this.#phase !== "open";
    this.send(methods.closeOk);
    this.#phase = "closed";
    return new Ended(this.#read({ code: payload.readUInt16BE(0), text: textAt(payload, 2), opening }, this.#login));
  }

  /** Logs in and opens the virtual host. @param name what the broker calls the connection, in its log and its lists. */
  async open(name: string): Promise<void> {
    this.#talk.send(protocolHeader);
    const { payload: offer } = await this.expect(methods.start);
    this.#phase = "opening";
    const [mechanism, response] = credentials(mechanismsIn(offer), this.#login);
    // It then says why it refuses a login, rather than to hang up, and that it takes no messages.
    const capabilities = { "connection.blocked": true, authentication_failure_close: true };
    const properties = table({ product: "plinth", connection_name: name, capabilities });
    this.send(methods.startOk, properties, shortText(mechanism), longText(response), shortText("en_US"));
    const { payload } = await this.expect(methods.tune);
    const offered = payload.readUInt32BE(2);
    const size = offered === 0 ? frameMax : Math.min(offered, frameMax);
    // One channel; no heartbeat.
    this.send(methods.tuneOk, short(1), long(size), short(0));
    this.send(methods.open, shortText(this.#login.virtualHost), shortText(""), octet(0));
    await this.expect(methods.openOk);
    this.#phase = "open";
  }

  async openChannel(): Promise<void> {
    this.send(methods.channelOpen, shortText(""));
    await this.expect(methods.channelOpenOk);
  }

  /** Says goodbye where a connection stands, or the broker logs a lost one. */
  async leave(): Promise<void> {
    if (this.#phase !== "opening" && this.#phase !== "open") return;
    this.send(methods.close, short(200), shortText("bye"), short(0), short(0));
    await atMost(goodbyeMs, this.expect(methods.closeOk));
  }
}

/** Has a conversation with a broker, and leaves it as it should be left. */
export const withBroker =
  (login: Login, read: Reading, conversation: (broker: Broker) => Promise<Outcome>) =>
  async (talk: Conversation): Promise<Outcome> => {
    const broker = new Broker(talk, login, read);
    return closeAfter(
      () => conversation(broker),
      () => broker.leave(),
    );
  };
