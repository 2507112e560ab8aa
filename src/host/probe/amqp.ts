import type { Socket } from "node:net";
import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { connect } from "../network/connect.ts";
import {
  closingIn,
  fields,
  firstMethod,
  long,
  longText,
  type Method,
  mechanismsIn,
  method,
  methods,
  protocolHeader,
  short,
  shortText,
} from "./amqp-frames.ts";
import { closedWithoutAnswer } from "./hung-up.ts";
import { hungUp, otherProtocol, tlsInstead, unreachable } from "./network.ts";

/** How long to wait for the answer to our goodbye. */
const goodbyeMs = 100;

/** Ends the asking with what it gave. */
class Settled extends Error {
  readonly outcome: Outcome;
  constructor(outcome: Outcome) {
    super("settled");
    this.outcome = outcome;
  }
}

const refused = (reason: string): Settled => new Settled({ state: "refused", reason });

/** @returns a function that gives the next method. It rejects when the connection ends, or with `Settled`. */
function reader(socket: Socket, signal: AbortSignal): () => Promise<Method> {
  let bytes: Buffer = Buffer.alloc(0);
  let ended: Error | undefined;
  let wake = () => {};
  const end = (error: Error) => {
    ended ??= error;
    socket.destroy();
    wake();
  };
  const stop = () => end(new Error("aborted"));
  signal.addEventListener("abort", stop);
  socket.on("data", (piece: Buffer) => {
    bytes = Buffer.concat([bytes, piece]);
    wake();
  });
  socket.on("error", end);
  socket.on("end", () => end(new Settled(hungUp)));
  socket.on("close", () => {
    signal.removeEventListener("abort", stop);
    end(new Settled(hungUp));
  });
  if (signal.aborted) stop();
  return async () => {
    for (;;) {
      const tls = tlsInstead(bytes, "AMQP");
      if (tls) throw new Settled(tls);
      let found: ReturnType<typeof firstMethod>;
      try {
        found = firstMethod(bytes);
      } catch (error) {
        throw new Settled(otherProtocol(`it does not speak AMQP 0-9-1: ${(error as Error).message}`));
      }
      if (found) {
        bytes = found.rest;
        return found.method;
      }
      if (ended) throw ended;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
}

/** What identifies us in the broker's log. It then says why it refuses a login, rather than to hang up. */
const client = { product: "plinth", capabilities: { authentication_failure_close: true } } as const;

/** @returns how to log in, by what the broker offers: oslo.messaging's own choice is AMQPLAIN, everybody else's PLAIN. */
function credentials(offered: readonly string[], { user, password }: TargetOf<"amqp">) {
  if (offered.includes("PLAIN")) return { mechanism: "PLAIN", response: Buffer.from(`\0${user}\0${password}`) };
  if (offered.includes("AMQPLAIN")) {
    return { mechanism: "AMQPLAIN", response: fields({ LOGIN: user, PASSWORD: password }) };
  }
  throw new Settled({
    state: "hopeless",
    reason: `the broker takes no user and password: it offers ${offered.join(", ")} only`,
    fix: "let the broker take PLAIN or AMQPLAIN (auth_mechanisms in rabbitmq.conf): the service has a user and a password",
  });
}

/** What the broker says when it closes an opening connection, in its own words: they name user and virtual host, no password. */
function closed(close: Method, { user }: TargetOf<"amqp">): Settled {
  const { code, text } = closingIn(close);
  // 403: the login. 530: the virtual host, also one that has as many connections as it may. All else passes by itself:
  // 541 of a virtual host that is down, 320 of a broker that is told to end.
  if (code === 403) return refused(`ACCESS_REFUSED: the broker does not accept the login of user ${user}`);
  if (code !== 530 || /limit/.test(text)) return new Settled({ state: "unready", reason: `${text} (${code})` });
  return refused(`${text} (${code})`);
}

async function open(socket: Socket, target: TargetOf<"amqp">, signal: AbortSignal): Promise<Outcome> {
  const next = reader(socket, signal);
  const expect = async (id: number): Promise<Method> => {
    const answer = await next();
    if (answer.id === methods.close) throw closed(answer, target);
    if (answer.id !== id) throw new Settled(otherProtocol(`AMQP method 10.${answer.id} in place of 10.${id}`));
    return answer;
  };
  socket.write(protocolHeader);
  const { mechanism, response } = credentials(mechanismsIn(await expect(methods.start)), target);
  const properties = longText(fields(client));
  socket.write(method(methods.startOk, properties, shortText(mechanism), longText(response), shortText("en_US")));
  const { payload } = await expect(methods.tune);
  // Channels and size of frames as the broker wants them; no heartbeat.
  const tuned = method(methods.tuneOk, short(payload.readUInt16BE(0)), long(payload.readUInt32BE(2)), short(0));
  socket.write(
    Buffer.concat([tuned, method(methods.open, shortText(target.virtualHost), shortText(""), Buffer.from([0]))]),
  );
  await expect(methods.openOk);
  socket.write(method(methods.close, short(200), shortText("goodbye"), short(0), short(0)));
  const timer = setTimeout(() => socket.destroy(), goodbyeMs);
  // Whatever it answers: the question was answered before.
  await next().catch(() => {});
  clearTimeout(timer);
  return { state: "ready" };
}

/** Ready when the login works and the virtual host can be opened. */
export async function attempt(target: TargetOf<"amqp">, signal: AbortSignal, progress?: Progress): Promise<Outcome> {
  let socket: Socket | undefined;
  try {
    socket = await connect(target, signal, progress);
    return await open(socket, target, signal);
  } catch (error) {
    const outcome = error instanceof Settled ? error.outcome : unreachable(error as Error, signal);
    return outcome === hungUp ? closedWithoutAnswer(target, "AMQP", signal) : outcome;
  } finally {
    socket?.destroy();
  }
}
