import type { EtcdEndpoint, EtcdSettings } from "../../overlay/etcd-settings.ts";
import { EtcdClient } from "./client.ts";

export type WatchWakeUp =
  | { readonly kind: "news" }
  | { readonly kind: "silence" }
  | { readonly kind: "ended"; readonly reason: string };

/** One watch of several directories, over one connection to one endpoint. It is not mended: when it ends, open another. */
export type Session = {
  /** Whether etcd took all watches. Never rejects. */
  readonly stands: Promise<boolean>;
  /** Waits for news, or for the end of the session, but no longer than this. News is kept until `clear`. */
  readonly next: (ms: number) => Promise<WatchWakeUp>;
  readonly clear: () => void;
  readonly close: () => void;
};

/** Milliseconds in which etcd must have taken the watches. */
const standsWithin = 5_000;

/**
 * Opens a session with etcd3. Its own re-connecting is not relied on: that resumes a watch where it was, which fails for
 * good once etcd has compacted that revision; it waits up to 30 s in between; and it is deaf to a token that etcd has
 * forgotten.
 *
 * @param from the first revision whose changes count.
 */
export function openSession(
  endpoint: EtcdEndpoint,
  settings: EtcdSettings,
  token: string | undefined,
  directories: readonly string[],
  from: number,
  signal: AbortSignal,
): Session {
  const client = new EtcdClient(endpoint, settings);
  client.token = token;
  let news = false;
  let ended: string | undefined;
  let missing = directories.length;
  let wake = () => {};
  const stands = Promise.withResolvers<boolean>();

  const end = (reason: string) => {
    if (ended !== undefined) return;
    ended = reason;
    stands.resolve(false);
    clearTimeout(limit);
    signal.removeEventListener("abort", onAbort);
    for (const watcher of living) watcher.cancel().catch(() => {});
    client.close();
    wake();
  };
  const onAbort = () => end("asked to stop");
  const limit = setTimeout(() => end(`${endpoint.url}: no watch within ${standsWithin / 1000} s`), standsWithin);

  const living = new Set(
    directories.map((directory) => client.watch().prefix(directory).startRevision(String(from)).watcher()),
  );
  for (const watcher of living) {
    watcher.on("connected", () => {
      missing -= 1;
      if (missing > 0) return;
      clearTimeout(limit);
      stands.resolve(true);
    });
    watcher.on("data", ({ events }) => {
      // Without events it is only etcd saying that it is alive.
      if (events.length === 0) return;
      news = true;
      wake();
    });
    watcher.on("disconnected", (error) => end(`${endpoint.url}: ${error.message}`));
    watcher.on("error", (error) => {
      // etcd has cancelled this one already: cancelling it again would wait for an answer that never comes.
      living.delete(watcher);
      end(`${endpoint.url}: ${error.message}`);
    });
  }
  signal.addEventListener("abort", onAbort);
  if (signal.aborted) onAbort();

  return {
    stands: stands.promise,
    clear: () => {
      news = false;
    },
    close: () => end("closed"),
    next: async (ms) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      wake = resolve;
      const timer = setTimeout(resolve, ms);
      if (!news && ended === undefined) await promise;
      clearTimeout(timer);
      if (ended !== undefined) return { kind: "ended", reason: ended };
      return { kind: news ? "news" : "silence" };
    },
  };
}
