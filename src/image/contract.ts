import type { BakedService, Parameter } from "../baked/baked.ts";
import type { Pillar } from "../pillar/compile.ts";
import { namesIn } from "../pillar/placeholder.ts";
import type { Wanted } from "../schema/wanted.ts";
import { type Places, placeText } from "../settings/places.ts";

/** Path to the options that its value goes into. */
export type OptionsByPath = ReadonlyMap<string, Parameter["options"]>;

// Of several kinds that are asked of one parameter, the one that allows least.
const strictness: readonly Wanted["kind"][] = ["string", "list", "number", "integer", "port", "boolean"];

/** @returns the services that want one of the paths. */
const naming = (paths: readonly string[], services: Readonly<Record<string, BakedService>>): readonly string[] =>
  Object.entries(services).flatMap(([name, service]) =>
    service.requiredPaths.some((path) => paths.includes(path)) ? [name] : [],
  );

/** What an image wants from where it runs: one row for each dynamic parameter, in order of appearance. */
export function contractOf(
  pillar: Pillar,
  places: Places,
  options: OptionsByPath,
  services: Readonly<Record<string, BakedService>>,
  serviceSpecificPaths: readonly string[],
): readonly Parameter[] {
  const names = new Set(pillar.placeholders.flatMap(({ parts }) => namesIn(parts)));
  const secrets = new Set(pillar.secretNames);
  return [...names].map((name) => {
    const uses = pillar.placeholders.filter(({ parts }) => namesIn(parts).includes(name));
    const kinds = uses.map(({ wanted }) => wanted.kind);
    const kind = strictness.findLast((one) => kinds.includes(one)) ?? "string";
    const own = Object.hasOwn(pillar.parameters.values, name) ? pillar.parameters.values[name] : undefined;
    const secret = secrets.has(name);
    const goesInto = uses.flatMap(({ path }) => options.get(path) ?? []);
    const neededBy = uses.every(({ path }) => serviceSpecificPaths.includes(path))
      ? naming(
          uses.map(({ path }) => path),
          services,
        )
      : undefined;
    const once = new Map(goesInto.map((one) => [`${one.file} ${one.section} ${one.option}`, one]));
    return {
      name,
      kind,
      secret,
      ...(own === undefined || secret ? {} : { default: own }),
      // What nothing uses, nobody has to give.
      required: own === undefined && neededBy?.length !== 0,
      ...(neededBy === undefined ? {} : { neededBy }),
      usedAt: uses.map(({ path }) => {
        const place = placeText(places, places.positions[path]);
        return { path, place: place ?? `the same as ${pillar.copied[path] ?? "a default"}` };
      }),
      options: [...once.values()],
    };
  });
}
