import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { etcdDirectories } from "./etcd-keys.ts";
import type { EtcdEntry } from "./etcd-settings.ts";
import { overlayMessage } from "./messages.ts";
import { linkOf } from "./service-links.ts";
import type { Environment } from "./variables.ts";

/**
 * Names that were likely meant to be one of an image's dynamic parameters. A start knows the names of its own image only, and
 * what is given for all images is mostly for others: so what is like one of them is a slip only where that one was not given.
 */

/** More edits than these make another name of it: SERVICE_DATABASE_PORT is no slip of SERVICE_DATABASE_HOST. */
const edits = 2;

/** @returns whether one is the other with a word left out: DATABASE_PASSWORD for SERVICE_DATABASE_PASSWORD. */
function lacksWord(name: string, full: string): boolean {
  const words = name.toUpperCase().split(/[_-]/);
  const all = full.split("_");
  return words.length >= 2 && words.length === all.length - 1 && words.every((word) => all.includes(word));
}

/**
 * @param own the names of all of the image's parameters: they are no slips of each other.
 * @returns what is set and was likely meant to be `name`, as people can look it up; undefined where nothing is.
 */
export function setInstead(
  name: string,
  own: ReadonlySet<string>,
  environment: Environment,
  entries: readonly EtcdEntry[],
): string | undefined {
  if (linkOf(name, environment) !== undefined) return undefined;
  const candidates = new Map<string, string>();
  for (const { key } of entries) {
    const last = key.replace(/\/+$/, "").replace(/^.*\//, "");
    if (!own.has(last)) candidates.set(last, `etcd's key ${JSON.stringify(key)}`);
  }
  for (const given of Object.keys(environment)) {
    const base = given.replace(/_FILE$/, "");
    if (environment[given] !== undefined && !own.has(base)) for (const one of [given, base]) candidates.set(one, given);
  }
  const near =
    nearest(name, candidates.keys(), edits) ??
    nearest(`${name}_FILE`, candidates.keys(), edits) ??
    [...candidates.keys()].find((one) => lacksWord(one, name));
  return near === undefined ? undefined : candidates.get(near);
}

/**
 * @returns whether two names differ in one place and by few letters that are not only digits: NODE01 and NODE02 are two.
 * Costs next to nothing: it is asked at every start for every key that others may read.
 */
function isSlip(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > edits) return false;
  const shorter = Math.min(one.length, other.length);
  let before = 0;
  while (before < shorter && one[before] === other[before]) before++;
  let after = 0;
  while (after < shorter - before && one.at(-1 - after) === other.at(-1 - after)) after++;
  const [left, right] = [one, other].map((text) => text.slice(before, text.length - after)) as [string, string];
  return Math.max(left.length, right.length) <= edits && !/^\d*$/.test(left + right);
}

const keyPlace = (key: string): Place => ({ kind: "named", name: `etcd key ${JSON.stringify(key)}` });

/**
 * Keys in the two directories that an image reads which fill none of its parameters: in its own directory each of them, in the one
 * for all images those that are likely a slip of a name that was not given.
 *
 * @param isGiven whether a parameter has a value from etcd or the environment.
 */
export function unreadKeys(
  entries: readonly EtcdEntry[],
  prefix: string,
  image: string,
  own: ReadonlySet<string>,
  isGiven: (name: string) => boolean,
): readonly Diagnostic[] {
  const [all, directory] = etcdDirectories(prefix, image);
  let open: readonly string[] | undefined;
  const found: Diagnostic[] = [];
  for (const { key } of entries) {
    const root = key.startsWith(all) ? all : directory;
    const name = key.slice(root.length);
    if (own.has(name) || name === "") continue;
    const last = name.replace(/\/+$/, "").replace(/^.*\//, "");
    const mine = root === directory;
    if (!mine) open ??= [...own].filter((one) => !isGiven(one));
    const meant = own.has(last)
      ? last
      : mine
        ? nearest(last, own)
        : open?.find((one) => isSlip(last.trim().toUpperCase(), one) || last.trim().toUpperCase() === one);
    if (!mine && (meant === undefined || (name.includes("/") && isGiven(meant)))) continue;
    const message = { key, image, meant: meant === undefined ? undefined : root + meant };
    found.push(overlayMessage("etcd-key-unread", message, keyPlace(key)));
  }
  return found;
}

/**
 * Keys below the prefix that no image reads at all: in a directory that has no image's name, or in none.
 *
 * @param images the names of all images that there are.
 */
export function strayKeys(keys: readonly string[], prefix: string, images: readonly string[]): readonly Diagnostic[] {
  const root = `${prefix.replace(/\/+$/, "")}/`;
  return keys.flatMap((key) => {
    const [directory = "", ...rest] = key.slice(root.length).split("/");
    if (!key.startsWith(root) || (rest.length > 0 && (directory === "all" || images.includes(directory)))) return [];
    const like = rest.length === 0 ? "all" : nearest(directory, ["all", ...images]);
    const meant = like === undefined ? undefined : `${root}${like}/${rest.length === 0 ? directory : rest.join("/")}`;
    return [overlayMessage("etcd-directory-unknown", { key, meant }, keyPlace(key))];
  });
}
