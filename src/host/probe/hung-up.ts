import type { Socket } from "node:net";
import type { Outcome } from "../../wait/probe.ts";
import { type Address, connect } from "../network/connect.ts";
import { hungUp, tlsInsteadOf } from "../network/outcomes.ts";

/** Milliseconds that a handshake of TLS may take. */
const handshakeMs = 1000;

/** @returns whether somebody answers a handshake of TLS there. */
async function speaksTls(address: Address, signal: AbortSignal): Promise<boolean> {
  const tls = await import("node:tls");
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), handshakeMs);
  const stop = () => resolve(false);
  signal.addEventListener("abort", stop);
  let plain: Socket | undefined;
  try {
    plain = await connect(address, signal);
    const socket = tls.connect({ socket: plain, rejectUnauthorized: false });
    socket.once("secureConnect", () => resolve(true));
    // An alert is an answer, too: of a server that wants a certificate, or a name (SNI).
    socket.on("error", ({ message }) => resolve(/alert/i.test(message)));
    socket.on("close", () => resolve(false));
    return await promise;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
    plain?.destroy();
  }
}

/**
 * What it means that the other side took plain words and closed the connection: a proxy before a dead server does that, and so
 * does OpenSSL with what is no TLS.
 */
export const closedWithoutAnswer = async (address: Address, what: string, signal: AbortSignal): Promise<Outcome> =>
  (await speaksTls(address, signal)) ? tlsInsteadOf(what) : hungUp;
