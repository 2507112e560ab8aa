import { until } from "../demo/ensure.ts";
import type { Cloud } from "./fault.ts";
import { silence } from "./silence.ts";

/**
 * Asks for a server's metadata from within it, and again 0.2 s after each answer or failure; a line for each answer. An answer within a
 * second, or none: a longer wait for one that does not come would hide that they are back.
 */
const asks =
  "while :; do wget -q -T 1 -O /dev/null http://169.254.169.254/openstack/latest/meta_data.json && echo; sleep 0.2; done";

export type Metadata = {
  /** The longest time from one answer to the next so far, in seconds. */
  readonly longestAway: () => number;
  readonly stop: () => void;
};

/** Watches whether a server gets its metadata: by one session, since a login to a server takes seconds. */
export async function watchMetadata({ watchGuest }: Pick<Cloud, "watchGuest">, guest: string): Promise<Metadata> {
  const away = silence();
  let answered = false;
  const stop = watchGuest(guest, asks, () => {
    away.heard();
    answered = true;
  });
  try {
    await until(`metadata of ${guest}`, async () => answered || undefined, 60);
  } catch (error) {
    stop();
    throw error;
  }
  // The login is over.
  away.forget();
  return { longestAway: away.longest, stop };
}
