/**
 * OpenStack's releases in order, oldest first. Order is all that most rows are for: `since` and `until` elsewhere
 * compare by it. A row with `supported` can be built and rendered.
 *
 * `suite` is the Debian suite whose packages hold the release. `mixed` names components whose package in that suite is
 * of another release: forky has nova 33 (2026.1) but keystone 30 (2026.2), so keystone's options are 2026.2's there; and it
 * has no glance-api, so that of trixie stays (model/classes/system/release/2026.1.yml).
 */
export type ReleaseRow = {
  readonly name: string;
  readonly supported?: true;
  readonly suite?: string;
  readonly mixed?: Readonly<Record<string, string>>;
};

export const releases: readonly ReleaseRow[] = [
  { name: "kilo", supported: true },
  { name: "liberty", supported: true },
  { name: "mitaka" },
  { name: "newton" },
  { name: "ocata" },
  { name: "pike" },
  { name: "queens" },
  { name: "rocky" },
  { name: "stein" },
  { name: "train" },
  { name: "ussuri" },
  { name: "victoria" },
  { name: "wallaby" },
  { name: "xena" },
  { name: "yoga" },
  { name: "zed", supported: true, suite: "bookworm" },
  { name: "2023.1" },
  { name: "2023.2" },
  { name: "2024.1" },
  { name: "2024.2" },
  { name: "2025.1", supported: true, suite: "trixie" },
  { name: "2025.2" },
  {
    name: "2026.1",
    supported: true,
    suite: "forky",
    mixed: { keystone: "2026.2", glance: "2025.1", horizon: "2026.2" },
  },
  { name: "2026.2" },
];

const order = new Map(releases.map((release, index) => [release.name, index]));

/** A range of releases; `until` is the first release that is no longer in it. */
export type ReleaseRange = { readonly since?: string; readonly until?: string };

/** @returns a number that compares as the releases do. Throws for a name in no row: our tables' mistake, not a user's. */
function rank(release: string): number {
  const index = order.get(release);
  if (index === undefined) throw new Error(`release ${JSON.stringify(release)} is in no row of releases.ts`);
  return index;
}

/** @returns whether `release` lies in the range: since <= release < until. */
export const inRange = (range: ReleaseRange, release: string): boolean =>
  (range.since === undefined || rank(range.since) <= rank(release)) &&
  (range.until === undefined || rank(release) < rank(range.until));

/** @returns the value of the last row that has begun in `release`; undefined before the first. */
export const lastBegun = <T>(rows: readonly (readonly [release: string, value: T])[], release: string): T | undefined =>
  rows.findLast(([since]) => rank(since) <= rank(release))?.[1];

/** @returns the row of a release that can be built and rendered, or undefined. */
export const supportedRelease = (name: string): ReleaseRow | undefined =>
  releases.find((release) => release.supported && release.name === name);

export const supportedNames: readonly string[] = releases
  .filter((release) => release.supported)
  .map((release) => release.name);

/** @returns the release whose code and options a component really has in an image of `release`. */
export const releaseOfComponent = (release: string, component: string): string =>
  releases.find((row) => row.name === release)?.mixed?.[component] ?? release;
