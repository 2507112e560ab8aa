import type { Socket } from "node:net";
import type { Outcome, Progress } from "../../wait/probe.ts";
import { type Address, connect } from "../network/connect.ts";
import { hungUp, otherProtocol, tlsInstead, unreachable } from "../network/outcomes.ts";

/** Ends a conversation with an outcome that is not `ready`. */
export class Ended extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(outcome.state === "ready" ? "ready" : outcome.reason);
    this.outcome = outcome;
  }
}

/** The protocol's name, `memcached`, where nobody would begin an answer as TLS does: TLS in its place is told apart then. */
type Plain = string | undefined;

/**
 * A connection that is read piece by piece. What goes wrong with it ends the conversation, and so does the signal: the socket
 * stays open then, for a goodbye.
 */
export class Conversation {
  readonly #socket: Socket;
  readonly #plain: Plain;
  readonly #release: () => void;
  #held: Buffer = Buffer.alloc(0);
  #ended: Outcome | undefined;
  #wake = (): void => {};

  constructor(socket: Socket, signal: AbortSignal, plain?: Plain) {
    const end = (outcome: Outcome) => {
      this.#ended ??= outcome;
      this.#wake();
    };
    const stop = () => end(unreachable(signal.reason, signal));
    this.#socket = socket;
    this.#plain = plain;
    this.#release = () => signal.removeEventListener("abort", stop);
    socket.on("data", (bytes: Buffer) => {
      this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
      this.#wake();
    });
    socket.on("error", (error) => end(unreachable(error, signal)));
    socket.once("end", () => end(hungUp));
    socket.once("close", () => end(hungUp));
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
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
      const tls = this.#plain === undefined ? undefined : tlsInstead(this.#held, this.#plain);
      if (tls) throw new Ended(tls);
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

  /** @returns the next line, without its end; its beginning, where it is longer than `limit` bytes. */
  line(limit = Number.POSITIVE_INFINITY): Promise<string> {
    return this.take((held) => {
      const end = held.indexOf(10);
      if (end < 0 && held.length < limit) return undefined;
      const length = Math.min(end < 0 ? limit : end, limit);
      return { value: held.toString("latin1", 0, length).trimEnd(), used: end < 0 ? length : end + 1 };
    });
  }

  /** Waits until the other side closes. @throws Ended where the connection ends otherwise. */
  async closed(): Promise<void> {
    try {
      await this.take(() => undefined);
    } catch (error) {
      if (!(error instanceof Ended) || error.outcome !== hungUp) throw error;
    }
  }

  destroy(): void {
    this.#release();
    this.#socket.destroy();
  }
}

/** Waits for what may fail, at most this long: the answer to a goodbye. */
export async function atMost(limitMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([promise.catch(() => {}), late]);
  clearTimeout(timer);
}

/** @throws Ended where no connection comes about. */
async function open(address: Address, signal: AbortSignal, progress: Progress): Promise<Socket> {
  try {
    return await connect(address, signal, progress);
  } catch (error) {
    throw new Ended(unreachable(error as Error, signal));
  }
}

/** What Node throws where something is read beyond the end of an answer. */
const beyond = new Set<unknown>(["ERR_OUT_OF_RANGE", "ERR_BUFFER_OUT_OF_BOUNDS"]);

/** Has a conversation, and leaves as it should be left. @returns the outcome, however it came to its end. */
export async function closeAfter(conversation: () => Promise<Outcome>, leave: () => Promise<void>): Promise<Outcome> {
  let outcome: Outcome;
  try {
    outcome = await conversation();
  } catch (error) {
    if (!(error instanceof Ended)) throw error;
    outcome = error.outcome;
  }
  await leave();
  return outcome;
}

/** Connects and has a conversation. @returns its outcome, or how the connection failed. */
export async function talkTo(
  address: Address,
  signal: AbortSignal,
  conversation: (talk: Conversation) => Promise<Outcome>,
  { plain, progress = {} }: { readonly plain?: Plain; readonly progress?: Progress | undefined } = {},
): Promise<Outcome> {
  let talk: Conversation | undefined;
  try {
    talk = new Conversation(await open(address, signal, progress), signal, plain);
    return await conversation(talk);
  } catch (error) {
    if (error instanceof Ended) return error.outcome;
    if (beyond.has((error as NodeJS.ErrnoException).code)) return otherProtocol("its answer ends before it is whole");
    throw error;
  } finally {
    talk?.destroy();
  }
}
