import type { Connection } from "amqplib/callback_api";
import type { Outcome, TargetOf } from "../../wait/probe.ts";
import { hungUp, unreachable } from "./network.ts";

/** How long to wait for the answer to our goodbye. */
const goodbyeMs = 100;

function explain(error: Error, { user, virtualHost }: TargetOf<"amqp">, signal: AbortSignal): Outcome {
  const { message } = error;
  // 403 ACCESS_REFUSED, told from a lost connection because the client announces authentication_failure_close.
  if (/ACCESS[-_]REFUSED/.test(message)) {
    return { state: "refused", reason: `ACCESS_REFUSED: the broker does not accept the login of user ${user}` };
  }
  // The login was accepted and the next step, opening the virtual host, answered with a close. amqplib drops its text,
  // which is NOT_ALLOWED (530) in all cases but that of a crashed virtual host.
  if (/Expected ConnectionOpenOk; got <ConnectionClose/.test(message)) {
    return {
      state: "refused",
      reason: `NOT_ALLOWED: there is no virtual host ${virtualHost}, or user ${user} has no permission on it`,
    };
  }
  if (/^Handshake terminated by server/.test(message)) return { state: "unready", reason: message };
  if (/^Socket closed abruptly/.test(message)) return hungUp;
  if (signal.aborted) return { state: "unready", reason: `the login got ${(signal.reason as Error).message}` };
  // Everything else that is no system error is amqplib's complaint about the frames it got.
  const system = (error as NodeJS.ErrnoException).code !== undefined || error instanceof AggregateError;
  return system
    ? unreachable(error, false, signal)
    : { state: "refused", reason: `it does not speak AMQP 0-9-1 (${message})` };
}

const close = (connection: Connection): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, goodbyeMs);
    connection.close(() => {
      clearTimeout(timer);
      resolve();
    });
  });

/** Ready when the login works and the virtual host can be opened. */
export async function attempt(target: TargetOf<"amqp">, signal: AbortSignal): Promise<Outcome> {
  const { connect } = await import("amqplib/callback_api");
  if (signal.aborted) return unreachable(new Error("aborted"), false, signal);
  const { host: hostname, port, user: username, password, virtualHost } = target;
  // amqplib unescapes it, as if it came from a URL.
  const vhost = encodeURIComponent(virtualHost);
  // All of it reaches net.connect(), which knows `signal`; amqplib's types do not.
  const socketOptions = { noDelay: true, signal };
  const login = { protocol: "amqp", hostname, port, username, password, vhost, heartbeat: 0 };
  try {
    const connection = await new Promise<Connection>((resolve, reject) => {
      connect(login, socketOptions, (error, opened) => (error ? reject(error) : resolve(opened)));
    });
    connection.on("error", () => {});
    await close(connection);
    return { state: "ready" };
  } catch (error) {
    return explain(error as Error, target, signal);
  }
}
