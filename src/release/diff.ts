import { addresses } from "../openstack/addresses.ts";
import type { ImageRow } from "../openstack/component.ts";
import { featureRows } from "../openstack/features.ts";
import { imageName, images } from "../openstack/images.ts";
import { pythonComponents } from "../openstack/python.ts";
import { inRange, lastBegun, type ReleaseRange } from "../openstack/releases.ts";
import { type Change, compareLists } from "../options/diff.ts";
import type { OptionList } from "../options/list.ts";
import type { Field } from "../schema/field.ts";
import type { Json } from "../schema/json.ts";

/** @returns undefined where a component has no list of options in a release. */
export type ReadOptions = (component: string, release: string) => OptionList | undefined;

/** What is there before and after; one of them is missing where it comes or goes. */
type Sides<T> = { readonly before?: T; readonly after?: T };

/** What comes and what goes, by name. */
export type Names = { readonly new: readonly string[]; readonly gone: readonly string[] };

export type ReleaseDiff = {
  readonly from: string;
  readonly to: string;
  readonly components: readonly ({ readonly component: string } & Sides<string>)[];
  readonly images: Names;
  /** As `nova-controller api`. */
  readonly services: Names;
  readonly jobs: Names;
  readonly options: Readonly<Record<string, readonly Change[]>>;
  readonly parameters: Names;
  /** As `nova-controller workers`; a default that differs, too. */
  readonly settings: Names & { readonly defaults: readonly ({ readonly setting: string } & Sides<Json>)[] };
  /** What the templates do otherwise, and why. */
  readonly features: readonly { readonly name: string; readonly change: "new" | "gone"; readonly why: string }[];
};

/** @returns what comes and what goes. */
export const namesBetween = (before: readonly string[], after: readonly string[]): Names => {
  const [old, now] = [new Set(before), new Set(after)];
  return { new: [...now].filter((name) => !old.has(name)), gone: [...old].filter((name) => !now.has(name)) };
};

const sides = <T>(before: T | undefined, after: T | undefined): Sides<T> => ({
  ...(before === undefined ? {} : { before }),
  ...(after === undefined ? {} : { after }),
});

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** The settings of a role in a release, each with its default. What a section that is not in the release holds is left out. */
function settingsOf(field: Field, release: string, path = ""): ReadonlyMap<string, Json | undefined> {
  if (!inRange(field, release)) return new Map();
  if (field.kind === "section") {
    const below = Object.entries(field.fields).flatMap(([key, child]) => [
      ...settingsOf(child, release, path === "" ? key : `${path}.${key}`),
    ]);
    return new Map(below);
  }
  if (!("default" in field) || field.default === undefined) return new Map([[path, undefined]]);
  const given = field.default;
  if (typeof given !== "object" || given === null || Array.isArray(given)) return new Map([[path, given as Json]]);
  const value =
    "byRelease" in given ? lastBegun(given.byRelease as readonly (readonly [string, Json])[], release) : undefined;
  return new Map([[path, value]]);
}

function compareSettings(from: string, to: string): ReleaseDiff["settings"] {
  const all = images.map((image) => {
    const prefixed = (release: string): ReadonlyMap<string, Json | undefined> =>
      inRange(image, release)
        ? new Map([...settingsOf(image.schema, release)].map(([path, value]) => [`${imageName(image)} ${path}`, value]))
        : new Map();
    return [prefixed(from), prefixed(to)] as const;
  });
  const [before, after] = [0, 1].map((side) => new Map(all.flatMap((pair) => [...(pair[side] ?? [])]))) as [
    Map<string, Json | undefined>,
    Map<string, Json | undefined>,
  ];
  const defaults = [...after]
    .filter(([setting, value]) => before.has(setting) && !same(before.get(setting), value))
    .map(([setting, value]) => ({ setting, ...sides(before.get(setting), value) }));
  return { ...namesBetween([...before.keys()], [...after.keys()]), defaults };
}

/** @returns the services or jobs of all images in a release. */
const startedIn = (release: string, kind: "service" | "job"): readonly string[] =>
  images
    .filter((image) => inRange(image, release))
    .flatMap((image: ImageRow) =>
      Object.entries(image.services)
        .filter(([, row]) => row.kind === kind && inRange(row, release) && row.run.some((run) => inRange(run, release)))
        .map(([service]) => `${imageName(image)} ${service}`),
    );

const begunIn = <T extends ReleaseRange>(rows: readonly T[], release: string): readonly T[] =>
  rows.filter((row) => inRange(row, release));

/** The version of a component: the list's, which is of the very package, or the range that its lock is made from. */
const versionOf = (component: string, release: string, read: ReadOptions): string | undefined =>
  read(component, release)?.source[component] ?? pythonComponents[component]?.versions[release];

/**
 * Compares two releases by what plinth knows of them: rows and lists of options. Nothing is asked of a network or a model.
 *
 * @param only these components; without it, all.
 */
export function compareReleases(from: string, to: string, read: ReadOptions, only?: readonly string[]): ReleaseDiff {
  const known = [...new Set([...images.map(({ component }) => component), ...Object.keys(pythonComponents)])];
  const components = known.filter((component) => only === undefined || only.includes(component));
  const ofThese = (name: string): boolean =>
    images.some((image) => components.includes(image.component) && name.split(" ")[0] === imageName(image));
  const filtered = ({ new: come, gone }: Names): Names => ({ new: come.filter(ofThese), gone: gone.filter(ofThese) });

  const versions = components.flatMap((component) => {
    const pair = sides(versionOf(component, from, read), versionOf(component, to, read));
    return Object.keys(pair).length > 0 && pair.before !== pair.after ? [{ component, ...pair }] : [];
  });
  const options = components.flatMap((component) => {
    const [before, after] = [read(component, from), read(component, to)];
    const changes = before && after ? compareLists(before, after) : [];
    return changes.length > 0 ? [[component, changes] as const] : [];
  });
  const settings = compareSettings(from, to);
  const told = (release: string): readonly string[] =>
    begunIn(addresses, release)
      // Who answers may be of some releases only: an image, or a service of it.
      .filter(({ image, service }) => {
        const row = images.find((one) => imageName(one) === image && inRange(one, release));
        const own: ReleaseRange | undefined = row?.services[service];
        return ofThese(image) && own !== undefined && inRange(own, release);
      })
      .flatMap(({ parameter, portParameter }) => [parameter, ...(portParameter === undefined ? [] : [portParameter])]);
  const features = featureRows.flatMap(({ name, ...row }) => {
    const [was, is] = [inRange(row, from), inRange(row, to)];
    const meant = row.component === undefined || components.includes(row.component);
    return was === is || !meant ? [] : [{ name, change: is ? ("new" as const) : ("gone" as const), why: row.why }];
  });
  const imagesIn = (release: string): readonly string[] => begunIn(images, release).map(imageName);
  return {
    from,
    to,
    components: versions,
    images: filtered(namesBetween(imagesIn(from), imagesIn(to))),
    services: filtered(namesBetween(startedIn(from, "service"), startedIn(to, "service"))),
    jobs: filtered(namesBetween(startedIn(from, "job"), startedIn(to, "job"))),
    options: Object.fromEntries(options),
    parameters: namesBetween(told(from), told(to)),
    settings: { ...filtered(settings), defaults: settings.defaults.filter(({ setting }) => ofThese(setting)) },
    features,
  };
}
