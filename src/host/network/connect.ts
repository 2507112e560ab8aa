import { connect as begin, isIP, type Socket } from "node:net";
import type { Progress } from "../../wait/probe.ts";
import { addressesOf } from "./names.ts";
import { absent, Unreached, wordsOf } from "./unreached.ts";

/**
 * How long an address may leave a connection request unanswered. A second is when the kernel would repeat it anyway
 * (RFC 6298), so a new try loses nothing, and an address that was a black hole is found alive within a second.
 */
const connectMs = 1000;

/** Milliseconds after which the next address is tried, too: the Connection Attempt Delay of RFC 8305, section 5. */
const attemptDelayMs = 250;

/** Milliseconds within which all addresses are being tried, however many a name has. */
const allTriedMs = 2000;

/** `path` is a Unix socket in place of host and port. */
export type Address = { readonly host: string; readonly port: number; readonly path?: string };

/** @returns the addresses with the families by turns, that of the first one first (RFC 8305, section 4). */
export function interleave(addresses: readonly string[]): readonly string[] {
  const first = isIP(addresses[0] ?? "");
  const [these, those] = [
    addresses.filter((address) => isIP(address) === first),
    addresses.filter((address) => isIP(address) !== first),
  ];
  const longer = Math.max(these.length, those.length);
  return Array.from({ length: longer }, (_, index) => [these[index], those[index]])
    .flat()
    .filter((address) => address !== undefined);
}

type Failure = { readonly address: string; readonly code: string; readonly reason: string };

/** How many addresses that failed alike are named. */
const named = 4;

/** @returns what each address said, those that said the same together: `no answer within 1 s: 10.0.0.1, 10.0.0.2`. */
function failureText(failures: readonly Failure[]): string {
  const groups = Map.groupBy(failures, ({ reason }) => reason);
  return [...groups]
    .map(([reason, group]) => {
      const addresses = group.slice(0, named).map(({ address }) => address);
      const more = group.length > named ? ` and ${group.length - named} more` : "";
      return `${reason}: ${addresses.join(", ")}${more}`;
    })
    .join("; ");
}

/** What the kernel says of an address, in words; other errors speak for themselves. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there (ECONNREFUSED)",
  EHOSTUNREACH: "no such host there (EHOSTUNREACH)",
  ENETUNREACH: "no route there (ENETUNREACH)",
  EADDRNOTAVAIL: "no way there from here (EADDRNOTAVAIL)",
  EAFNOSUPPORT: "no IPv6 here (EAFNOSUPPORT)",
  ECONNRESET: "took the connection and broke it off (ECONNRESET)",
};

/** @returns why no address of `host` could be connected to; `end` is why the trying was broken off. */
function summary(host: string, addresses: readonly string[], failures: readonly Failure[], end?: string): string {
  // An address in place of a name: the system's words have it.
  if (addresses[0] === host) return failures[0]?.reason ?? end ?? "";
  const count = addresses.length === 1 ? "the address" : `none of the ${addresses.length} addresses`;
  const said = failures.length > 0 ? failureText(failures) : addresses.slice(0, named).join(", ");
  return `${count} of ${host} ${addresses.length === 1 ? "does not answer" : "answers"}: ${said}${end ? `; ${end}` : ""}`;
}

const silent = (): NodeJS.ErrnoException =>
  Object.assign(new Error(`no answer within ${connectMs / 1000} s`), { code: "ETIMEDOUT" });

/** Tries addresses side by side; the first that connects wins, and the others are closed. */
function race(addresses: readonly string[], { host, port }: Address, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const order = interleave(addresses);
  const delayMs = Math.min(attemptDelayMs, allTriedMs / order.length);
  const open = new Map<Socket, NodeJS.Timeout>();
  const failures: Failure[] = [];
  let next = 0;
  let delay: NodeJS.Timeout | undefined;
  const settle = (winner?: Socket) => {
    clearTimeout(delay);
    signal.removeEventListener("abort", stop);
    for (const [socket, limit] of open) {
      clearTimeout(limit);
      if (socket !== winner) socket.destroy();
    }
    open.clear();
  };
  const fail = (end?: string) => {
    settle();
    const reason = summary(host, addresses, failures, end);
    // Somebody was there and hung up before the kernel told of the connection.
    const reset = failures.some(({ code }) => code === "ECONNRESET");
    reject(new Unreached({ state: reset ? "unready" : "absent", reason }));
  };
  const stop = () => fail(wordsOf(signal));
  const attempt = () => {
    clearTimeout(delay);
    const address = order[next++];
    if (address === undefined) return open.size === 0 ? fail() : undefined;
    const socket = begin({ host: address, port, noDelay: true });
    // Not at once: a machine that is busy elsewhere may have been told of a connection that the process has not heard of yet.
    const limit = setTimeout(() => setImmediate(() => open.has(socket) && socket.destroy(silent())), connectMs);
    open.set(socket, limit);
    socket.once("connect", () => {
      if (!open.has(socket)) return;
      settle(socket);
      resolve(socket);
    });
    // Stays: whoever gets the socket may look at it a moment later than it breaks.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (!open.has(socket)) return;
      clearTimeout(open.get(socket));
      open.delete(socket);
      const { code = "", message } = error;
      failures.push({ address, code, reason: address === host ? message : (words[code] ?? message) });
      attempt();
    });
    if (next < order.length) delay = setTimeout(attempt, delayMs);
  };
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  else attempt();
  return promise;
}

/** Connects to a Unix socket. Rejects with `Unreached`. */
function connectLocally(path: string, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = begin({ path, signal });
  socket.once("connect", () => resolve(socket));
  socket.on("error", ({ message }) => reject(absent(signal.aborted ? wordsOf(signal) : message)));
  return promise;
}

/**
 * Connects to an address, or to whichever address of a name answers first (RFC 8305), or to a Unix socket.
 *
 * @returns a connected socket whose errors are heeded by nobody yet. Rejects with `Unreached`, also when the signal fires.
 */
export async function connect(address: Address, signal: AbortSignal, progress: Progress = {}): Promise<Socket> {
  const { port, path } = address;
  if (path !== undefined) return connectLocally(path, signal);
  // An IPv6 address may be set as a URL has it.
  const host = address.host.replace(/^\[(.*:.*)\]$/, "$1");
  if (isIP(host) !== 0) return race([host], { host, port }, signal);
  const addresses = await addressesOf(host, signal, progress.onSlow);
  progress.onNamed?.();
  return race(addresses, { host, port }, signal);
}
