import { type Diagnostic, failure, type Place, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { At } from "../model/value.ts";
import type { ImageRow } from "../openstack/component.ts";
import { inRange } from "../openstack/releases.ts";
import type { Json } from "../schema/json.ts";
import type { PillarOf, ValueOf } from "../schema/value.ts";
import { type CheckState, checkSection, type Given, gathering } from "./check.ts";
import { fillDefaults } from "./defaults.ts";
import { passwordOf, settingsSchema, usualSeconds, waitKey, waitSchema } from "./envelope.ts";
import { pillarMessage } from "./messages.ts";
import { type Parameters, parametersAmong, readParameters } from "./parameters.ts";
import { type PillarDocument, placeOfNode } from "./pillar.ts";
import { namesIn, type Placeholder } from "./placeholder.ts";
import { diagnosticsOf, notMapping } from "./report.ts";
import { type Entry, isNull } from "./value.ts";

/** A pillar that is right and complete: its role's values with defaults, dynamic parameters still as text. */
export type Pillar = {
  readonly image: ImageRow;
  readonly release: string;
  /** From the role's root, with the `wait` block beside the role's own keys. */
  readonly values: { readonly [key: string]: Json };
  /** Its `wait` block, in which only parts of URLs are dynamic. */
  readonly wait: ValueOf<typeof waitSchema>;
  readonly placeholders: readonly Placeholder[];
  readonly secrets: readonly string[];
  /** Names of the dynamic parameters that fill a secret. */
  readonly secretNames: readonly string[];
  /** Path to the place of what the pillar gives itself. */
  readonly positions: Readonly<Record<string, At>>;
  readonly copied: Readonly<Record<string, string>>;
  readonly parameters: Parameters;
};

/** @returns placeholders and secret paths, where a path that shares a parameter with a secret is one, too. */
function spreadSecrets(
  all: readonly Placeholder[],
  secrets: readonly string[],
  urls: readonly (readonly [path: string, url: string])[],
) {
  const known = new Set(secrets);
  const names = new Set(all.filter(({ path }) => known.has(path)).flatMap(({ parts }) => namesIn(parts)));
  for (const [path, url] of urls) {
    const password = passwordOf(url);
    if (password.written) known.add(path);
    for (const name of password.names) names.add(name);
  }
  const placeholders = all.map((one) =>
    known.has(one.path) || namesIn(one.parts).some((name) => names.has(name))
      ? { ...one, wanted: { ...one.wanted, secret: true } }
      : one,
  );
  for (const { path, wanted } of placeholders) if (wanted.secret) known.add(path);
  return { placeholders, secrets: [...known], secretNames: [...names] };
}

/** @returns names that are dynamic parameters, and also the names that give others by a file. */
const twinsIn = (names: ReadonlySet<string>): readonly string[] =>
  [...names].filter((name) => names.has(`${name}_FILE`));

function reportUnused(all: CheckState, parameters: Parameters, names: ReadonlySet<string>): void {
  for (const [name, at] of Object.entries(parameters.at)) {
    if (names.has(name) || all.ignored.has(name)) continue;
    const make = (place: Place): Diagnostic =>
      pillarMessage("parameter-unused", { name, nearest: nearest(name, [...names]) }, place);
    all.reports.push({ at, key: name, warns: true, make });
  }
}

function checkWait(all: CheckState, entry: Entry | undefined): Given {
  if (!entry || isNull(entry.value)) return {};
  if (entry.value.kind === "mapping") return checkSection(all, waitSchema, entry.value, waitKey, entry.keyAt);
  all.reports.push(notMapping(waitKey, entry));
  return {};
}

/** What must be known when the image is baked: for how long, and for how many things, a start waits. */
function settledWait(
  all: CheckState,
  { timeout, for: urls }: PillarOf<typeof waitSchema>,
  entry: Entry | undefined,
): ValueOf<typeof waitSchema> {
  const report = (key: string, why: string): void => {
    const message = { path: `${waitKey}.${key}`, why };
    const make = (place: Place) => pillarMessage("placeholder-not-here", message, place);
    if (entry) all.reports.push({ at: all.positions[message.path] ?? entry.keyAt, make });
  };
  if (typeof timeout === "string") {
    report("timeout", "write the seconds out; where the container runs, plinth start --timeout says otherwise");
  }
  if (typeof urls === "string") report("for", "write a list, in whose URLs any part may be a dynamic parameter");
  return {
    timeout: typeof timeout === "string" ? usualSeconds : timeout,
    for: typeof urls === "string" ? [] : urls,
  };
}

const hasMistakes = ({ reports }: CheckState): boolean => reports.some(({ warns }) => !warns);

/** What a node says beside its role's pillar, as far as dynamic parameters stand in it. */
export type ExtraPlaceholders = {
  readonly placeholders: readonly Placeholder[];
  readonly positions: Readonly<Record<string, At>>;
};

const nothing: ExtraPlaceholders = { placeholders: [], positions: {} };

/** Checks a pillar against the schema of its role, and fills in defaults. All mistakes are reported together. */
export function compilePillar(document: PillarDocument, beside: ExtraPlaceholders = nothing): Result<Pillar> {
  const { image, release, roleAt } = document;
  const all = gathering(release);
  const title = `${image.component}.${image.role}`;
  const role = checkSection(all, image.schema, document.role, "", roleAt, title);
  const wait = checkWait(all, document.wait);
  const given: Given = { ...role, version: release, [waitKey]: wait as Json };
  const completed = fillDefaults(settingsSchema(image.schema), given, release, all.placeholders);
  const waits = settledWait(all, completed.values.wait, document.wait);
  const { placeholders, secrets, secretNames } = spreadSecrets(
    [...completed.placeholders, ...beside.placeholders],
    [
      ...all.secrets,
      ...completed.secrets,
      ...beside.placeholders.flatMap(({ path, wanted }) => (wanted.secret ? [path] : [])),
    ],
    waits.for.map((url, index) => [`${waitKey}.for.${index}`, url]),
  );

  // What is missing because something else is wrong has been said already.
  for (const missing of hasMistakes(all) ? [] : completed.uncopied) {
    all.reports.push({ at: roleAt, make: (place) => pillarMessage("copy-missing", missing, place) });
  }
  const names = new Set(placeholders.flatMap(({ parts }) => namesIn(parts)));
  const parameters = readParameters(document.parameters, all.reports);
  reportUnused(all, parameters, names);
  for (const [key, field] of Object.entries(image.schema.fields)) {
    if (field.kind !== "section" || !field.missed || !inRange(field, release) || completed.values[key] !== null)
      continue;
    const words = field.missed;
    const make = (place: Place) => pillarMessage("section-missed", { path: key, words }, place);
    all.reports.push({ at: roleAt, warns: true, make });
  }
  const twins = twinsIn(names).map((name) =>
    pillarMessage("placeholder-twin", { name, twin: `${name}_FILE` }, placeOfNode(document.node)),
  );
  const found = [...twins, ...diagnosticsOf(all.reports, all.secretLines)];
  if (hasMistakes(all) || twins.length > 0) return failure(found);
  return success(
    {
      image,
      release,
      values: { ...completed.values, ...Object.fromEntries(beside.placeholders.map(({ path }) => [path, null])) },
      wait: waits,
      placeholders,
      secrets,
      secretNames,
      positions: { ...all.positions, ...beside.positions },
      copied: completed.copied,
      parameters: parametersAmong(parameters, names),
    },
    found,
  );
}
