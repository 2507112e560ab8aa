import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { request } from "./http.ts";

/** Ready when the member says that it is healthy: it is so when it has a leader and answers a consistent read. */
export async function attempt(target: TargetOf<"etcd">, signal: AbortSignal, progress?: Progress): Promise<Outcome> {
  const answer = await request(`${target.url}/health`, { wantBody: true }, signal, progress);
  if ("state" in answer) return answer;
  const { status, body } = answer;
  // {"health":"true"}, a text, up to 3.6 at least; a boolean in old releases.
  const [, health] = /"health"\s*:\s*"?(true|false)/.exec(body) ?? [];
  if (health === "true") return { state: "ready" };
  if (health === "false" || status >= 500) {
    return { state: "unready", reason: `the member says it is not healthy: ${body.trim().slice(0, 200) || status}` };
  }
  return { state: "refused", reason: `no etcd: /health answers with HTTP status ${status}` };
}
