import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { releases } from "../src/openstack/releases.ts";

/** Where this machine's own apt fetches Debian from. */
export type Mirrors = { readonly debian?: string; readonly security?: string };

type Source = { readonly address: string; readonly suite: string; readonly components: readonly string[] };

/** Caches on this machine, which a build's own network cannot reach. */
export const useless = /^https?:\/\/(localhost|127\.[\d.]+|\[::1\])([:/]|$)/;

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== "");

/** `deb [options] ADDRESS SUITE COMPONENT...`, a line each. */
const fromList = (text: string): readonly Source[] =>
  text.split("\n").flatMap((line) => {
    const [kind, address, suite, ...components] = words(line.replace(/\[[^\]]*\]/, " ").replace(/#.*/, ""));
    return kind === "deb" && address && suite ? [{ address, suite, components }] : [];
  });

/** deb822 stanzas: `URIs:`, `Suites:` and `Components:`, each with several words. */
const fromStanzas = (text: string): readonly Source[] =>
  text
    .replace(/^#.*\n?/gm, "")
    .split(/\n\s*\n/)
    .flatMap((stanza) => {
      const field = (name: string): readonly string[] =>
        words(new RegExp(`^${name}:((?:.*)(?:\\n[ \\t].*)*)`, "im").exec(stanza)?.[1] ?? "");
      if (!field("Types").includes("deb") || field("Enabled")[0] === "no") return [];
      const components = field("Components");
      return field("URIs").flatMap((address) => field("Suites").map((suite) => ({ address, suite, components })));
    });

/**
 * Picks the mirrors out of apt's source files. Others publish for Debian, too, in components of their own names: only
 * `main` counts. An address with a password in it is no good: build arguments are shown by `docker history`.
 *
 * @param suites Debian's suites that are known here; a machine of any of them will do, since a mirror has them all.
 */
export function mirrorsOf(lists: readonly string[], stanzas: readonly string[], suites: readonly string[]): Mirrors {
  const sources = [...lists.flatMap(fromList), ...stanzas.flatMap(fromStanzas)]
    .map((source) => ({ ...source, address: source.address.replace(/\/$/, "") }))
    .filter(({ address, components }) => /^https?:/.test(address) && components.includes("main"))
    .filter(({ address }) => !useless.test(address) && !address.includes("@"));
  const debian = sources.find(({ suite }) => suites.includes(suite))?.address;
  const security = sources.find(({ suite }) => suites.some((known) => suite === `${known}-security`))?.address;
  return { ...(debian ? { debian } : {}), ...(security ? { security } : {}) };
}

/** Debian's suites that are known here. */
const suites = releases.flatMap(({ sources }) => sources?.debian?.suite ?? []);

/** @returns the mirrors that the machine's own apt is set up with; none on a machine without apt. */
export function machineMirrors(directory = "/etc/apt"): Mirrors {
  const parts = join(directory, "sources.list.d");
  const names = existsSync(parts) ? readdirSync(parts).sort() : [];
  const files = [join(directory, "sources.list"), ...names.map((name) => join(parts, name))].filter(existsSync);
  const read = (ending: string): readonly string[] =>
    files.filter((file) => file.endsWith(ending)).map((file) => readFileSync(file, "utf8"));
  return mirrorsOf(read(".list"), read(".sources"), suites);
}

/**
 * @param archive the address of a server that keeps what Debian was at any time, as it names Debian's archive itself
 *   (`https://HOST/archive/debian`): `install-packages` puts the date behind it.
 * @returns it with that of Debian's security archive beside it; undefined for another kind of address.
 */
export const snapshotMirrors = (archive: string): Required<Mirrors> | undefined =>
  /\/debian$/.test(archive) ? { debian: archive, security: `${archive}-security` } : undefined;

/** @returns the time that a snapshot's name stands for (20261101T000000Z), in seconds since 1970; undefined for no name. */
export function snapshotTime(name: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(name) ?? [];
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time) ? undefined : time / 1000;
}

/** @returns the proxy variables that are set; an engine takes their values from the environment. */
export const setProxies = (
  environment: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] => ["http_proxy", "https_proxy", "no_proxy"].filter((name) => environment[name]);
