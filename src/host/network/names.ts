import { readFileSync } from "node:fs";
import type { Progress } from "../../wait/probe.ts";
import { now } from "../clock.ts";
import { shareWithLibraries } from "../environment.ts";
import { type Resolver, resolverOf } from "./resolv-conf.ts";
import { inPool, maxConcurrentLookUps } from "./threads.ts";
import { Unreached, unnamed, wordsOf } from "./unreached.ts";

/** Milliseconds after which a look-up counts as slow: it is told of, and again at each further one. */
const slowMs = 1000;

/** Milliseconds after which a name is looked up for each family alone, too: an answer to A shall not wait for one to AAAA. */
const apartMs = 500;

/** What a look-up gave: addresses in the order in which they are to be tried (RFC 6724), or glibc's error. */
type Answer = { readonly addresses: readonly string[] } | { readonly code: string };

type Family = 0 | 4 | 6;

type LookUp = {
  readonly resolver: Resolver;
  readonly answer: Promise<Answer>;
  /** When it began; undefined while all threads are busy. */
  began: number | undefined;
};

const file = "/etc/resolv.conf";
let known: { readonly text: string; readonly resolver: Resolver } | undefined;

/** What glibc heeds beside the file (resolv.conf(5)), and the service's own look-ups do. */
let lent: Readonly<{ RES_OPTIONS?: string; LOCALDOMAIN?: string }> | undefined;

/** @returns the resolver of now: glibc, too, heeds a file that was changed. */
function currentResolver(): Resolver {
  let text = "";
  try {
    text = readFileSync(file, "utf8");
  } catch {
    // Without a file glibc asks the machine itself.
  }
  lent ??= shareWithLibraries(["RES_OPTIONS", "LOCALDOMAIN"]);
  if (known?.text !== text) known = { text, resolver: resolverOf(text, lent.RES_OPTIONS) };
  return known.resolver;
}

const queue: (() => void)[] = [];
let busy = 0;

/** Asks the system once it has a thread for it. */
async function ask(name: string, family: Family, onBegin: () => void): Promise<Answer> {
  const { lookup } = await import("node:dns");
  // Who ends hands its place on.
  if (busy >= maxConcurrentLookUps) await new Promise<void>((resolve) => queue.push(resolve));
  else busy++;
  onBegin();
  return new Promise((resolve) => {
    inPool(() =>
      lookup(name, { all: true, family, order: "verbatim" }, (error, found) => {
        const next = queue.shift();
        if (next) next();
        else busy--;
        resolve(
          error ? { code: error.code ?? error.message } : { addresses: [...new Set(found.map((one) => one.address))] },
        );
      }),
    );
  });
}

/** Begins a look-up, for both families and, when that is slow, for each. */
function begin(name: string, resolver: Resolver): LookUp {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const lookUp: LookUp = { resolver, answer: promise, began: undefined };
  let timer: NodeJS.Timeout | undefined;
  // What an answer for one family lacks is not known to be missing. Only where there is room: a name that is slow for another
  // reason shall not take three threads from others.
  const askApart = () => {
    if (busy >= maxConcurrentLookUps / 2) return;
    for (const family of [4, 6] as const) {
      ask(name, family, () => {}).then((answer) => "addresses" in answer && resolve(answer));
    }
  };
  const onBegin = () => {
    lookUp.began = now();
    timer = setTimeout(askApart, apartMs).unref();
  };
  ask(name, 0, onBegin).then(resolve);
  promise.then(() => clearTimeout(timer));
  return lookUp;
}

/** The one look-up of each name that is under way, whoever asks for it. */
const underWay = new Map<string, LookUp>();

function join(name: string): LookUp {
  const resolver = currentResolver();
  const own = underWay.get(name);
  const age = now() - (own?.began ?? Number.POSITIVE_INFINITY);
  // One that began with another resolv.conf asks servers that may be gone.
  if (own && own.resolver === resolver && age < resolver.limitMs) return own;
  const lookUp = begin(name, resolver);
  underWay.set(name, lookUp);
  lookUp.answer.then(() => underWay.get(name) === lookUp && underWay.delete(name));
  return lookUp;
}

/** @returns whether `answer` came within `ms`, and before the signal. */
function within<T>(answer: Promise<T>, ms: number, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve) => {
    const end = (value?: T) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve(value);
    };
    const stop = () => end();
    const timer = setTimeout(stop, ms);
    signal.addEventListener("abort", stop);
    answer.then(end);
    if (signal.aborted) stop();
  });
}

const serversOf = ({ servers }: Resolver): string =>
  `name server${servers.length === 1 ? "" : "s"} ${servers.join(", ")}`;

/** @returns in words why a name has no address. */
function refusal(name: string, code: string, { resolver, began = 0 }: LookUp): string {
  if (code === "ENOTFOUND" || code === "ENODATA") {
    return `the name ${name} is not known: no address in /etc/hosts, nor from ${serversOf(resolver)} (${code})`;
  }
  const seconds = Math.round(now() - began) / 1000;
  // A server that does not answer costs a second at least.
  const how = seconds < 1 ? "cannot answer, or cannot be asked" : `gave no answer in ${seconds.toFixed(1)} s`;
  return `the name ${name} cannot be looked up: ${serversOf(resolver)} ${how} (${code})`;
}

/** No name has these; a host with a port, a scheme or a user in it does. */
const foreign = /[\s/:@?#[\],\\]/;

/** @returns what is wrong with a text that is neither an address nor can be a name. */
function malformed(name: string): Unreached | undefined {
  if (name !== "" && !foreign.test(name)) return undefined;
  const [, host, port] = /^(.*?):(\d+)$/.exec(name) ?? [];
  const fix =
    host !== undefined && !host.includes(":")
      ? `give the host alone (${host}): the port (${port}) is a setting of its own`
      : "give a name or an address alone, without scheme, user, port, brackets or blanks";
  return new Unreached({ state: "hopeless", reason: `${JSON.stringify(name)} is neither a name nor an address`, fix });
}

function silence(name: string, { resolver, began }: LookUp): string {
  if (began === undefined) {
    return `the name ${name} is not looked up yet: ${maxConcurrentLookUps} look-ups of other names have had no answer`;
  }
  const seconds = (now() - began) / 1000;
  return `the name ${name} cannot be looked up: no answer from ${serversOf(resolver)} for ${seconds.toFixed(1)} s`;
}

/**
 * Looks a name up as the service itself will: /etc/hosts, and the name servers, search list and time limits of resolv.conf,
 * which glibc's getaddrinfo(3) heeds if it is let.
 *
 * @param onSlow is told, each second, what can be said so far.
 * @returns at least one address. Rejects with `Unreached`, also when the signal fires.
 */
export async function addressesOf(
  name: string,
  signal: AbortSignal,
  onSlow?: Progress["onSlow"],
): Promise<readonly string[]> {
  const wrong = malformed(name);
  if (wrong) throw wrong;
  const since = now();
  for (;;) {
    const lookUp = join(name);
    const answer = await within(lookUp.answer, slowMs, signal);
    if (answer && "addresses" in answer && answer.addresses.length > 0) return answer.addresses;
    if (answer) throw unnamed(refusal(name, "code" in answer ? answer.code : "ENODATA", lookUp));
    const reason = silence(name, lookUp);
    if (signal.aborted) throw unnamed(`${reason}; ${wordsOf(signal)}`);
    if (now() - since > lookUp.resolver.limitMs) throw unnamed(reason);
    onSlow?.({ state: "unnamed", reason });
  }
}
