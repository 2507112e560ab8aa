import { connect, type Socket } from "node:net";
import type { Outcome } from "../../wait/probe.ts";

/**
 * How long an address may leave a connection request unanswered. A second is when the kernel would repeat it anyway
 * (RFC 6298), so a new try loses nothing, and an address that was a black hole is found alive within a second.
 */
const connectMs = 1000;

/** Connects, and gives up when `signal` fires or nothing answers. What goes wrong comes as the socket's "error". */
export function open(address: { readonly host: string; readonly port: number }, signal: AbortSignal): Socket {
  const socket = connect({ ...address, signal, noDelay: true });
  limitConnect(socket);
  return socket;
}

/** Ends a socket that is not connected within `connectMs`. */
export function limitConnect(socket: Socket): void {
  const silent = () =>
    socket.destroy(Object.assign(new Error(`no answer within ${connectMs / 1000} s`), { code: "ETIMEDOUT" }));
  const timer = setTimeout(silent, connectMs);
  const clear = () => clearTimeout(timer);
  socket.once("connect", clear).once("close", clear);
}

const absent = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "ETIMEDOUT",
  "EADDRNOTAVAIL",
]);
const unnamed = new Set(["ENOTFOUND", "EAI_AGAIN", "ENODATA", "EAI_NODATA", "EAI_NONAME", "EAI_FAIL"]);

/** @returns the code and words of an error; of a failure at every address of a name (AggregateError), those of all. */
function explain(error: Error): { readonly code: string; readonly reason: string } {
  const parts = error instanceof AggregateError ? (error.errors as readonly Error[]) : [error];
  const [first = error] = parts;
  const code = (first as NodeJS.ErrnoException).code ?? "";
  return { code, reason: [...new Set(parts.map(({ message }) => message))].join(", ") || code };
}

/**
 * @param answered whether the other side had accepted the connection.
 * @returns the outcome of a try that ended with a network error or because `signal` fired.
 */
export function unreachable(error: Error, answered: boolean, signal: AbortSignal): Outcome {
  if (signal.aborted) {
    const why = signal.reason instanceof Error ? signal.reason.message : String(signal.reason);
    return answered
      ? { state: "unready", reason: `accepted the connection, then ${why}` }
      : { state: "absent", reason: why };
  }
  const { code, reason } = explain(error);
  if (unnamed.has(code)) return { state: "unnamed", reason: `the name is not known (${reason})` };
  if (absent.has(code)) return { state: "absent", reason };
  if (code === "ECONNRESET" || code === "EPIPE") {
    return { state: "unready", reason: `accepted the connection and broke it off (${reason})` };
  }
  return { state: answered ? "unready" : "absent", reason };
}

/** The outcome where the other side took the connection and closed it without a word: a proxy before a dead server does. */
export const hungUp: Outcome = { state: "unready", reason: "accepted the connection and closed it without an answer" };
