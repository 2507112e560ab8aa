import type { Outcome } from "../../wait/probe.ts";
import { type Place, talkTo } from "./talk.ts";

/** Ready when memcached keeps a value (its doc/protocol.txt), for a second. */
export const askCache = (place: Place, signal: AbortSignal): Promise<Outcome> =>
  talkTo(place, signal, async (talk) => {
    talk.send("set plinth-health 0 1 2\r\nok\r\n");
    const line = await talk.line();
    return line === "STORED"
      ? { state: "ready" }
      : { state: "unready", reason: `it keeps nothing: ${line.slice(0, 60)}` };
  });
