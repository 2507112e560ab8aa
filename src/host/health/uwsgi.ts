import type { Outcome } from "../../wait/probe.ts";
import { talkTo } from "../protocol/conversation.ts";

type Statistics = { readonly workers?: readonly { readonly cores?: readonly { readonly in_request?: number }[] }[] };

/**
 * Asks uWSGI's master for its statistics (https://uwsgi-docs.readthedocs.io/en/latest/StatsServer.html), a text of JSON.
 * Ready when every worker's every thread is at a request: then it is no wonder that another one waits.
 */
export const askWorkers = (path: string, signal: AbortSignal): Promise<Outcome> =>
  talkTo({ host: "localhost", port: 0, path }, signal, async (talk) => {
    const { workers = [] } = await talk.take((held) => {
      try {
        return { value: JSON.parse(held.toString("utf8")) as Statistics, used: held.length };
      } catch {
        return undefined;
      }
    });
    const cores = workers.flatMap(({ cores: each = [] }) => each);
    const idle = cores.filter(({ in_request: busy }) => busy !== 1).length;
    if (cores.length > 0 && idle === 0) return { state: "ready" };
    return { state: "unready", reason: `${idle} of ${cores.length} threads of uWSGI are idle` };
  });
