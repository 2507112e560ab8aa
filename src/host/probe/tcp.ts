import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { connect } from "../network/connect.ts";
import { unreachable } from "../network/outcomes.ts";

/** Ready when a connection is accepted. */
export async function attempt(target: TargetOf<"tcp">, signal: AbortSignal, progress?: Progress): Promise<Outcome> {
  try {
    const socket = await connect(target, signal, progress);
    socket.destroy();
    return { state: "ready" };
  } catch (error) {
    return unreachable(error as Error, signal);
  }
}
