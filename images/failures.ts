/** Why a build or push failed, as far as its log says. Only `network` is worth another try. */
export type FailureKind = "network" | "disk" | "other";

/** Lines of a log that are looked at: the last of its output, where the engine repeats what failed. */
export const failureTailLines = 100;

/** In this order: an apt that cannot write says "Failed to fetch", too. */
const signs: readonly (readonly [kind: FailureKind, sign: RegExp])[] = [
  ["disk", /no space left on device|disk quota exceeded|don't have enough free space/i],
  ["network", /temporary failure (in name resolution|resolving)|could not resolve|no such host|server misbehaving/i],
  ["network", /connection (timed out|reset by peer)|i\/o timeout|TLS handshake timeout|context deadline exceeded/i],
  ["network", /(could not|unable to) connect to|network is unreachable|no route to host|connect: connection refused/i],
  // pip's words and uv's.
  ["network", /failed to establish a new connection|tcp connect error|operation timed out/i],
  ["network", /\b(500 Internal Server Error|502 Bad Gateway|503 Service Unavailable|504 Gateway Time-?out)/i],
  ["network", /\b429 Too Many Requests|toomanyrequests|\bunexpected EOF\b/i],
  // Last, since it is the frame around the reasons above. Alone it is a mirror in the middle of an update (404, or a
  // file of another size or hash than its index says): another `apt-get update` mends that.
  ["network", /\bFailed to fetch\b|Hash Sum mismatch|File has unexpected size/],
];

/**
 * @param tail the last lines of a failed build's log.
 * @returns what kind of failure it was, and the line that says so.
 */
export function classifyFailure(tail: string): { readonly kind: FailureKind; readonly line: string } {
  const lines = tail.split("\n");
  for (const [kind, sign] of signs) {
    const line = lines.find((one) => sign.test(one));
    // BuildKit puts the step and the seconds before each line of output.
    if (line !== undefined) return { kind, line: line.replace(/^#\d+ ([\d.]+ )?/, "").trim() };
  }
  return { kind: "other", line: "" };
}
