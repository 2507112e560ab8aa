import type { Outcome } from "../../wait/probe.ts";
import type { Address } from "../network/connect.ts";
import { blockedReason, type Login } from "../protocol/amqp.ts";
import { methods, octet, short, shortText, table, textAt } from "../protocol/amqp-frames.ts";
import { talkToBroker } from "./amqp.ts";

/** A server of oslo.messaging, by where its own queue is. */
export type RpcServer = {
  readonly exchange: string;
  readonly topic: string;
  /** Left out: any server of the topic. */
  readonly server?: string;
};

/**
 * A call as oslo.messaging 2.0 writes it (oslo_messaging/_drivers/common.py, amqp.py): an envelope whose message is a text.
 * Every server has the method where `rpc_ping_enabled` is on (oslo_messaging/rpc/dispatcher.py).
 */
function envelope(replyQueue: string, id: string): Buffer {
  const message = {
    method: "oslo_rpc_server_ping",
    args: {},
    version: "1.0",
    _msg_id: id,
    _reply_q: replyQueue,
    _timeout: null,
    _unique_id: id,
  };
  return Buffer.from(JSON.stringify({ "oslo.version": "2.0", "oslo.message": JSON.stringify(message) }));
}

/** 32 hexadecimal digits, as uuid4().hex has. Nothing rests on their being hard to guess. */
const randomId = (): string =>
  Array.from({ length: 4 }, () =>
    Math.floor(Math.random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0"),
  ).join("");

function repliesTo(body: Buffer, id: string): boolean {
  try {
    const { "oslo.message": text = "{}" } = JSON.parse(body.toString("utf8")) as { "oslo.message"?: string };
    return (JSON.parse(text) as { _msg_id?: string })._msg_id === id;
  } catch {
    return false;
  }
}

/** How a ping ended. `reached`: the broker took it, so that only the server itself can be why nobody answered. */
export type Pinged = { readonly outcome: Outcome; readonly reached: boolean };

/**
 * Ready when the process itself answers a call. Whatever it answers: also "no such method" comes from it.
 *
 * @param limitMs after which nobody need answer any more: what a frozen process finds when it goes on is not piled up.
 */
export async function pingRpc(
  place: Address,
  login: Login,
  { exchange, topic, server }: RpcServer,
  limitMs: number,
  signal: AbortSignal,
): Promise<Pinged> {
  const routingKey = server === undefined ? topic : `${topic}.${server}`;
  let sent = false;
  let blocked = false;
  const outcome = await talkToBroker(place, login, signal, async (broker): Promise<Outcome> => {
    const exclusive = 4;
    const noAck = 2;
    broker.send(methods.declare, short(0), shortText(""), octet(exclusive), table({}));
    const replyQueue = textAt((await broker.expect(methods.declareOk)).payload, 0);
    broker.send(methods.consume, short(0), shortText(replyQueue), shortText(""), octet(noAck | exclusive), table({}));
    await broker.expect(methods.consumeOk);
    const id = randomId();
    broker.publish(exchange, routingKey, envelope(replyQueue, id), limitMs);
    sent = true;
    for (;;) {
      const { id: said, payload } = await broker.expect(
        methods.deliver,
        methods.returned,
        methods.channelClose,
        methods.blocked,
      );
      if (said === methods.blocked) {
        blocked = true;
        return { state: "unready", reason: blockedReason(textAt(payload, 0)) };
      }
      if (said !== methods.deliver) {
        return { state: "unready", reason: `nobody listens at the queue ${routingKey} of exchange ${exchange}` };
      }
      if (repliesTo(await broker.body(), id)) return { state: "ready" };
    }
  });
  if (!sent || blocked || outcome.state === "ready" || !signal.aborted) return { outcome, reached: sent && !blocked };
  const reason = `no answer to a call at the queue ${routingKey} within ${limitMs / 1000} s`;
  return { outcome: { state: "unready", reason }, reached: true };
}
