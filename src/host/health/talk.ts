import type { Socket } from "node:net";
import type { Outcome } from "../../wait/probe.ts";
import { connect } from "../network/connect.ts";
import { hungUp, unreachable } from "../probe/network.ts";

/** Where to ask: an address, or a Unix socket in its place. */
export type Place = { readonly host: string; readonly port: number; readonly path?: string };

/** Ends a conversation with an outcome that is not `ready`. */
export class Ended extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(outcome.state === "ready" ? "ready" : outcome.reason);
    this.outcome = outcome;
  }
}

/** A connection that is read piece by piece. What goes wrong with it ends the conversation. */
export class Talk {
  readonly #socket: Socket;
  #held: Buffer = Buffer.alloc(0);
  #ended: Outcome | undefined;
  #wake = (): void => {};

  constructor(socket: Socket, signal: AbortSignal) {
    const end = (outcome: Outcome) => {
      this.#ended ??= outcome;
      this.#wake();
    };
    this.#socket = socket;
    socket.on("data", (bytes: Buffer) => {
      this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
      this.#wake();
    });
    socket.on("error", (error) => end(unreachable(error, signal)));
    socket.once("end", () => end(hungUp));
    socket.once("close", () => end(hungUp));
  }

  send(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  /**
   * Waits until `read` finds what it looks for in what has come so far.
   *
   * @param read gives the value and the number of bytes that it takes up; undefined while more is needed.
   * @throws Ended when the other side says no more.
   */
  async take<T>(read: (held: Buffer) => { readonly value: T; readonly used: number } | undefined): Promise<T> {
    for (;;) {
      const found = read(this.#held);
      if (found) {
        this.#held = this.#held.subarray(found.used);
        return found.value;
      }
      if (this.#ended) throw new Ended(this.#ended);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** @returns the next `length` bytes. */
  bytes(length: number): Promise<Buffer> {
    return this.take((held) => (held.length < length ? undefined : { value: held.subarray(0, length), used: length }));
  }

  /** @returns the next line, without its end. */
  line(): Promise<string> {
    return this.take((held) => {
      const end = held.indexOf(10);
      return end < 0 ? undefined : { value: held.toString("latin1", 0, end).trimEnd(), used: end + 1 };
    });
  }

  /** Waits for the other side to close, at most this long. */
  async closed(limitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    const end = this.take((held) => (this.#ended ? { value: undefined, used: held.length } : undefined));
    await Promise.race([end.catch(() => {}), late]);
    clearTimeout(timer);
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

/** @throws Ended where no connection comes about. */
async function open(place: Place, signal: AbortSignal): Promise<Socket> {
  try {
    return await connect(place, signal);
  } catch (error) {
    throw new Ended(unreachable(error as Error, signal));
  }
}

/** Connects and has a conversation. @returns its outcome, or how the connection failed. */
export async function talkTo(
  place: Place,
  signal: AbortSignal,
  conversation: (talk: Talk) => Promise<Outcome>,
): Promise<Outcome> {
  let talk: Talk | undefined;
  try {
    talk = new Talk(await open(place, signal), signal);
    return await conversation(talk);
  } catch (error) {
    if (error instanceof Ended) return error.outcome;
    throw error;
  } finally {
    talk?.destroy();
  }
}
