import type { EtcdEndpoint } from "../../overlay/etcd-settings.ts";
import { pauseAfter } from "../../wait/pace.ts";
import { now } from "../clock.ts";
import type { EtcdResult, Fault } from "./faults.ts";

/** One request under way to one endpoint. */
export type EndpointRequest<T> = {
  /** Settles when the endpoint's name has been looked up. Never rejects. */
  readonly named: Promise<unknown>;
  /** What can be said while that takes long. */
  readonly soFar: () => Fault | undefined;
  /** Settles when the connection stands. Never rejects. */
  readonly connected: Promise<unknown>;
  /** Never rejects. */
  readonly outcome: Promise<EtcdResult<T>>;
  readonly cancel: () => void;
};

export type SendRequest<T> = (endpoint: EtcdEndpoint) => EndpointRequest<T>;

/**
 * Times are of `performance.now()`, in milliseconds. `since`: when the waiting began, if not just now; who waits long asks
 * more rarely.
 */
export type Limits = { readonly deadline: number; readonly signal?: AbortSignal; readonly since?: number };

export type EndpointResult<T> =
  | { readonly ok: true; readonly value: T; readonly endpoint: EtcdEndpoint }
  | { readonly ok: false; readonly faults: ReadonlyMap<string, Fault> };

/**
 * Milliseconds. `hedge`: after which the next endpoint is asked, too. `limit`: after which this one is given up; a new
 * connection fares better than one whose first packet was dropped. A name has the limit of its own look-up.
 */
const phases = {
  naming: { hedge: 300 },
  connecting: { hedge: 300, limit: 3000, fault: { state: "absent", reason: "no connection within 3 s" } },
  answering: { hedge: 1000, limit: 5000, fault: { state: "unready", reason: "no answer within 5 s" } },
} as const;

/**
 * Asks the endpoints in their order, once each. The next one is asked as soon as one fails or is slow; then both are
 * waited for, and the first good answer counts. So a member that is gone or hangs costs no more than a hedge.
 *
 * @param faults takes what each endpoint that failed said.
 * @param stop ends it at once.
 */
function round<T>(
  endpoints: readonly EtcdEndpoint[],
  begin: SendRequest<T>,
  faults: Map<string, Fault>,
  stop: Promise<void>,
): Promise<{ value: T; endpoint: EtcdEndpoint } | undefined> {
  const { promise, resolve } = Promise.withResolvers<{ value: T; endpoint: EtcdEndpoint } | undefined>();
  /** What ends each trial under way, and what it can say; a trial that is not in here any more has no say. */
  const underWay = new Map<EtcdEndpoint, { readonly end: () => void; readonly soFar: () => Fault | undefined }>();
  let asked = 0;
  const finish = (found?: { value: T; endpoint: EtcdEndpoint }) => {
    asked = endpoints.length;
    for (const [endpoint, { end, soFar }] of underWay) {
      const said = soFar();
      if (!found && (said || !faults.has(endpoint.url))) {
        faults.set(endpoint.url, said ?? { state: "unready", because: "unreachable", reason: "no answer" });
      }
      end();
    }
    resolve(found);
  };
  const ask = () => {
    const endpoint = endpoints[asked];
    if (!endpoint) return;
    const turn = ++asked;
    const trial = begin(endpoint);
    let timers: NodeJS.Timeout[] = [];
    const enter = (phase: keyof typeof phases) => {
      if (underWay.get(endpoint) !== own) return;
      timers.forEach(clearTimeout);
      // Only the newest trial's slowness brings in the next.
      timers = [setTimeout(() => turn === asked && ask(), phases[phase].hedge)];
      if (phase === "naming") return;
      const { limit, fault } = phases[phase];
      timers.push(setTimeout(() => settle({ ok: false, fault: { ...fault, because: "unreachable" } }), limit));
    };
    const end = () => {
      underWay.delete(endpoint);
      timers.forEach(clearTimeout);
      trial.cancel();
    };
    const settle = (outcome: EtcdResult<T>) => {
      if (underWay.get(endpoint) !== own) return;
      end();
      if (outcome.ok) return finish({ value: outcome.value, endpoint });
      faults.set(endpoint.url, outcome.fault);
      if (turn === asked) ask();
      if (underWay.size === 0) finish();
    };
    const own = { end, soFar: trial.soFar };
    underWay.set(endpoint, own);
    enter("naming");
    trial.named.then(() => enter("connecting"));
    trial.connected.then(() => enter("answering"));
    trial.outcome.then(settle);
  };
  stop.then(() => finish());
  ask();
  return promise;
}

/** Waits, but not longer than until `stop`. */
async function pauseUnless(stop: Promise<void>, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([stop, promise]);
  clearTimeout(timer);
}

/**
 * Asks in rounds, paced like any waiting, until one endpoint answers well, or the deadline, or the signal.
 *
 * @returns the answer and who gave it, or what each endpoint said last.
 */
export async function askUntil<T>(
  endpoints: readonly EtcdEndpoint[],
  begin: SendRequest<T>,
  { deadline, signal, since = now() }: Limits,
): Promise<EndpointResult<T>> {
  const faults = new Map<string, Fault>();
  const { promise: stop, resolve } = Promise.withResolvers<void>();
  let stopped = signal?.aborted ?? false;
  const end = () => {
    stopped = true;
    resolve();
  };
  const timer = setTimeout(end, Math.max(0, deadline - now()));
  signal?.addEventListener("abort", end, { once: true });
  try {
    while (!stopped) {
      const found = await round(endpoints, begin, faults, stop);
      if (found) return { ok: true, ...found };
      const waited = now() - since;
      const pauses = [...faults.values()].map((fault) => pauseAfter(fault.state, 0, waited, Math.random()));
      if (!stopped) await pauseUnless(stop, Math.min(...pauses));
    }
    return { ok: false, faults };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
  }
}
