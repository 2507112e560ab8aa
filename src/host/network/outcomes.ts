import type { Outcome } from "../../wait/probe.ts";
import { Unreached, wordsOf } from "./unreached.ts";

/**
 * @param error of a connection that came about, or `Unreached`.
 * @returns the outcome of a try that ended with it, or because `signal` fired.
 */
export function unreachable(error: Error, signal: AbortSignal): Outcome {
  if (error instanceof Unreached) return error.outcome;
  if (signal.aborted) return { state: "unready", reason: `accepted the connection, then ${wordsOf(signal)}` };
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ECONNRESET" || code === "EPIPE") {
    return { state: "unready", reason: `accepted the connection and broke it off (${message})` };
  }
  return { state: "unready", reason: message };
}

/** The outcome where the other side took the connection and closed it without a word: a proxy before a dead server does. */
export const hungUp: Outcome = { state: "unready", reason: "accepted the connection and closed it without an answer" };

/** @returns the outcome where somebody answers in another protocol; believed when it stays so, for a port may change hands. */
export const otherProtocol = (reason: string): Outcome => ({
  state: "hopeless",
  doubt: true,
  reason,
  fix: "correct host and port: a server of another kind listens there",
});

/** A TLS record of a handshake or an alert (RFC 8446, 5.1), which no plain protocol here begins with. */
export const isTls = (bytes: Buffer): boolean => (bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 0x03;

/** The outcome where plain words are met with TLS. */
export const tlsInsteadOf = (what: string): Outcome => ({
  state: "hopeless",
  reason: `it speaks TLS on this port, and is asked for plain ${what}`,
  fix: `give the port on which it speaks ${what} without TLS, or let it: the service is set up to speak to it without`,
});

/** @returns the outcome where plain words were answered with TLS; undefined where `bytes` are none. */
export const tlsInstead = (bytes: Buffer, what: string): Outcome | undefined =>
  isTls(bytes) ? tlsInsteadOf(what) : undefined;
