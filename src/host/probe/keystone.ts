import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { request } from "./http.ts";

/**
 * What asks for a token (https://docs.openstack.org/api-ref/identity/v3/, "Password authentication with scoped
 * authorization"): user, password, project and role are judged by keystone itself in one go.
 */
const question = ({ user, password, project, domain }: TargetOf<"keystone">): string =>
  JSON.stringify({
    auth: {
      identity: { methods: ["password"], password: { user: { name: user, domain: { id: domain }, password } } },
      scope: { project: { name: project, domain: { id: domain } } },
    },
  });

/**
 * Ready when keystone gives the user a token for its project. Until the job that makes users has run, keystone says 401,
 * and 401 is all that it ever says of a wrong password, too.
 */
export async function attempt(
  target: TargetOf<"keystone">,
  signal: AbortSignal,
  progress?: Progress,
): Promise<Outcome> {
  const asking = { body: question(target) };
  const answer = await request(`${target.url}/auth/tokens?nocatalog`, asking, signal, progress);
  if ("state" in answer) return answer;
  const { status } = answer;
  if (status === 201) return { state: "ready" };
  if (status === 401) {
    const reason = `keystone does not know user ${target.user} of project ${target.project} with this password (HTTP status 401)`;
    return { state: "refused", reason };
  }
  return { state: status >= 500 ? "unready" : "refused", reason: `HTTP status ${status}, not 201` };
}
