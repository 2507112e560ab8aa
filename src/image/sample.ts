import type { BakedImage } from "../baked/baked.ts";
import { namesIn, type Placeholder } from "../pillar/placeholder.ts";
import type { Json } from "../schema/json.ts";
import type { Scalar, Wanted } from "../schema/wanted.ts";
import type { Filled, Settings } from "../settings/settings.ts";

/** @returns a value that fits: names no place and is no secret. */
function sample(wanted: Wanted): Scalar | readonly Scalar[] {
  switch (wanted.kind) {
    case "string":
      return wanted.choices?.[0] ?? "sample";
    case "boolean":
      return true;
    case "list":
      return [sample(wanted.item ?? { kind: "string" }) as Scalar];
    default:
      return Math.min(Math.max(1, wanted.minimum ?? 1), wanted.maximum ?? Number.MAX_SAFE_INTEGER);
  }
}

const sampleAt = ({ parts, wanted }: Placeholder): Json =>
  parts.length === 1
    ? (sample(wanted) as Json)
    : parts.map((part) => (typeof part === "string" ? part : "sample")).join("");

function withSamples(value: Json, path: string, samples: ReadonlyMap<string, Json>): Json {
  const found = samples.get(path);
  if (found !== undefined) return found;
  if (value === null || typeof value !== "object") return value;
  const below = (key: string | number): string => (path === "" ? `${key}` : `${path}.${key}`);
  if (Array.isArray(value)) return value.map((item, index) => withSamples(item, below(index), samples));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, withSamples(child as Json, below(key), samples)]),
  );
}

const origin = { from: "default", place: "sample" } as const;

type Sampled = Pick<BakedImage, "pillar" | "placeholders" | "secrets" | "secretNames">;

/** The other values that a place can have, where they can be told: those that templates decide by. */
const othersAt = ({ parts, wanted }: Placeholder): readonly Json[] => {
  if (parts.length !== 1) return [];
  return wanted.kind === "boolean" ? [false] : (wanted.choices ?? []).slice(1);
};

/**
 * Settings like the sample ones, each with another of the values that templates decide by: what they read then, a service
 * may want, too. One place at a time: what two of them decide together is seen when a container starts (render/trace.ts).
 */
export const otherSettings = (image: Sampled): readonly Settings[] =>
  // What the model says of files decides nothing in templates.
  image.placeholders
    .filter(({ path }) => !path.startsWith("_"))
    .flatMap((placeholder) =>
      othersAt(placeholder).map((other) => sampleSettings(image, new Map([[placeholder.path, other]]))),
    );

/**
 * Settings with every dynamic parameter filled by some fitting value, so that templates can be tried without any given.
 *
 * @param chosen values for paths that shall not have the usual sample.
 */
export function sampleSettings(image: Sampled, chosen: ReadonlyMap<string, Json> = new Map()): Settings {
  const samples = new Map(image.placeholders.map((one) => [one.path, chosen.get(one.path) ?? sampleAt(one)] as const));
  const names = new Set(image.placeholders.flatMap(({ parts }) => namesIn(parts)));
  const filled = image.placeholders.map(({ path, parts }): [string, readonly Filled[]] => [
    path,
    namesIn(parts).map((name) => ({ name, origin, overrode: [] })),
  ]);
  return {
    values: withSamples(image.pillar, "", samples) as Settings["values"],
    secrets: new Set(image.secrets),
    secretNames: new Set(image.secretNames),
    filled: new Map(filled),
    parameters: new Map([...names].map((name) => [name, "sample"])),
  };
}
