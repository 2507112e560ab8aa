import type { Outcome } from "../../wait/probe.ts";
import type { Address } from "../network/connect.ts";
import { type Conversation, talkTo } from "../protocol/conversation.ts";

type Reply = { readonly result?: unknown; readonly error?: unknown };

/** JSON-RPC 1.0 as Open vSwitch speaks it at its sockets (RFC 7047, section 4; ovs-appctl(8)): texts one after the other. */
async function call(talk: Conversation, method: string, params: readonly unknown[]): Promise<Reply> {
  talk.send(JSON.stringify({ method, params, id: 0 }));
  return talk.take((held) => {
    try {
      return { value: JSON.parse(held.toString("utf8")) as Reply, used: held.length };
    } catch {
      // Not whole yet.
      return undefined;
    }
  });
}

/** Gives a program of Open vSwitch or OVN a command, as ovs-appctl does. Its main loop answers, so it runs. */
export const askControl = (
  path: string,
  command: string,
  expect: string | undefined,
  signal: AbortSignal,
): Promise<Outcome> =>
  talkTo({ host: "localhost", port: 0, path }, signal, async (talk) => {
    const { result, error } = await call(talk, command, []);
    const said = String(error ?? result ?? "").trim();
    if (error !== null && error !== undefined) return { state: "refused", reason: `${command}: ${said}` };
    if (expect === undefined || said === expect) return { state: "ready" };
    return {
      state: "unready",
      reason: `${command} says ${JSON.stringify(said.slice(0, 100))}, not ${JSON.stringify(expect)}`,
    };
  });

/** Ready when a server of OVSDB has the database and reads from it. */
export const askOvsdb = (place: Address, database: string, signal: AbortSignal): Promise<Outcome> =>
  talkTo(place, signal, async (talk) => {
    const { result, error } = await call(talk, "transact", [database, { op: "comment", comment: "plinth" }]);
    const failed = error ?? (Array.isArray(result) ? result.find((each) => each?.error) : undefined);
    return failed === undefined || failed === null
      ? { state: "ready" }
      : { state: "unready", reason: `${database}: ${JSON.stringify(failed).slice(0, 200)}` };
  });
