/**
 * OpenStack's releases in order, oldest first. Most rows exist only for the order: `since` and `until` elsewhere
 * compare by it. A row with `supported` can be built and rendered.
 */
export type ReleaseRow = {
  readonly name: string;
  readonly supported?: true;
  /**
   * One that may be upgraded to the next such release at once; any other only to the very next release
   * (https://governance.openstack.org/tc/resolutions/20220210-release-cadence-adjustment.html).
   */
  readonly slurp?: true;
  /** Where its components can come from; the model chooses (`_release:source`). Without: Ubuntu's archive, which the model names. */
  readonly sources?: Sources;
};

/**
 * `debian`: the packages of a suite, with Debian's security updates. `pypi`: exact upstream versions, locked in images/locks, on
 * one base image whose Python they are locked for (python.ts says of what versions).
 */
export type Sources = {
  readonly debian?: { readonly suite: string };
  readonly pypi?: { readonly base: string; readonly python: string };
};

/** Debian's stable release has one Python, so that is the Python of every release from PyPI. */
const pypi = { base: "debian:trixie", python: "3.13" } as const;

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
  { name: "zed", supported: true, sources: { debian: { suite: "bookworm" } } },
  { name: "2023.1", slurp: true },
  { name: "2023.2" },
  { name: "2024.1", slurp: true },
  { name: "2024.2" },
  { name: "2025.1", supported: true, slurp: true, sources: { debian: { suite: "trixie" }, pypi } },
  { name: "2025.2", supported: true, sources: { pypi } },
  { name: "2026.1", supported: true, slurp: true, sources: { pypi } },
  { name: "2026.2", supported: true, sources: { pypi } },
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

/** @returns the releases that upstream tests an upgrade to: the next one, and from a SLURP release the next of those, too. */
export function upgradesFrom(name: string): readonly string[] {
  const [own, ...later] = releases.slice(rank(name));
  const next = own?.slurp ? later.find(({ slurp }) => slurp) : undefined;
  return [...new Set([...later.slice(0, 1), ...(next ? [next] : [])])].map((release) => release.name);
}

/** @returns whether the first release is older than the second. */
export const isOlder = (one: string, other: string): boolean => rank(one) < rank(other);

export const supportedNames: readonly string[] = releases
  .filter((release) => release.supported)
  .map((release) => release.name);
