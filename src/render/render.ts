import type { BakedFile, BakedImage, Placeholder } from "../baked/baked.ts";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { Dialect } from "../openstack/component.ts";
import type { Json } from "../schema/json.ts";
import { describe } from "../schema/wanted.ts";
import { settingsMessage } from "../settings/messages.ts";
import type { Settings } from "../settings/settings.ts";
import { type Callable, Environment, Program } from "./engine.ts";
import { functions } from "./functions.ts";
import { type Emission, layout, layoutTraced } from "./layout.ts";
import { encodeJson, encodePython, encodeSql } from "./literal.ts";
import { renderMessage } from "./messages.ts";
import { encodeOslo } from "./oslo.ts";
import type { RenderedFile, TracedFile } from "./rendered.ts";
import { readSite } from "./site.ts";
import { guarded, type Recorder, recorder } from "./trace.ts";
import { databaseUrl } from "./url.ts";
import type { Encode } from "./value.ts";
import { encodeHaproxy, encodeLibvirt, encodeMysql, encodeRabbitmq, encodeSh, encodeUwsgi } from "./words.ts";
import { type Problem, type Secrets, secretsOf, unset, Writer } from "./writer.ts";

const dialects: Readonly<Record<Dialect, Encode>> = {
  oslo: encodeOslo,
  uwsgi: encodeUwsgi,
  json: encodeJson,
  python: encodePython,
  sql: encodeSql,
  sh: encodeSh,
  mysql: encodeMysql,
  rabbitmq: encodeRabbitmq,
  haproxy: encodeHaproxy,
  libvirt: encodeLibvirt,
};

/** One file's text before its layout: with `emissions`, each written value stands between marks. */
type Draft = {
  readonly text: string;
  readonly problems: readonly Problem[];
  readonly emissions: readonly Emission[];
  /** Paths of the settings that were read, for whatever. */
  readonly reads: readonly string[];
};

/** Knows nothing and records nothing: what a start needs. */
const unrecorded = (values: Json): Recorder => ({ begin: () => {}, end: () => [], values, reads: () => [] });

const programs = new WeakMap<BakedImage, Program>();

/** An image's templates, compiled once however many files are rendered. */
function programOf(image: BakedImage): Program {
  const known = programs.get(image);
  if (known) return known;
  const program = new Program(image.templates, image.templateCache);
  programs.set(image, program);
  return program;
}

function draft(image: BakedImage, file: BakedFile, record: Recorder, secrets?: Secrets): Draft {
  const writer = new Writer(dialects[file.dialect], record, secrets);
  const globals = {
    ...functions,
    databaseUrl: databaseUrl(image.has),
    settings: record.values,
    has: image.has,
    release: image.image.release,
    image: image.image,
  };
  const filters: Readonly<Record<string, Callable>> = {
    begin: record.begin,
    write: writer.write,
    /** Around conditions: what they read is no value's, but it is read. */
    peek: (_begun: unknown, value: unknown) => {
      record.end();
      return value;
    },
  };
  const text = new Environment(programOf(image), globals, filters).render(file.template);
  return { text, problems: writer.problems, emissions: writer.emissions, reads: record.reads() };
}

/** @returns a diagnostic for each problem, with the settings it comes from and what filled them. */
function explain(settings: Settings, problems: readonly Problem[]): readonly Diagnostic[] {
  return problems.map(({ reason, site, paths }) => {
    const { template, line, column, expression } = readSite(site);
    const from = paths.map((path) => ({
      path,
      places: (settings.filled.get(path) ?? []).map(({ origin }) => origin.place),
    }));
    const place = { kind: "document", file: template, line, column } as const;
    return reason === unset.reason
      ? renderMessage("value-undefined", { expression, from }, place)
      : renderMessage("value-unfit", { expression, reason, from }, place);
  });
}

/** @returns a diagnostic for each dynamic parameter that a file turned out to need, and that nobody gave. */
function missing(image: BakedImage, asked: ReadonlySet<string>): readonly Diagnostic[] {
  const wanting = new Map<string, Placeholder[]>();
  for (const placeholder of image.placeholders.filter(({ path }) => asked.has(path))) {
    for (const part of placeholder.parts) {
      if (typeof part === "object") wanting.set(part.name, [...(wanting.get(part.name) ?? []), placeholder]);
    }
  }
  return [...wanting].map(([name, places]) => {
    const wants = describe((places[0] as Placeholder).wanted);
    const wantedBy = places.map(({ path }) => path).join(", ");
    const message = { name, wanting: wantedBy, wants, image: image.image.name, instead: undefined };
    return settingsMessage("parameter-missing", message);
  });
}

/** Renders with everything recorded: which settings stand behind each value, and what may be shown of it. */
function drafts(image: BakedImage, settings: Settings, files: readonly BakedFile[]): Result<readonly Draft[]> {
  const traced = files.map((file) => draft(image, file, recorder(settings.values), secretsOf(settings)));
  const problems = traced.flatMap((one) => one.problems);
  return problems.length > 0 ? failure(explain(settings, problems)) : success(traced);
}

/** @returns V8's code cache of an image's templates after rendering these files, base64, for `templateCache`. */
export function warmTemplates(image: BakedImage, settings: Settings, files: readonly BakedFile[]): string {
  for (const file of files) draft(image, file, unrecorded(settings.values));
  return programOf(image).cache();
}

/** @returns every file as it shall be, or every value that cannot be written, of all files together. */
export function renderFiles(
  image: BakedImage,
  settings: Settings,
  files: readonly BakedFile[],
): Result<readonly RenderedFile[]> {
  const asked = new Set<string>();
  const values = guarded(settings.values, settings.left ?? [], (path) => asked.add(path));
  const plain = files.map((file) => draft(image, file, unrecorded(values)));
  if (asked.size > 0) return failure(missing(image, asked));
  if (plain.some(({ problems }) => problems.length > 0)) {
    const again = drafts(image, settings, files);
    if (!again.ok) return again;
    throw new Error("a value was refused in one rendering and written in the next");
  }
  return success(
    plain.map(({ text }, index) => ({
      path: (files[index] as BakedFile).path,
      text: layout(text),
      mode: 0o640,
      owner: "root",
      group: image.account.group,
    })),
  );
}

/** @returns every file with the origin of each option, for `explain`, `--diff` and the image's contract. */
export function renderTraced(
  image: BakedImage,
  settings: Settings,
  files: readonly BakedFile[],
): Result<readonly TracedFile[]> {
  const traced = drafts(image, settings, files);
  if (!traced.ok) return traced;
  return success(
    traced.value.map(({ text, emissions, reads }, index) => {
      const { path, template } = files[index] as BakedFile;
      return { path, template, ...layoutTraced(text, emissions), reads };
    }),
  );
}
