import type { Outcome, TargetOf } from "../../wait/probe.ts";
import { hungUp, open, unreachable } from "./network.ts";

/** Ready when `version` is answered (memcached's doc/protocol.txt): one line there, one line back. */
export const attempt = (target: TargetOf<"memcached">, signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => {
    const socket = open(target, signal).setEncoding("latin1");
    let answered = false;
    let line = "";
    const settle = (outcome: Outcome) => {
      resolve(outcome);
      socket.destroy();
    };
    socket.on("error", (error) => settle(unreachable(error, answered, signal)));
    socket.once("end", () => settle(hungUp));
    socket.once("connect", () => {
      answered = true;
      socket.write("version\r\n");
    });
    socket.on("data", (text: string) => {
      line += text;
      if (!line.includes("\n") && line.length < 200) return;
      if (line.startsWith("VERSION ")) settle({ state: "ready" });
      else settle({ state: "refused", reason: `no memcached: it answers ${JSON.stringify(line.slice(0, 60).trim())}` });
    });
  });
