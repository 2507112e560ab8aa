import type { Keystone, KeystoneResource } from "../catalog/apply.ts";
import type { WantedCatalog } from "../catalog/wanted.ts";

/** Milliseconds that keystone has for one answer. */
const requestTimeoutMs = 30_000;

type Answer = { readonly status: number; readonly body: unknown; readonly token: string | null };

/** The name of one thing in a request: `{"user": {...}}` for the collection `users`. */
const one = (collection: string): string => collection.replace(/s$/, "");

/** Logs in to keystone. Rejects with words for people: what was asked, and what keystone said. */
export async function openKeystone({ url, login }: Pick<WantedCatalog, "url" | "login">): Promise<Keystone> {
  let token: string | null = null;

  async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers: Record<string, string> = { "content-type": "application/json", connection: "close" };
    if (token !== null) headers["x-auth-token"] = token;
    const answer = await fetch(`${url}${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(requestTimeoutMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const parsed: unknown =
      /json/.test(answer.headers.get("content-type") ?? "") && text !== "" ? JSON.parse(text) : text;
    return { status: answer.status, body: parsed, token: answer.headers.get("x-subject-token") };
  }
  const refused = (what: string, { status, body }: Answer): Error => {
    const said = (body as { error?: { message?: string } } | null)?.error?.message ?? "";
    return new Error(`keystone refuses ${what}: HTTP status ${status}${said ? `, ${said}` : ""}`);
  };
  async function must(expected: readonly number[], method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await ask(method, path, body);
    if (!expected.includes(answer.status)) throw refused(`${method} ${path}`, answer);
    return answer;
  }
  const logIn = (name: string, password: string, domain: string, scope?: unknown): Promise<Answer> =>
    ask("POST", "/auth/tokens?nocatalog", {
      auth: {
        identity: { methods: ["password"], password: { user: { name, domain: { id: domain }, password } } },
        ...(scope === undefined ? {} : { scope }),
      },
    });

  const { user, password, project, domain } = login;
  const mine = await logIn(user, password, domain, { project: { name: project, domain: { id: domain } } });
  if (mine.status !== 201) throw refused(`user ${user} of project ${project}`, mine);
  token = mine.token;

  return {
    async list(collection, filters) {
      // A region is known by its id, which is no filter.
      if (collection === "regions") {
        const answer = await ask("GET", `/regions/${encodeURIComponent(filters["id"] ?? "")}`);
        if (answer.status === 404) return [];
        if (answer.status !== 200) throw refused("GET /regions", answer);
        return [(answer.body as { region: KeystoneResource }).region];
      }
      const answer = await must([200], "GET", `/${collection}?${new URLSearchParams(filters)}`);
      return (answer.body as Record<string, readonly KeystoneResource[]>)[collection] ?? [];
    },
    async create(collection, thing) {
      const answer = await ask("POST", `/${collection}`, { [one(collection)]: thing });
      if (answer.status === 409) return undefined;
      if (answer.status !== 201) throw refused(`POST /${collection}`, answer);
      return (answer.body as Record<string, KeystoneResource>)[one(collection)];
    },
    async update(collection, id, changes) {
      await must([200], "PATCH", `/${collection}/${id}`, { [one(collection)]: changes });
    },
    async grant(on, onId, userId, role) {
      await must([204], "PUT", `/${on}/${onId}/users/${userId}/roles/${role}`);
    },
    async knows(name, secret, domainId) {
      const saved = token;
      token = null;
      const answer = await logIn(name, secret, domainId);
      token = saved;
      if (answer.status === 201) return true;
      if (answer.status === 401) return false;
      throw refused(`a login of ${name}`, answer);
    },
  };
}
