import type { Outcome } from "../../wait/probe.ts";
import type { Address } from "../network/connect.ts";
import { type Broker, type Closing, type Login, loginRefused, withBroker } from "../protocol/amqp.ts";
import { methods, short, shortText } from "../protocol/amqp-frames.ts";
import { talkTo } from "../protocol/conversation.ts";

/** What a health check makes of a `close`: a no (`refused`) is an answer of the broker's all the same. */
function closed({ code, text, opening }: Closing, login: Login): Outcome {
  if (code === 403 && opening) return loginRefused(login);
  if (code === 530) {
    const { user, virtualHost } = login;
    return {
      state: "refused",
      reason: `NOT_ALLOWED: there is no virtual host ${virtualHost}, or user ${user} has no permission on it`,
    };
  }
  return { state: "unready", reason: `the broker closed the connection: ${text} (${code})` };
}

/** Logs in to a broker and opens a channel for a conversation. @returns its outcome, or why there was none. */
export const talkToBroker = (
  place: Address,
  login: Login,
  signal: AbortSignal,
  conversation: (broker: Broker) => Promise<Outcome>,
): Promise<Outcome> =>
  talkTo(
    place,
    signal,
    withBroker(login, closed, async (broker) => {
      await broker.open("plinth healthcheck");
      await broker.openChannel();
      return conversation(broker);
    }),
    { plain: "AMQP" },
  );

/**
 * Ready when the login works, the virtual host opens, and a message is taken. RabbitMQ blocks who publishes while an alarm is
 * on, and says so then only (https://www.rabbitmq.com/docs/connection-blocked): the message, for a queue that is not there,
 * comes back at once otherwise.
 */
export const askBroker = (place: Address, login: Login, signal: AbortSignal): Promise<Outcome> =>
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
