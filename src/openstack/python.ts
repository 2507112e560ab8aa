import { inRange, type ReleaseRange } from "./releases.ts";

/**
 * What a release from PyPI consists of. `make lock` resolves it, component by component, with the release's upper-constraints
 * (images/locks/RELEASE/upper-constraints.txt) into locks; images are installed from those and from nothing else.
 *
 * A version is a range as pip knows it: `>=33,<34`.
 */
type Versions = Readonly<Record<string, string>>;

/** A component with a virtual environment of its own: its distribution on PyPI, and its version in each release. */
export type PythonComponent = {
  readonly distribution: string;
  /** An extra of it: `keystone[ldap]`. */
  readonly extra?: string;
  readonly versions: Versions;
};

/** Services are versioned by upstream's cycle: one major is one release. */
export const pythonComponents: Readonly<Record<string, PythonComponent>> = {
  keystone: {
    distribution: "keystone",
    extra: "ldap",
    versions: { "2025.1": ">=27,<28", "2025.2": ">=28,<29", "2026.1": ">=29,<30", "2026.2": ">=30,<31" },
  },
  glance: {
    distribution: "glance",
    versions: { "2025.1": ">=30,<31", "2025.2": ">=31,<32", "2026.1": ">=32,<33", "2026.2": ">=33,<34" },
  },
  placement: {
    distribution: "openstack-placement",
    versions: { "2025.1": ">=13,<14", "2025.2": ">=14,<15", "2026.1": ">=15,<16", "2026.2": ">=16,<17" },
  },
  nova: {
    distribution: "nova",
    versions: { "2025.1": ">=31,<32", "2025.2": ">=32,<33", "2026.1": ">=33,<34", "2026.2": ">=34,<35" },
  },
  neutron: {
    distribution: "neutron",
    versions: { "2025.1": ">=26,<27", "2025.2": ">=27,<28", "2026.1": ">=28,<29", "2026.2": ">=29,<30" },
  },
  cinder: {
    distribution: "cinder",
    versions: { "2025.1": ">=26,<27", "2025.2": ">=27,<28", "2026.1": ">=28,<29", "2026.2": ">=29,<30" },
  },
  heat: {
    distribution: "openstack-heat",
    versions: { "2025.1": ">=24,<25", "2025.2": ">=25,<26", "2026.1": ">=26,<27", "2026.2": ">=27,<28" },
  },
  // horizon's majors are not cycles: 2025.1, 2025.2 and 2026.1 are 25.3, 25.5 and 25.7, as their constraints pin it.
  horizon: {
    distribution: "horizon",
    versions: { "2025.1": ">=25.3,<25.4", "2025.2": ">=25.5,<25.6", "2026.1": ">=25.7,<25.8", "2026.2": ">=27,<28" },
  },
  "openstack-client": {
    distribution: "python-openstackclient",
    versions: { "2025.1": ">=7.4,<8", "2025.2": ">=8,<9", "2026.1": ">=9,<10", "2026.2": ">=10,<11" },
  },
  // Tempest has no branches: one version tests every release that is maintained.
  tempest: {
    distribution: "tempest",
    versions: { "2025.1": ">=45", "2025.2": ">=45", "2026.1": ">=45", "2026.2": ">=45" },
  },
};

/** A requirement of every component in `for`, beside the component itself. */
type Addition = ReleaseRange & { readonly asks: string; readonly for: readonly string[]; readonly why: string };

const apis = ["keystone", "glance", "placement", "nova", "neutron", "cinder", "heat"] as const;

export const additions: readonly Addition[] = [
  {
    asks: "PyMySQL",
    for: apis,
    why: "the templates' database URLs are mysql+pymysql://, and no service depends on a driver",
  },
  { asks: "PyNaCl", for: apis, why: "PyMySQL wants it for MariaDB's accounts of the plugin ed25519" },
  {
    asks: "python-memcached",
    for: apis,
    why: "oslo.cache's memcache_pool and keystonemiddleware import memcache, which is an extra of theirs",
  },
  { asks: "cryptography", for: apis, why: "keystonemiddleware encrypts with it what it keeps in memcached: an extra" },
  {
    asks: "pymemcache",
    for: [...apis, "horizon"],
    why: "Django's PyMemcacheCache and dogpile.cache's back end of that name, which is nobody's dependency",
  },
  {
    asks: "pyroute2",
    for: ["nova", "neutron"],
    why: "neutron 29 and os-vif 5 import it and do not say so: requirements with a platform's marker got lost in their metadata",
  },
  { asks: "click", for: ["neutron"], why: "the command ml2ovn-trace imports it and neutron does not depend on it" },
  {
    asks: "setuptools<81",
    for: ["cinder", "heat"],
    until: "2026.1",
    why: "cinder 26 and 27 and heat 24 import pkg_resources, which setuptools 81 no longer has",
  },
  { asks: "heat-dashboard", for: ["horizon"], why: "the panels of heat" },
  { asks: "python-heatclient", for: ["openstack-client"], why: "openstack stack: a plugin of the client" },
  { asks: "osc-placement", for: ["openstack-client"], why: "openstack resource provider: a plugin of the client" },
];

/** A version that overrides what the release's upper-constraints pin. */
type Override = { readonly release: string; readonly name: string; readonly version: string; readonly why: string };

export const overrides: readonly Override[] = [
  {
    release: "2026.2",
    name: "oslo.versionedobjects",
    version: ">=3.12.0,<4",
    why: "the constraints pin 3.11.0, and nova 34.0.0 and heat 27.0.1 want 3.12.0",
  },
  {
    release: "2026.2",
    name: "keystoneauth1",
    version: ">=5.16.0,<6",
    why: "the constraints pin 5.15.0, and nova 34.0.0 wants 5.16.0",
  },
  {
    release: "2026.2",
    name: "cmd2",
    version: ">=3,<4",
    why: "the constraints pin 4.2.0, whose statements have no pipe_to: cliff 4.15.0, which reads it, runs no command from a file or a prompt",
  },
  {
    release: "2026.2",
    name: "horizon",
    version: ">=27,<28",
    why: "the constraints pin 26.0.0, of the middle of the cycle; the release is 27.0.0",
  },
];

/** What packages without a wheel are built with. Their own build requirements come from this list, at locked versions. */
export const buildRequirements: readonly { readonly asks: string; readonly why: string }[] = [
  { asks: "setuptools<80", why: "xstatic-angular-schema-form 0.8.13.0 does not build with setuptools 80" },
  { asks: "setuptools-scm", why: "named by packages that get their version from git" },
  { asks: "wheel", why: "named by packages whose pyproject.toml is older than setuptools 70" },
  { asks: "pbr", why: "OpenStack's own build backend" },
];

/** A package without a published wheel, whose build needs headers: Debian's packages with those, and what it links to. */
type Compiled = { readonly name: string; readonly headers: readonly string[]; readonly libraries: readonly string[] };

export const compiled: readonly Compiled[] = [
  { name: "python-ldap", headers: ["libldap-dev", "libsasl2-dev"], libraries: ["libldap2", "libsasl2-2"] },
];

/** @returns the components that a release has a version of, in the order of the table. */
export const pythonComponentsOf = (release: string): readonly string[] =>
  Object.entries(pythonComponents).flatMap(([name, { versions }]) => (release in versions ? [name] : []));

/** @returns what is resolved for a component's lock, one requirement each; empty where the release has none of it from PyPI. */
export function askedOf(component: string, release: string): readonly string[] {
  const row = pythonComponents[component];
  const version = row?.versions[release];
  if (row === undefined || version === undefined) return [];
  const own = `${row.distribution}${row.extra ? `[${row.extra}]` : ""}${version}`;
  const others = additions.filter((one) => one.for.includes(component) && inRange(one, release));
  return [own, ...others.map(({ asks }) => asks)];
}

/** @returns the overrides of a release's constraints, as requirements. */
export const overridesOf = (release: string): readonly string[] =>
  overrides.flatMap((row) => (row.release === release ? [`${row.name}${row.version}`] : []));
