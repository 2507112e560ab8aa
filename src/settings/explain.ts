import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { type Json, valueAt } from "../schema/json.ts";
import { settingsMessage } from "./messages.ts";
import { type Places, placeText } from "./places.ts";
import { type Filled, mask, type Origin, type Settings } from "./settings.ts";

/** Where one value of the settings came from. */
export type Explanation = {
  readonly path: string;
  /** As JSON; masked when it is a secret. */
  readonly value: string;
  readonly secret: boolean;
  /** Of a value that stands in the pillar, or that a default gave. */
  readonly origin?: Origin;
  /** The dynamic parameters in it, in order of appearance, each with its origin and what that overrode. */
  readonly parameters: readonly Filled[];
};

function leaves(value: Json, path: string): readonly string[] {
  if (value === null || typeof value !== "object") return [path];
  // A list of scalars is one value to a reader; a list of sections is as many as it has keys.
  if (Array.isArray(value) && value.every((item) => item === null || typeof item !== "object")) return [path];
  const keys = Object.entries(value);
  return keys.length === 0
    ? [path]
    : keys.flatMap(([key, child]) => leaves(child as Json, path === "" ? key : `${path}.${key}`));
}

/** Adds file, line and column to what the pillar itself says. */
const placed = (origin: Origin, places: Places): Origin => {
  if (origin.from !== "pillar") return origin;
  const place = placeText(places, places.parameters?.[origin.place.replace(/^parameters\./, "")]);
  return place === undefined ? origin : { from: "pillar", place };
};

function staticOrigin(path: string, places: Places): Origin {
  const place = placeText(places, places.positions[path]);
  if (place !== undefined) return { from: "pillar", place };
  const source = places.copied?.[path];
  return { from: "default", place: source === undefined ? "the schema's default" : `the same as ${source}` };
}

/** @returns the path from the role's root: `nova.controller.database.host` and `nova:controller:database` are known, too. */
function fromRoot(path: string, image: { readonly component: string; readonly role: string }): string {
  if (path.startsWith("_")) return path;
  const dotted = path.replaceAll(":", ".");
  const prefix = `${image.component}.${image.role}`;
  if (dotted === prefix) return "";
  return dotted.startsWith(`${prefix}.`) ? dotted.slice(prefix.length + 1) : dotted;
}

/** Explains the value at a pillar path, or every value below it. */
export function explain(
  settings: Settings,
  places: Places,
  image: { readonly component: string; readonly role: string },
  path: string,
): Result<readonly Explanation[]> {
  const asked = fromRoot(path, image);
  const value = asked === "" ? settings.values : valueAt(settings.values, asked);
  if (value === undefined) return failure([unknown(settings, asked)]);
  return success(
    leaves(value, asked).map((leaf) => {
      const secret = settings.secrets.has(leaf) || [...settings.secrets].some((one) => one.startsWith(`${leaf}.`));
      const found = valueAt(settings.values, leaf) as Json;
      const parameters = (settings.filled.get(leaf) ?? filledBelow(settings, leaf)).map((one) => ({
        ...one,
        origin: placed(one.origin, places),
        overrode: one.overrode.map((origin) => placed(origin, places)),
      }));
      const shown = secret && found !== null ? mask : JSON.stringify(found);
      const origin = parameters.length > 0 ? {} : { origin: staticOrigin(leaf, places) };
      return { path: leaf, value: shown, secret, parameters, ...origin };
    }),
  );
}

/** A list of scalars is one leaf, but its items are filled one by one. */
const filledBelow = (settings: Settings, path: string): readonly Filled[] =>
  [...settings.filled].flatMap(([at, filled]) => (at.startsWith(`${path}.`) ? filled : []));

function unknown(settings: Settings, asked: string) {
  let known: readonly string[] = Object.keys(settings.values);
  let within = "";
  for (const key of asked.split(".")) {
    const value = valueAt(settings.values, within === "" ? key : `${within}.${key}`);
    if (value === undefined || value === null || typeof value !== "object") {
      const like = nearest(key, known);
      const near = like === undefined ? undefined : within === "" ? like : `${within}.${like}`;
      return settingsMessage("explain-path-unknown", { path: asked, nearest: near, known: known.join(", ") });
    }
    within = within === "" ? key : `${within}.${key}`;
    known = Object.keys(value);
  }
  return settingsMessage("explain-path-unknown", { path: asked, nearest: undefined, known: known.join(", ") });
}
