import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { ImageRow } from "../openstack/component.ts";
import { inRange, releaseOfComponent } from "../openstack/releases.ts";
import { type Json, valueAt } from "../schema/json.ts";
import { checkSection, type Gathered, type Given, gathering } from "./check.ts";
import { fillDefaults } from "./defaults.ts";
import { passwordOf, settingsSchema, waitKey, waitSchema } from "./envelope.ts";
import { pillarMessage } from "./messages.ts";
import { type Parameters, readParameters } from "./parameters.ts";
import { notMapping, type PillarDocument, placeOf } from "./pillar.ts";
import { namesIn, type Placeholder } from "./placeholder.ts";
import { lineOfKey, shownLine } from "./source-line.ts";
import type { Entry } from "./tree.ts";

/** A pillar that is right and complete: its role's values with defaults, dynamic parameters still as text. */
export type Pillar = {
  readonly file: string;
  readonly image: ImageRow;
  readonly release: string;
  /** From the role's root, with the `wait` block beside the role's own keys. */
  readonly values: { readonly [key: string]: Json };
  readonly placeholders: readonly Placeholder[];
  readonly secrets: readonly string[];
  /** Names of the dynamic parameters that fill a secret. */
  readonly secretNames: readonly string[];
  /** Path to [line, column], 1-based, of what the pillar gives itself. */
  readonly positions: Readonly<Record<string, readonly [line: number, column: number]>>;
  readonly copied: Readonly<Record<string, string>>;
  readonly parameters: Parameters;
};

/** @returns placeholders and secret paths, where a path that shares a parameter with a secret is one, too. */
function spreadSecrets(
  all: readonly Placeholder[],
  secrets: readonly string[],
  urls: readonly (readonly [string, Json])[],
) {
  const known = new Set(secrets);
  const names = new Set(all.filter(({ path }) => known.has(path)).flatMap(({ parts }) => namesIn(parts)));
  for (const [path, url] of urls) {
    const password = passwordOf(String(url));
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

function checkNames(
  placeholders: readonly Placeholder[],
  ignored: ReadonlySet<string>,
  parameters: Parameters,
  document: PillarDocument,
): Diagnostic[] {
  const names = new Set(placeholders.flatMap(({ parts }) => namesIn(parts)));
  const twins = [...names].filter((name) => names.has(`${name}_FILE`));
  const unused = Object.keys(parameters.values).filter((name) => !names.has(name) && !ignored.has(name));
  const here = { kind: "named", name: document.file } as const;
  return [
    ...twins.map((name) => pillarMessage("placeholder-twin", { name, twin: `${name}_FILE` }, here)),
    ...unused.map((name) => {
      const at = parameters.at[name] as NonNullable<Parameters["at"][string]>;
      const source = lineOfKey(document.lines, at.line, at.column, name);
      return pillarMessage(
        "parameter-unused",
        { name, nearest: nearest(name, [...names]) },
        placeOf(document, at, source),
      );
    }),
  ];
}

function checkWait(all: Gathered, document: PillarDocument): Given | Diagnostic {
  const entry = document.wait;
  if (!entry || (entry.value.kind === "scalar" && entry.value.isNull)) return {};
  if (entry.value.kind !== "mapping") return notMapping(document, waitKey, entry.value, entry.keyAt);
  return checkSection(all, waitSchema, entry.value, waitKey, entry.keyAt);
}

const isDiagnostic = (value: Given | Diagnostic): value is Diagnostic => "severity" in value && "failure" in value;

/** In the order of the document, as a reader goes through it. */
function byPlace(one: Diagnostic, other: Diagnostic): number {
  const [line, column] = one.place?.kind === "document" ? [one.place.line, one.place.column] : [0, 0];
  const [otherLine, otherColumn] = other.place?.kind === "document" ? [other.place.line, other.place.column] : [0, 0];
  return line - otherLine || column - otherColumn;
}

/** Checks a pillar against the schema of its role, and fills in defaults. All mistakes are reported together. */
export function compilePillar(document: PillarDocument): Result<Pillar> {
  const { image, file } = document;
  const own = releaseOfComponent(document.release, image.component);
  const all = gathering(own);
  const title = `${image.component}.${image.role}`;
  const role = checkSection(all, image.schema, document.role, "", document.roleAt, title);
  const wait = checkWait(all, document);
  const parameters = readParameters(document);
  const given: Given = {
    ...role,
    version: document.release,
    ...(isDiagnostic(wait) ? {} : { [waitKey]: wait as Json }),
  };
  const schema = settingsSchema(image.schema);
  const completed = fillDefaults(schema, given, own, all.placeholders);
  const { placeholders, secrets, secretNames } = spreadSecrets(
    completed.placeholders,
    [...all.secrets, ...completed.secrets],
    ((valueAt(completed.values, `${waitKey}.for`) ?? []) as Json[]).map((url, index) => [
      `${waitKey}.for.${index}`,
      url,
    ]),
  );

  const found: Diagnostic[] = all.reports.map(({ at, key, make }) => {
    const source =
      key === undefined
        ? shownLine(document.lines, at.line, all.secretLines)
        : lineOfKey(document.lines, at.line, at.column, key);
    return make(placeOf(document, at, source));
  });
  if (isDiagnostic(wait)) found.push(wait);
  if (placeholders.some(({ path }) => path === `${waitKey}.timeout`)) {
    const why = "write the seconds out; where the container runs, plinth start --timeout says otherwise";
    found.push(
      pillarMessage(
        "placeholder-not-here",
        { path: `${waitKey}.timeout`, why },
        placeOf(document, (document.wait as Entry).keyAt),
      ),
    );
  }
  const here = placeOf(document, document.roleAt);
  const broken = found.some(({ severity }) => severity === "error");
  // What is missing because something else is wrong has been said already.
  if (!broken) for (const missing of completed.uncopied) found.push(pillarMessage("copy-missing", missing, here));
  if (!parameters.ok) found.push(...parameters.diagnostics);
  else found.push(...checkNames(placeholders, all.ignored, parameters.value, document));
  for (const [key, field] of Object.entries(image.schema.fields)) {
    if (field.kind !== "section" || !field.missed || !inRange(field, own) || completed.values[key] !== null) continue;
    found.push(pillarMessage("section-missed", { path: key, words: field.missed }, here));
  }
  found.sort(byPlace);
  if (!parameters.ok || found.some(({ severity }) => severity === "error")) return failure(found);
  return success(
    {
      file,
      image,
      release: document.release,
      values: completed.values,
      placeholders,
      secrets,
      secretNames,
      positions: all.positions,
      copied: completed.copied,
      parameters: parameters.value,
    },
    found,
  );
}
