import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { BakedFile, BakedImage } from "../image/baked.ts";
import type { Dialect } from "../openstack/component.ts";
import type { Json, Settings } from "../settings/settings.ts";
import { type Callable, Environment, SafeString } from "./engine.ts";
import { functions } from "./functions.ts";
import { encodeIni } from "./ini.ts";
import { type Emission, layout, layoutTraced, marked } from "./layout.ts";
import { renderMessage } from "./messages.ts";
import { encodeOslo } from "./oslo.ts";
import type { RenderedFile, TracedFile } from "./rendered.ts";
import { readSite } from "./site.ts";
import { type Recorder, recorder } from "./trace.ts";
import { databaseUrl } from "./url.ts";
import { type Encode, Lines, mask, type Position, Unusable, Veiled } from "./value.ts";

const dialects: Readonly<Record<Dialect, Encode>> = { oslo: encodeOslo, ini: encodeIni };

type Problem = { readonly reason?: string; readonly site: string; readonly paths: readonly string[] };

/** One file's text before its layout: with `emissions`, each written value stands between marks. */
type Draft = { readonly text: string; readonly problems: readonly Problem[]; readonly emissions: readonly Emission[] };

/** Knows nothing and records nothing: what a start needs. */
const unrecorded = (values: Json): Recorder => ({ begin: () => {}, end: () => [], values });

class Writer {
  readonly problems: Problem[] = [];
  readonly emissions: Emission[] = [];
  readonly #encode: Encode;
  readonly #recorder: Recorder;
  readonly #secrets: ReadonlySet<string> | undefined;

  /** With `secrets`, every value is marked and its masked twin kept. */
  constructor(encode: Encode, record: Recorder, secrets?: ReadonlySet<string>) {
    this.#encode = encode;
    this.#recorder = record;
    this.#secrets = secrets;
  }

  /** The filter around every expression that a template writes (compile.ts puts it there). */
  readonly write = (_begun: unknown, value: unknown, position: Position, site: string): unknown => {
    const paths = this.#recorder.end();
    // A macro's text ends with the newline of its last line, and the line it stands on has one of its own.
    if (value instanceof SafeString) return position === "lines" ? value.toString().replace(/^\n+|\n+$/g, "") : value;
    const refuse = (reason?: string): string => {
      this.problems.push({ site, paths, ...(reason === undefined ? {} : { reason }) });
      return "";
    };
    if (value === undefined || value === null) return refuse();
    if (value instanceof Unusable) return refuse(value.reason);
    const lines = value instanceof Lines;
    if (lines !== (position === "lines")) {
      return refuse(
        lines ? "it writes whole lines, so it must stand alone on its line" : "it stands where an option must",
      );
    }
    const texts = (lines ? value.values : [value]).map((item) => {
      const text = this.#encode((item instanceof Veiled ? item.text : item) as Json, lines ? "whole" : position);
      if (text instanceof Unusable) return refuse(text.reason);
      return (lines ? `${value.key} = ` : "") + this.#mark(text, item, paths);
    });
    return texts.join("\n");
  };

  #mark(text: string, value: unknown, paths: readonly string[]): string {
    if (!this.#secrets) return text;
    const secret = paths.filter((path) => this.#secrets?.has(path));
    const veil = value instanceof Veiled && secret.every((path) => path.endsWith(".password"));
    const shown = veil
      ? this.#encode(value.masked, "part")
      : secret.length > 0 || value instanceof Veiled
        ? mask
        : text;
    this.emissions.push({ paths, secret: secret.length > 0, masked: shown instanceof Unusable ? mask : shown });
    return marked(this.emissions.length - 1, text);
  }
}

function draft(image: BakedImage, file: BakedFile, record: Recorder, secrets?: ReadonlySet<string>): Draft {
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
    /** Around conditions: what they read is nobody's value. */
    peek: (_begun: unknown, value: unknown) => {
      record.end();
      return value;
    },
  };
  const text = new Environment(image.templates, globals, filters).render(file.template);
  return { text, problems: writer.problems, emissions: writer.emissions };
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
    return reason === undefined
      ? renderMessage("value-undefined", { expression, from }, place)
      : renderMessage("value-unfit", { expression, reason, from }, place);
  });
}

/** Renders with everything recorded: which settings stand behind each value, and what may be shown of it. */
function drafts(image: BakedImage, settings: Settings, files: readonly BakedFile[]): Result<readonly Draft[]> {
  const traced = files.map((file) => draft(image, file, recorder(settings.values), settings.secrets));
  const problems = traced.flatMap((one) => one.problems);
  return problems.length > 0 ? failure(explain(settings, problems)) : success(traced);
}

/** @returns every file as it shall be, or every value that cannot be written, of all files together. */
export function renderFiles(
  image: BakedImage,
  settings: Settings,
  files: readonly BakedFile[],
): Result<readonly RenderedFile[]> {
  const plain = files.map((file) => draft(image, file, unrecorded(settings.values)));
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
    traced.value.map(({ text, emissions }, index) => {
      const { path, template } = files[index] as BakedFile;
      return { path, template, ...layoutTraced(text, emissions) };
    }),
  );
}
