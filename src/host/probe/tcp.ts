import type { Outcome, TargetOf } from "../../wait/probe.ts";
import { open, unreachable } from "./network.ts";

/** Ready when a connection is accepted. */
export const attempt = (target: TargetOf<"tcp">, signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => {
    const socket = open(target, signal);
    socket.on("error", (error) => resolve(unreachable(error, false, signal)));
    socket.once("connect", () => {
      resolve({ state: "ready" });
      socket.destroy();
    });
  });
