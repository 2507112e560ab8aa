import { setTimeout as sleep } from "node:timers/promises";
import type { Cloud } from "./fault.ts";

/** Asks for a server's metadata from within it, and again 0.3 s after each answer or failure; a line for each answer. */
const asks =
  "while :; do wget -q -T 3 -O /dev/null http://169.254.169.254/openstack/latest/meta_data.json && echo; sleep 0.3; done";

export type Metadata = {
  /** The longest time from one answer to the next so far, in seconds. */
  readonly longestAway: () => number;
  readonly stop: () => void;
};

/** Watches whether a server gets its metadata: by one session, since a login to a server takes seconds. */
export async function watchMetadata({ watchGuest }: Pick<Cloud, "watchGuest">, guest: string): Promise<Metadata> {
  let last: number | undefined;
  let longest = 0;
  const gap = (): number => (last === undefined ? 0 : (performance.now() - last) / 1000);
  const stop = watchGuest(guest, asks, () => {
    longest = Math.max(longest, gap());
    last = performance.now();
  });
  const deadline = performance.now() + 60_000;
  while (last === undefined) {
    if (performance.now() > deadline) {
      stop();
      throw new Error(`${guest} gets no metadata`);
    }
    await sleep(100);
  }
  return { longestAway: () => Math.max(longest, gap()), stop };
}
