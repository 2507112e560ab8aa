import type { IncomingMessage, RequestOptions } from "node:http";
import { isIP, type Socket } from "node:net";
import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { type Address, connect } from "../network/connect.ts";
import { hungUp, isTls, otherProtocol, tlsInsteadOf, unreachable } from "../network/outcomes.ts";
import { closedWithoutAnswer } from "./hung-up.ts";

/** What a page answered: its status, and its beginning where `wantBody`. */
type Answer = { readonly status: number; readonly body: string; readonly location?: string | undefined };

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

/** Host, as a socket wants it, and port of a URL. */
function addressIn({ hostname, port, protocol }: URL): Address {
  return { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || (protocol === "https:" ? 443 : 80) };
}

/**
 * Speaks TLS on a connection, with the server's name as it is in the URL (RFC 6066, 3: none for an address).
 *
 * The certificate is not verified: no secret is sent, nothing of the answer is believed but that somebody answers, and whom the
 * service itself trusts (its `cafile`, the system's bundle) is not known here.
 */
async function secure(socket: Socket, host: string): Promise<Socket> {
  const tls = await import("node:tls");
  return tls.connect({ socket, rejectUnauthorized: false, ...(isIP(host) === 0 && { servername: host }) });
}

/** The other side speaks without TLS what it is asked with it. */
const plainInstead: Outcome = {
  state: "hopeless",
  reason: "it does not speak https: it answers without TLS",
  fix: "use http in place of https for it, or the port on which it speaks TLS",
};

/** What servers write into a page of status 400 (nginx: status 497's page; Apache; Go's net/http, which etcd is made of). */
const wantsTls =
  /plain HTTP request was sent to (?:an? )?(?:TLS|HTTPS|SSL)|speaking plain HTTP to an SSL|HTTP request to an HTTPS server/i;

/** What is no HTTP comes with the bytes that it was. */
type HttpError = NodeJS.ErrnoException & { readonly rawPacket?: Buffer };

/** @returns what an error of HTTP or TLS says. */
function explain(error: HttpError, secured: boolean, signal: AbortSignal): Outcome {
  const { code = "", message, rawPacket } = error;
  if (signal.aborted) return unreachable(error, signal);
  if (!secured && rawPacket && isTls(rawPacket)) return tlsInsteadOf("http");
  if (/^(EPROTO$|ERR_SSL_)/.test(code)) {
    // `write EPROTO 4000...:error:0A00010B:SSL routines:FUNCTION:wrong version number:FILE:LINE:`
    const words = /:error:[^:]*:[^:]*:[^:]*:([^:]*)/.exec(message)?.[1] ?? message;
    // What OpenSSL says of bytes that are no TLS record at all.
    if (/wrong version number|packet length too long|http request/.test(words)) return plainInstead;
    return { state: "refused", reason: `TLS does not come about: ${words}` };
  }
  // llhttp's codes: somebody is there and speaks something else.
  if (code.startsWith("HPE_")) return otherProtocol(`it does not speak http (${message})`);
  // Node says so where a connection is closed before TLS stands, and before an answer.
  if (message === "socket hang up" || message.startsWith("Client network socket disconnected")) return hungUp;
  return unreachable(error, signal);
}

/**
 * GETs a page or POSTs JSON, without following redirects. By node:http rather than as a health check does it (health/http.ts):
 * waiting also asks over TLS, reads bodies in any encoding of transfer, and tells what else answers; loading it delays nobody,
 * since it happens while the server is not there yet.
 */
export async function request(
  url: string,
  { body, wantBody = false }: Asking,
  signal: AbortSignal,
  progress?: Progress,
): Promise<Answer | Outcome> {
  if (!URL.canParse(url)) {
    const fix = "give a name or an address alone as host, without scheme, user, port or blanks";
    return { state: "hopeless", reason: "it is no URL, since its host is neither a name nor an address", fix };
  }
  const address = addressIn(new URL(url));
  const secured = url.startsWith("https:");
  let socket: Socket;
  // Loaded before there is a connection, which nobody would look at meanwhile.
  const http = await import("node:http");
  if (secured) await import("node:tls");
  try {
    socket = await connect(address, signal, progress);
  } catch (error) {
    return unreachable(error as Error, signal);
  }
  const stream = secured ? await secure(socket, address.host) : socket;
  return new Promise((resolve) => {
    const options: RequestOptions = {
      // A connection of its own: one that was kept is answered with a reset by a server that was restarted meanwhile.
      createConnection: () => stream,
      method: body === undefined ? "GET" : "POST",
      headers: {
        "user-agent": "plinth",
        accept: "application/json, */*",
        connection: "close",
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      },
      signal,
    };
    const asked = http.request(url.replace(/^https:/, "http:"), options, async (response) => {
      const status = response.statusCode ?? 0;
      try {
        const text = wantBody || status === 400 ? await beginning(response) : "";
        resolve(
          !secured && status === 400 && wantsTls.test(text)
            ? tlsInsteadOf("http")
            : { status, body: text, location: response.headers.location },
        );
      } catch (error) {
        resolve(unreachable(error as Error, signal));
      } finally {
        asked.destroy();
        socket.destroy();
      }
    });
    asked.on("error", (error) => {
      const outcome = explain(error, secured, signal);
      resolve(outcome === hungUp && !secured ? closedWithoutAnswer(address, "http", signal) : outcome);
      socket.destroy();
    });
    asked.end(body);
  });
}

/** Ready when the page answers with an expected status; unready while it says that itself (5xx). */
export async function attempt(target: TargetOf<"http">, signal: AbortSignal, progress?: Progress): Promise<Outcome> {
  const answer = await request(target.url, {}, signal, progress);
  if ("state" in answer) return answer;
  const { status, location } = answer;
  if (target.expect.includes(status)) return { state: "ready" };
  // Less its query, which may hold a token.
  const to = location === undefined ? "" : ` (it sends on to ${location.replace(/[?#].*/s, "")})`;
  const reason = `HTTP status ${status}${to}, not ${target.expect.length > 3 ? "one of success" : target.expect.join(" or ")}`;
  return { state: status >= 500 ? "unready" : "refused", reason };
}
