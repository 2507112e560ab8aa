import type { IncomingMessage, RequestOptions } from "node:http";
import type { Outcome, TargetOf } from "../../wait/probe.ts";
import { hungUp, limitConnect, unreachable } from "./network.ts";

/** What a page answered: its status, and its beginning where `wantBody`. */
type Answer = { readonly status: number; readonly body: string };

const bodyLimit = 10_000;

async function beginning(response: IncomingMessage): Promise<string> {
  let body = "";
  for await (const piece of response.setEncoding("utf8")) {
    body += piece;
    if (body.length > bodyLimit) break;
  }
  return body;
}

/** A body makes it a POST of JSON; `wantBody` keeps the beginning of the answer. */
type Asking = { readonly body?: string; readonly wantBody?: boolean };

/**
 * GETs a page or POSTs JSON, without following redirects.
 *
 * The certificate of an https page is not verified: no secret is sent, nothing of the answer is believed but that
 * somebody answers, and whom the service itself trusts (its `cafile`, the system's bundle) is not known here.
 */
export async function request(
  url: string,
  { body, wantBody = false }: Asking,
  signal: AbortSignal,
): Promise<Answer | Outcome> {
  const http = url.startsWith("https:") ? await import("node:https") : await import("node:http");
  let answered = false;
  return new Promise((resolve) => {
    const options: RequestOptions & { rejectUnauthorized: boolean } = {
      // No agent: a kept connection to a server that was restarted meanwhile answers with a reset.
      agent: false,
      method: body === undefined ? "GET" : "POST",
      headers: {
        "user-agent": "plinth",
        accept: "application/json, */*",
        connection: "close",
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      },
      rejectUnauthorized: false,
      signal,
    };
    const asked = http.request(url, options, async (response) => {
      const status = response.statusCode ?? 0;
      try {
        resolve({ status, body: wantBody ? await beginning(response) : "" });
      } catch (error) {
        resolve(unreachable(error as Error, true, signal));
      } finally {
        asked.destroy();
      }
    });
    asked.on("socket", (socket) => {
      limitConnect(socket);
      socket.once("connect", () => {
        answered = true;
      });
    });
    asked.on("error", (error: NodeJS.ErrnoException) => {
      const { code = "" } = error;
      // llhttp's codes (HPE_...) and OpenSSL's (EPROTO, ERR_SSL_...): somebody is there and speaks something else.
      if (/^(HPE_|EPROTO$|ERR_SSL_)/.test(code)) {
        resolve({ state: "refused", reason: `it does not speak ${url.replace(/:.*/s, "")} (${error.message})` });
      } else if (error.message === "socket hang up") resolve(hungUp);
      else resolve(unreachable(error, answered, signal));
    });
    asked.end(body);
  });
}

/** Ready when the page answers with an expected status; unready while it says that itself (5xx). */
export async function attempt(target: TargetOf<"http">, signal: AbortSignal): Promise<Outcome> {
  const answer = await request(target.url, {}, signal);
  if ("state" in answer) return answer;
  const { status } = answer;
  if (target.expect.includes(status)) return { state: "ready" };
  const reason = `HTTP status ${status}, not ${target.expect.length > 3 ? "one of success" : target.expect.join(" or ")}`;
  return { state: status >= 500 ? "unready" : "refused", reason };
}
