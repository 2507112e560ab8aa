import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { etcdDirectories } from "../../overlay/etcd-keys.ts";
import type { EtcdEntry, EtcdSettings, EtcdState } from "../../overlay/etcd-settings.ts";
import { sleep } from "../clock.ts";
import { type Reading, read } from "./gateway.ts";
import { openSession, type Session } from "./session.ts";

/** How the watching goes; told once for each change of state, not for each try. */
export type WatchNotice =
  | { readonly state: "following"; readonly endpoint: string; readonly revision: number }
  | { readonly state: "interrupted"; readonly reason: string }
  /** Still trying; what the last tries said. */
  | { readonly state: "waiting"; readonly diagnostics: readonly Diagnostic[] };

export type WatchHandlers = {
  /** All entries as they now are. The next change is told when this one is done with. */
  readonly onChange: (entries: readonly EtcdEntry[], revision: number) => void | Promise<void>;
  readonly onNotice: (notice: WatchNotice) => void;
  readonly signal: AbortSignal;
};

/** Milliseconds. */
const times = {
  /** Changes that come together are read together: an operator's script sets one key after the other. */
  gather: 100,
  /** A change that etcd did not tell of is found after this long, a tenth more or less. */
  safetyNet: 60_000,
  /** A session that lived this long was a good one: the next is opened at once. */
  goodSession: 5_000,
  leastPause: 100,
  mostPause: 5_000,
};

const same = (one: readonly EtcdEntry[], other: readonly EtcdEntry[]): boolean =>
  one.length === other.length &&
  one.every(({ key, value }, index) => key === other[index]?.key && value === other[index]?.value);

/**
 * Follows the keys that concern an image, until the signal.
 *
 * No change is missed: each session begins with a reading of everything, and watches from the revision after it. What
 * the watch brings is only taken as news that there is something to read, so that the caller always gets a whole state,
 * of one revision. When a session ends (etcd restarts, compacts what was not sent yet, forgets a token, loses its
 * leader), all begins again with a reading; so a compaction in the meantime cannot hide anything.
 *
 * @param known what the caller has: it is told only of entries that differ.
 */
export async function watchEntries(
  settings: EtcdSettings,
  image: string,
  known: EtcdState,
  { onChange, onNotice, signal }: WatchHandlers,
): Promise<void> {
  let { entries } = known;
  let pause = 0;
  let told = "";
  const tell = (notice: WatchNotice, key: string) => {
    if (key !== told) onNotice(notice);
    told = key;
  };
  let waitingSince: number | undefined;
  const readNow = async () => {
    const now = performance.now();
    waitingSince ??= now;
    const reading = await read(settings, image, { deadline: now + settings.timeoutMs, signal, since: waitingSince });
    if (reading.ok) waitingSince = undefined;
    return reading;
  };
  const take = async (reading: Reading): Promise<boolean> => {
    const changed = !same(entries, reading.entries);
    entries = reading.entries;
    if (changed) await onChange(entries, reading.revision);
    return changed;
  };

  /** @returns why it ended. */
  const follow = async (session: Session): Promise<string> => {
    for (;;) {
      const woken = await session.next(times.safetyNet * (0.9 + Math.random() / 5));
      if (woken.kind === "ended") return woken.reason;
      if (woken.kind === "news") await sleep(times.gather, signal);
      session.clear();
      const reading = await readNow();
      if (!reading.ok) return reading.diagnostics.map(({ what }) => what).join("; ");
      const changed = await take(reading.value);
      if (changed && woken.kind === "silence") return "etcd did not tell of a change";
    }
  };

  while (!signal.aborted) {
    const reading = await readNow();
    if (signal.aborted) return;
    if (!reading.ok) {
      const codes = reading.diagnostics.map(({ code }) => code).join();
      tell({ state: "waiting", diagnostics: reading.diagnostics }, codes);
      continue;
    }
    await take(reading.value);
    if (signal.aborted) return;
    const { endpoint, revision, token } = reading.value;
    const began = performance.now();
    const session = openSession(
      endpoint,
      settings,
      token,
      etcdDirectories(settings.prefix, image),
      revision + 1,
      signal,
    );
    session.stands.then((stands) => {
      if (stands) tell({ state: "following", endpoint: endpoint.url, revision }, `following ${endpoint.url}`);
    });
    const reason = await follow(session).finally(session.close);
    if (signal.aborted) return;
    tell({ state: "interrupted", reason }, "interrupted");
    const good = performance.now() - began > times.goodSession;
    pause = good ? 0 : Math.min(times.mostPause, Math.max(times.leastPause, pause * 2));
    await sleep(pause, signal);
  }
}
