import type { Socket } from "node:net";
import type { EtcdEndpoint } from "../../overlay/etcd-settings.ts";
import type { Progress } from "../../wait/probe.ts";

/** An answer over HTTP: its status, and the whole body as text. */
export type Answer = { readonly status: number; readonly body: string };

/**
 * One connection on which requests follow each other.
 *
 * HTTP/1.1 by hand rather than node:http: what is needed of it (a POST with a length, an answer with a length or in
 * chunks) is small, and on the start path loading node:http costs about as much as all the rest of asking etcd; see
 * docs/benchmarks.md.
 */
export type Connection = {
  /** Resolves when the addresses of the endpoint's name are known. */
  readonly named: Promise<void>;
  /** What can be said while the name is being looked up; undefined before and after. */
  readonly soFar: () => string | undefined;
  /** Settles when the connection (and TLS) stands. Rejects with the system's or TLS's error. */
  readonly ready: Promise<void>;
  /** Sends JSON. Rejects when the connection ends before the answer is whole. */
  readonly post: (path: string, body: string, headers: Readonly<Record<string, string>>) => Promise<Answer>;
  /** Ends it at once; what is awaited rejects. */
  readonly close: () => void;
};

export type Connect = (endpoint: EtcdEndpoint) => Connection;

/** @returns `host:port`, as HTTP's Host field and gRPC want it. */
export const authorityOf = ({ url }: EtcdEndpoint): string => url.slice(url.indexOf("//") + 2);

/** The first lines of an answer. `body`: where it starts, and how its end is known. */
type Head = { readonly status: number; readonly bodyAt: number; readonly ends: "chunks" | "close" | number };

const emptyLine = "\r\n\r\n";

/** @returns undefined while the head is not whole. Throws on what is not HTTP/1.x. */
function headOf(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf(emptyLine, 0, "latin1");
  const text = bytes.toString("latin1", 0, end < 0 ? bytes.length : end);
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1];
  if (status === undefined && bytes.length >= "HTTP/1.1 200".length) throw new Error("the answer is not HTTP/1.1");
  if (end < 0) return undefined;
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
  const chunked = /\r\ntransfer-encoding: *chunked/i.test(text);
  return {
    status: Number(status),
    bodyAt: end + emptyLine.length,
    ends: chunked ? "chunks" : length === undefined ? "close" : Number(length),
  };
}

/** @returns the body of a chunked answer (RFC 9112, 7.1), or undefined while it is not whole. */
function unchunk(bytes: Buffer): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const endOfLine = bytes.indexOf("\r\n", at, "latin1");
    if (endOfLine < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, endOfLine), 16);
    if (Number.isNaN(size)) throw new Error("the answer is not HTTP/1.1: a chunk without a size");
    at = endOfLine + 2;
    // Trailers may follow the last chunk; they end with an empty line.
    if (size === 0) return /^(?:[^\r]+\r\n)*\r\n/.test(bytes.toString("latin1", at)) ? Buffer.concat(parts) : undefined;
    if (bytes.length < at + size + 2) return undefined;
    parts.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
}

/**
 * Puts an answer together from the packets it comes in.
 *
 * @returns a function that takes the next packet, or undefined when no more will come, and gives the answer once it is
 * whole. It throws on what is not HTTP/1.x.
 */
export function answerReader(): (packet: Buffer | undefined) => Answer | undefined {
  const packets: Buffer[] = [];
  let received = 0;
  let head: Head | undefined;
  return (packet) => {
    if (packet) {
      packets.push(packet);
      received += packet.length;
    }
    head ??= headOf(Buffer.concat(packets));
    if (!head) return undefined;
    const { status, bodyAt, ends } = head;
    // A long answer is put together once, not at each packet: a chunked one can only be whole after a line's end.
    if (ends === "chunks" ? packet?.at(-1) !== 0x0a : ends === "close" ? packet : received < bodyAt + ends)
      return undefined;
    const rest = Buffer.concat(packets).subarray(bodyAt);
    const body = ends === "chunks" ? unchunk(rest) : ends === "close" ? rest : rest.subarray(0, ends);
    return body && { status, body: body.toString("utf8") };
  };
}

/** @param begin connects. It rejects when the signal fires. */
export function overSocket(
  begin: (signal: AbortSignal, progress: Progress) => Promise<Socket>,
  endpoint: EtcdEndpoint,
): Connection {
  let ended: Error | undefined;
  let waiting: { read: ReturnType<typeof answerReader>; settle: PromiseWithResolvers<Answer> } | undefined;
  let socket: Socket | undefined;
  let soFar: string | undefined;
  const named = Promise.withResolvers<void>();
  const stands = Promise.withResolvers<void>();
  const over = new AbortController();
  // Nobody may be waiting for it any more when the connection ends.
  stands.promise.catch(() => {});

  const fail = (error: Error) => {
    ended ??= error;
    stands.reject(ended);
    waiting?.settle.reject(ended);
    waiting = undefined;
    over.abort(ended);
    socket?.destroy();
  };
  const take = (packet: Buffer | undefined) => {
    try {
      const answer = waiting?.read(packet);
      if (!answer) return;
      waiting?.settle.resolve(answer);
      waiting = undefined;
    } catch (error) {
      fail(error as Error);
    }
  };
  const use = (connected: Socket) => {
    socket = connected;
    named.resolve();
    connected.on("data", take);
    connected.on("end", () => take(undefined));
    connected.on("error", fail);
    connected.on("close", () => fail(new Error("the connection was closed before the answer was whole")));
    if (ended) connected.destroy();
    else stands.resolve();
  };
  const onSlow: Progress["onSlow"] = (outcome) => {
    soFar = outcome.state === "ready" ? undefined : outcome.reason;
  };
  const onNamed = () => {
    soFar = undefined;
    named.resolve();
  };
  begin(over.signal, { onSlow, onNamed }).then(use, fail);

  return {
    named: named.promise,
    soFar: () => soFar,
    ready: stands.promise,
    post: (path, body, headers) => {
      const settle = Promise.withResolvers<Answer>();
      if (ended || !socket) settle.reject(ended ?? new Error("the connection does not stand yet"));
      else {
        waiting = { read: answerReader(), settle };
        const fields = {
          Host: authorityOf(endpoint),
          "Content-Type": "application/json",
          "Content-Length": String(Buffer.byteLength(body)),
          ...headers,
        };
        const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.write(`POST ${path} HTTP/1.1\r\n${lines.join("")}\r\n${body}`);
      }
      return settle.promise;
    },
    close: () => fail(new Error("given up")),
  };
}
