import type { Outcome } from "../../wait/probe.ts";
import { addressText } from "../../wait/probe.ts";
import type { Address } from "../network/connect.ts";
import { talkTo } from "../protocol/conversation.ts";

export type Request = {
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes it a POST of JSON. */
  readonly body?: string;
};

/** Room for an answer; more of it is nobody's concern here. */
const answerLimit = 1 << 20;

function requestText(place: Address, { path, headers = {}, body }: Request): string {
  const lines = [
    `${body === undefined ? "GET" : "POST"} ${path} HTTP/1.1`,
    `Host: ${addressText(place)}`,
    "User-Agent: plinth",
    "Accept: application/json, */*",
    "Connection: close",
    ...(body === undefined ? [] : ["Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body ?? ""}`;
}

/**
 * Sends one request over plain HTTP and judges the status of the answer. Not node:http, by which waiting asks (probe/http.ts),
 * for its modules cost a quarter of Node's boot: a health check, every few seconds in every container, needs no TLS and only
 * the status. The answer is read to its end: servers log a client that leaves in the middle.
 */
export const askPage = (
  place: Address,
  request: Request,
  judge: (status: number, body: string) => Outcome,
  signal: AbortSignal,
): Promise<Outcome> =>
  talkTo(place, signal, async (talk) => {
    talk.send(requestText(place, request));
    const first = await talk.line();
    const [, status] = /^HTTP\/1\.[01] (\d{3})\b/.exec(first) ?? [];
    if (status === undefined) return { state: "refused", reason: "it does not speak http" };
    let body = "";
    await talk
      .take((held) => {
        body = held.toString("latin1");
        return held.length > answerLimit ? { value: undefined, used: held.length } : undefined;
      })
      .catch(() => {});
    return judge(Number(status), body.slice(body.indexOf("\r\n\r\n") + 4));
  });

/** @returns what judges a status by those that are expected. */
export const expecting =
  (expect: readonly number[]) =>
  (status: number): Outcome => {
    if (expect.includes(status)) return { state: "ready" };
    const reason = `HTTP status ${status}, not ${expect.length > 3 ? "one of success" : expect.join(" or ")}`;
    return { state: status >= 500 ? "unready" : "refused", reason };
  };
