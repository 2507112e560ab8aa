import { setTimeout as sleep } from "node:timers/promises";
import { bootsOf, reboots } from "./boots.ts";
import type { Cloud, Fault } from "./fault.ts";
import type { Running } from "./from-outside.ts";
import { type Kind, kinds, type Load } from "./load.ts";
import { watchMetadata } from "./metadata.ts";
import type { Pings } from "./pings.ts";
import { outages, totalSeconds } from "./samples.ts";

/** What a fault did. Seconds are to a tenth. */
export type Measured = {
  readonly name: string;
  readonly guests_lost_pings: number;
  /** The longest time without a reply of one of the guests. */
  readonly guests_silent_s: number;
  /** How many were rebooted. */
  readonly guests_rebooted: number;
  /** In which at least one API failed, consoles aside. */
  readonly api_outage_s: number;
  /** Of that, after the end of a fault that lasts. */
  readonly api_outage_after_end_s?: number;
  /** The longest time without metadata of a guest, where that has a bound. */
  readonly metadata_away_s?: number;
  /** In which requests of each kind failed. */
  readonly outage_s: Readonly<Record<Kind, number>>;
  /** The first requests that failed, in words. */
  readonly failures: readonly string[];
  /** From the fault, or its end, until all was as before; undefined where it never was. */
  readonly healed_after_s?: number;
  readonly heals_within_s: number;
  /** What was done by hand because it did not heal by itself. */
  readonly by_hand: boolean;
  readonly remedy?: string;
  /** What was not as it must be, in words. Empty: the fault's bounds hold. */
  readonly broken: readonly string[];
};

export type Watch = {
  /** What of the cloud does not work now: the part, and why. */
  readonly faults: () => Promise<ReadonlyMap<string, string>>;
  readonly load: Load;
  readonly guests: Readonly<Record<string, Pings>>;
};

/** A way to bring the cloud back that needs somebody, tried in this order. */
export type Remedy = { readonly what: string; readonly apply: () => Promise<void> };

const tenth = (milliseconds: number): number => Math.round(milliseconds / 100) / 10;

/** Seconds between two looks at the cloud, and how many in a row must find it well. */
const glance = 1;
const steady = 3;

/** Why the cloud is not as it was before the fault; undefined where it is. */
async function problem(cloud: Cloud, watch: Watch, fault?: Fault, before: readonly Running[] = []) {
  const down = (await cloud.containers()).filter(({ state }) => state !== "running");
  if (down.length > 0) return down.map(({ service, state }) => `${service} ${state}`).join(", ");
  const silent = Object.entries(watch.guests).filter(([, pings]) => pings.silentFor() > 1.6);
  if (silent.length > 0) return silent.map(([name]) => `${name} does not answer pings`).join(", ");
  const recent = watch.load.since(performance.now() - 8000);
  const failing = kinds.filter((kind) => recent[kind].at(-1)?.wrong !== undefined || recent[kind].length === 0);
  if (failing.length > 0) return failing.map((kind) => `${kind}: ${recent[kind].at(-1)?.wrong ?? "slow"}`).join(", ");
  const wrong = await watch.faults();
  if (wrong.size > 0) return [...wrong].map(([part, why]) => `${part} (${why})`).join(", ");
  return fault?.proof?.(cloud, before);
}

/** Waits until the cloud is as before. @returns when it was (performance.now()), or why it is not. */
export async function untilWell(
  cloud: Cloud,
  watch: Watch,
  seconds: number,
  fault?: Fault,
  before?: readonly Running[],
): Promise<{ readonly at: number } | { readonly wrong: string }> {
  const deadline = performance.now() + seconds * 1000;
  let since: { readonly at: number; readonly count: number } | undefined;
  for (;;) {
    const at = performance.now();
    const wrong = await problem(cloud, watch, fault, before);
    since = wrong === undefined ? { at: since?.at ?? at, count: (since?.count ?? 0) + 1 } : undefined;
    if (since && since.count >= steady) return { at: since.at };
    if (wrong !== undefined && performance.now() > deadline) return { wrong };
    await sleep(glance * 1000);
  }
}

/** Makes a fault, watches what it does, and brings the cloud back where it does not come back by itself. */
export async function measure(
  fault: Fault,
  cloud: Cloud,
  watch: Watch,
  remedies: readonly Remedy[],
): Promise<Measured> {
  const { holds } = fault;
  const before = await cloud.containers();
  const boots = await bootsOf(cloud, Object.keys(watch.guests));
  const broken: string[] = [];
  const lostBefore = Object.values(watch.guests).map((pings) => pings.lost());
  for (const pings of Object.values(watch.guests)) pings.longestSilence();
  const metadata = holds.metadataAway === undefined ? undefined : await watchMetadata(cloud, "demo-1");
  const made = performance.now();
  // Requests that are under way when the fault is made meet it, too.
  const began = made - 500;
  await fault.make(cloud);
  if (fault.end) {
    await sleep((fault.lasts ?? 0) * 1000);
    const untold = await fault.told?.(cloud);
    if (untold !== undefined) broken.push(untold);
    await fault.end(cloud);
  }
  const over = performance.now();
  const settled = await untilWell(cloud, watch, Math.max(holds.healsWithin + 30, 90), fault, before);
  let remedy: string | undefined;
  if ("wrong" in settled) {
    broken.push(`does not heal: ${settled.wrong}`);
    for (const one of remedies) {
      remedy = remedy === undefined ? one.what : `${remedy}; ${one.what}`;
      await one.apply();
      if ("at" in (await untilWell(cloud, watch, 120, fault, before))) break;
    }
  }
  const end = performance.now();
  const away = metadata && tenth(1000 * metadata.longestAway());
  metadata?.stop();
  const lost = Object.values(watch.guests).reduce((sum, pings, at) => sum + pings.lost() - (lostBefore[at] ?? 0), 0);
  const silent = tenth(1000 * Math.max(...Object.values(watch.guests).map((pings) => pings.longestSilence())));
  const samples = watch.load.since(began);
  const spans = Object.fromEntries(kinds.map((kind) => [kind, outages(samples[kind], end)])) as Record<
    Kind,
    ReturnType<typeof outages>
  >;
  const failures = kinds.flatMap((kind) =>
    samples[kind].flatMap(({ began: from, ended, wrong }) =>
      wrong === undefined
        ? []
        : [`${kind}: ${wrong}, ${tenth(from - made)} to ${tenth(ended - made)} s after the fault`],
    ),
  );
  const ofApis = kinds.filter((kind) => kind !== "console").flatMap((kind) => spans[kind]);
  const apiOutage = totalSeconds(ofApis);
  const afterEnd = totalSeconds(
    ofApis.flatMap(({ from, to }) => (to > over ? [{ from: Math.max(from, over), to }] : [])),
  );
  const healed = "at" in settled ? tenth(Math.max(0, settled.at - over)) : undefined;
  const bound = (what: string, value: number, most: number | undefined, unit = ""): void => {
    if (most !== undefined && value > most) broken.push(`${what}: ${value}${unit}, not at most ${most}${unit}`);
  };
  if (apiOutage > (holds.apiOutage ?? Number.POSITIVE_INFINITY)) broken.push(...failures.slice(0, 3));
  const again = reboots(boots, await bootsOf(cloud, Object.keys(watch.guests)), holds.reboots === true);
  broken.push(...again.broken);
  if (healed !== undefined) bound("heals after", healed, holds.healsWithin, " s");
  if (away !== undefined) bound("servers without metadata", away, holds.metadataAway, " s");
  bound("pings lost", lost, holds.lostPings);
  bound("guests silent", silent, holds.guestsSilent, " s");
  bound("APIs out", apiOutage, holds.apiOutage, " s");
  bound("APIs out after the end", afterEnd, holds.apiOutageAfterEnd, " s");
  return {
    name: fault.name,
    guests_lost_pings: lost,
    guests_silent_s: silent,
    guests_rebooted: again.count,
    api_outage_s: apiOutage,
    ...(fault.end ? { api_outage_after_end_s: afterEnd } : {}),
    ...(away === undefined ? {} : { metadata_away_s: away }),
    outage_s: Object.fromEntries(kinds.map((kind) => [kind, totalSeconds(spans[kind])])) as Record<Kind, number>,
    failures: failures.slice(0, 5),
    ...(healed === undefined ? {} : { healed_after_s: healed }),
    heals_within_s: holds.healsWithin,
    by_hand: remedy !== undefined,
    ...(remedy === undefined ? {} : { remedy }),
    broken,
  };
}
