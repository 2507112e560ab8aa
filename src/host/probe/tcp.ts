import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { connect, connectLocally } from "../network/connect.ts";
import { unreachable } from "./network.ts";

/** Ready when a connection is accepted. */
export async function attempt(target: TargetOf<"tcp">, signal: AbortSignal, progress?: Progress): Promise<Outcome> {
  const { path } = target;
  try {
    const socket = await (path === undefined ? connect(target, signal, progress) : connectLocally(path, signal));
    socket.destroy();
    return { state: "ready" };
  } catch (error) {
    return unreachable(error as Error, signal);
  }
}
