import type { BakedContent, BakedFile, BakedImage, BakedOption, Placeholder } from "../baked/baked.ts";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { type Json, valueAt } from "../schema/json.ts";
import { describe } from "../schema/wanted.ts";
import { settingsMessage } from "../settings/messages.ts";
import type { Settings } from "../settings/settings.ts";
import { dialects } from "./dialects.ts";
import { type Callable, Environment, Program } from "./engine.ts";
import { functions } from "./functions.ts";
import { behind, type Emission, layout, layoutTraced, unmark } from "./layout.ts";
import { renderMessage } from "./messages.ts";
import type { RenderedFile, Replaced, TracedFile } from "./rendered.ts";
import { readSite } from "./site.ts";
import { linesOf, splice } from "./splice.ts";
import { guarded, type Recorder, recorder } from "./trace.ts";
import { databaseUrl } from "./url.ts";
import { Unusable } from "./value.ts";
import { type Problem, type Secrets, secretsOf, unset, Writer } from "./writer.ts";

/** One file's text before its layout: with `emissions`, each written value stands between marks. */
type Draft = {
  readonly text: string;
  readonly problems: readonly Problem[];
  readonly emissions: readonly Emission[];
  /** Paths of the settings that were read, for whatever. */
  readonly reads: readonly string[];
  readonly replaced: readonly Replaced[];
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

/** A file that the model gives whole. */
function given(
  content: BakedContent,
  path: string,
  dialectIs: BakedFile["dialect"],
  values: Json,
  writer: Writer,
): string {
  // In a text a parameter is a part of a line; in a tree it is a value.
  const position = dialectIs === "json" || dialectIs === "yaml" ? "whole" : "part";
  return content
    .map((piece) =>
      typeof piece === "string" ? piece : writer.writeAt(piece.at, valueAt(values, piece.at) ?? null, position, path),
    )
    .join("");
}

/** @returns the lines of the model's own option, marked where values are. */
function optionLines(option: BakedOption, file: BakedFile, values: Json, writer: Writer): readonly string[] {
  const paths = (option.lines ?? []).flat().flatMap((word) => ("at" in word ? [word.at] : []));
  if (option.text) {
    if (!writer.isMarking) return option.text;
    return option.text.map((line) => {
      // Its name begins it, and nothing else of the line is shown as a value.
      const end = line.length - line.slice(option.name.length).replace(/^ (?:= )?/, "").length;
      return line.slice(0, end) + writer.markOf(line.slice(end), [], option.path);
    });
  }
  const lines = linesOf(option, file.dialect, values);
  if (!(lines instanceof Unusable))
    return lines.map(({ head, text }) => head + writer.markOf(text, paths, option.path));
  writer.problems.push({ site: "", paths, reason: lines.reason, model: option.path });
  return [];
}

/** Puts the model's options into a file's draft. @returns it, with what they took the place of where that is recorded. */
function withOptions(
  text: string,
  image: BakedImage,
  file: BakedFile,
  values: Json,
  writer: Writer,
): { readonly text: string; readonly replaced: readonly Replaced[] } {
  const options = file.options === undefined ? undefined : image.options?.[file.options];
  if (!options) return { text, replaced: [] };
  const replaced: Replaced[] = [];
  const note = (option: BakedOption, section: string, line: string): void => {
    const { masked } = unmark(line, writer.emissions);
    const value = masked
      .trim()
      .slice(option.name.length)
      .replace(/^\s*=?\s*/, "");
    const paths = behind(line, writer.emissions).flatMap((one) => one.paths);
    replaced.push({ by: option.path, section, option: option.name, value, paths });
  };
  const write = (option: BakedOption): readonly string[] => optionLines(option, file, values, writer);
  // A start asks for the text alone.
  const spliced = splice(text, options, file.dialect, write, writer.isMarking ? note : undefined);
  return { text: spliced, replaced };
}

/** @returns what the model gives of a file whole; undefined where a template writes it. */
const contentOf = ({ contents }: BakedImage, { template }: BakedFile): BakedContent | undefined =>
  contents && Object.hasOwn(contents, template) ? contents[template] : undefined;

const isExact = (image: BakedImage, file: BakedFile): boolean =>
  dialects[file.dialect].exact === true || (contentOf(image, file) !== undefined && file.options === undefined);

function draft(image: BakedImage, file: BakedFile, record: Recorder, secrets?: Secrets): Draft {
  const { encode } = dialects[file.dialect];
  const writer = new Writer(encode, record, secrets);
  const content = contentOf(image, file);
  const rendered = content
    ? given(content, file.template, file.dialect, record.values, writer)
    : fromTemplate(image, file, record, writer);
  const { text, replaced } = withOptions(rendered, image, file, record.values, writer);
  return { text, problems: writer.problems, emissions: writer.emissions, reads: record.reads(), replaced };
}

function fromTemplate(image: BakedImage, file: BakedFile, record: Recorder, writer: Writer): string {
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
  return new Environment(programOf(image), globals, filters).render(file.template);
}

/** @returns a diagnostic for each problem, with the settings it comes from and what filled them. */
function explain(settings: Settings, problems: readonly Problem[]): readonly Diagnostic[] {
  return problems.map(({ reason, site, paths, model }) => {
    const { template, line, column, expression } = readSite(site);
    const from = paths.map((path) => ({
      path,
      places: (settings.filled.get(path) ?? []).map(({ origin }) => origin.place),
    }));
    if (model !== undefined)
      return renderMessage("model-value-unfit", { path: model, reason, from }, { kind: "named", name: model });
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
    plain.map(({ text }, index) => {
      const file = files[index] as BakedFile;
      return {
        path: file.path,
        text: layout(text, isExact(image, file)),
        mode: file.mode ?? 0o640,
        owner: "root",
        group: image.account.group,
      };
    }),
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
    traced.value.map(({ text, emissions, reads, replaced }, index) => {
      const file = files[index] as BakedFile;
      const { path, template, dialect } = file;
      const laid = layoutTraced(text, emissions, dialect, isExact(image, file));
      return { path, template, dialect, ...laid, reads, replaced };
    }),
  );
}
