import { type Diagnostic, failure, type Place, type Result, success } from "../diagnostics/diagnostic.ts";
import type { Layer } from "../overlay/layer.ts";
import type { Placeholder } from "../pillar/placeholder.ts";
import { isMapping, type Json, keysOf } from "../schema/json.ts";
import { describe } from "../schema/wanted.ts";
import { type Found, fill, filledBy, findAll, type Misfit, namesOf } from "./fill.ts";
import { settingsMessage } from "./messages.ts";
import { type Places, placeAt, placeText } from "./places.ts";
import type { Filled, Origin, Settings } from "./settings.ts";

/** What of a baked image the settings are made from. */
export type Unresolved = {
  readonly image: { readonly name: string };
  readonly pillar: { readonly [key: string]: Json };
  readonly placeholders: readonly Placeholder[];
  /** Paths that may stay open unless they are requiredPaths: they are null then. */
  readonly serviceSpecificPaths?: readonly string[];
  readonly secrets: readonly string[];
  readonly secretNames: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
};

const noPlaces = (): Places => ({ files: [], positions: {} });

const copy = (value: Json): Json => (isMapping(value) ? copyOf(value) : Array.isArray(value) ? value.map(copy) : value);

function copyOf(values: { readonly [key: string]: Json }): { [key: string]: Json } {
  const copied: { [key: string]: Json } = {};
  for (const [key, value] of Object.entries(values)) copied[key] = copy(value);
  return copied;
}

function put(values: { [key: string]: Json }, path: string, value: Json): void {
  const keys = [...keysOf(path)];
  const last = keys.pop() as string;
  let into = values;
  for (const key of keys) into = into[key] as { [key: string]: Json };
  into[last] = value;
}

/** @returns the same settings with other values at these paths. */
export function withValues(settings: Settings, given: ReadonlyMap<string, Json>): Settings {
  const values = copyOf(settings.values);
  for (const [path, value] of given) put(values, path, value);
  return { ...settings, values };
}

/** The pillar's own values for its dynamic parameters: the weakest layer. */
const pillarLayer = (parameters: Readonly<Record<string, string>>): Layer =>
  new Map(
    Object.entries(parameters).map(([name, text]) => [
      name,
      { text, origin: { from: "pillar", place: `parameters.${name}` } },
    ]),
  );

/** Nothing was given, as opposed to something wrong. */
const isOpen = (misfits: readonly Misfit[]): boolean => misfits.every(({ problem }) => problem === "missing");

type Complaint = Misfit & { readonly at: Placeholder };

/**
 * Fills the dynamic parameters of an image's pillar. Everything that is missing or does not fit is reported together.
 *
 * @param layers weakest first, without the pillar's own `parameters`, which are always the weakest.
 * @param places called only when there is a mistake.
 * @param requiredPaths paths that the service at hand needs, although not every service of the image does.
 * @param instead what is set and was likely meant to be a parameter that is missing; asked only when there is a mistake.
 * @param prefix what etcd's keys begin with where it is asked, for advice.
 */
export function resolve(
  image: Unresolved,
  layers: readonly Layer[],
  places: () => Places = noPlaces,
  requiredPaths: readonly string[] = [],
  instead: (name: string) => string | undefined = () => undefined,
  prefix?: string,
): Result<Settings> {
  const secretNames = new Set(image.secretNames);
  const found = findAll(namesOf(image.placeholders), [pillarLayer(image.parameters), ...layers]);
  const values = copyOf(image.pillar);
  const filled = new Map<string, readonly Filled[]>();
  const left: string[] = [];
  const complaints: Complaint[] = [];
  for (const placeholder of image.placeholders) {
    const outcome = fill(placeholder, found);
    const { path } = placeholder;
    if (
      "misfits" in outcome &&
      image.serviceSpecificPaths?.includes(path) &&
      !requiredPaths.includes(path) &&
      isOpen(outcome.misfits)
    ) {
      put(values, path, null);
      left.push(path);
    } else if ("misfits" in outcome)
      complaints.push(...outcome.misfits.map((misfit) => ({ ...misfit, at: placeholder })));
    else {
      put(values, path, outcome.value);
      filled.set(path, filledBy(placeholder, found));
    }
  }
  if (complaints.length > 0) return failure(complain(complaints, image, found, places(), secretNames, instead, prefix));
  const parameters = new Map([...found].map(([name, { text }]) => [name, text]));
  return success({ values, secrets: new Set(image.secrets), filled, secretNames, left, parameters });
}

const sources: Readonly<Record<Origin["from"], (place: string) => string>> = {
  default: (place) => place,
  pillar: (place) => place,
  etcd: (place) => `etcd key ${place}`,
  environment: (place) => `environment variable ${place}`,
  file: (place) => `file ${place}`,
};

/** One message for each parameter and kind of mistake, with all the places that want it. */
function complain(
  complaints: readonly Complaint[],
  image: Unresolved,
  found: ReadonlyMap<string, Found>,
  places: Places,
  secretNames: ReadonlySet<string>,
  instead: (name: string) => string | undefined,
  prefix: string | undefined,
): readonly Diagnostic[] {
  const groups = new Map<string, Complaint[]>();
  for (const complaint of complaints) {
    // Two places may want different things of one parameter: then each says its own.
    const wants = complaint.problem === "misfit" || complaint.problem === "text" ? describe(complaint.at.wanted) : "";
    const key = `${complaint.name} ${complaint.problem} ${wants}`;
    groups.set(key, [...(groups.get(key) ?? []), complaint]);
  }
  const position = (path: string) => places.positions[path] ?? places.positions[places.copied?.[path] ?? path];
  return [...groups.values()].map((group) => {
    const { name, problem, at } = group[0] as Complaint;
    const wanting = group
      .map(({ at: { path } }) => {
        const place = placeText(places, places.positions[path]);
        return place === undefined ? path : `${path} (${place})`;
      })
      .join(", ");
    const message = { name, wanting, wants: describe(at.wanted) };
    const given = found.get(name);
    if (problem === "missing" || !given) {
      const place = placeAt(places, position(at.path)) ?? { kind: "named", name: at.path };
      return settingsMessage(
        "parameter-missing",
        { ...message, image: image.image.name, prefix, instead: instead(name) },
        place,
      );
    }
    const place: Place = { kind: "named", name: sources[given.origin.from](given.origin.place) };
    if (problem === "empty") return settingsMessage("parameter-empty", message, place);
    if (problem === "control") return settingsMessage("parameter-control", message, place);
    if (problem === "text") return settingsMessage("text-wrong", message, place);
    return settingsMessage(
      "parameter-wrong",
      { ...message, shown: shown(given.text, name, found, secretNames) },
      place,
    );
  });
}

const shortestPart = 4;

/** @returns the text to show, or undefined for a secret, and for one that stands where another value was meant to be. */
function shown(
  text: string,
  name: string,
  found: ReadonlyMap<string, Found>,
  secretNames: ReadonlySet<string>,
): string | undefined {
  if (secretNames.has(name)) return undefined;
  for (const secret of secretNames) {
    const given = found.get(secret)?.text;
    // A shorter one stands in many a text by chance, and hiding that would tell it.
    if (given && (text === given || (given.length >= shortestPart && text.includes(given)))) return undefined;
  }
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}
