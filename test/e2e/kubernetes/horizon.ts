import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";

type Page = { readonly status: number; readonly location: string; readonly text: string };

/** A person's browser, as far as horizon needs one: it keeps cookies and follows no redirect by itself. */
class Session {
  readonly #at: string;
  readonly #host: string;
  readonly #cookies = new Map<string, string>();

  /** @param host by which the dashboard is called: it answers to no other name. */
  constructor(at: string, host: string) {
    this.#at = at;
    this.#host = host;
  }

  cookie(name: string): string {
    return this.#cookies.get(name) ?? "";
  }

  async ask(path: string, form?: Readonly<Record<string, string>>): Promise<Page> {
    const body = form && new URLSearchParams(form).toString();
    const asked = request(`${this.#at}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        host: this.#host,
        cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(body === undefined
          ? {}
          : { "content-type": "application/x-www-form-urlencoded", "content-length": String(Buffer.byteLength(body)) }),
      },
      signal: AbortSignal.timeout(60_000),
    });
    asked.end(body);
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.#cookies.set(name, value);
    }
    const text = (await answer.setEncoding("utf8").toArray()).join("");
    return { status: answer.statusCode ?? 0, location: answer.headers.location ?? "", text };
  }
}

/** Logs in as the administrator. @returns the page with the project's servers. */
export async function logInToHorizon(at: string, host: string, password: string): Promise<string> {
  const session = new Session(at, host);
  const page = await session.ask("/auth/login/");
  assert.equal(page.status, 200, page.text.slice(0, 500));
  const [, region = "default"] = /name="region"[^>]*value="([^"]*)"/.exec(page.text) ?? [];
  const token = /name="csrfmiddlewaretoken" value="([^"]*)"/.exec(page.text)?.[1] ?? session.cookie("csrftoken");
  const login = { csrfmiddlewaretoken: token, region, username: "admin", password, next: "/project/instances/" };
  const answer = await session.ask("/auth/login/", login);
  assert.equal(answer.status, 302, answer.text.slice(0, 2000));
  const servers = await session.ask("/project/instances/");
  assert.equal(servers.status, 200, `${servers.location} ${servers.text.slice(0, 500)}`);
  return servers.text;
}
