import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { BakedFile } from "../../src/baked/baked.ts";
import type { Diagnostic, Result } from "../../src/diagnostics/diagnostic.ts";
import { type Baked, bakeWith } from "../../src/image/bake.ts";
import { filesOf } from "../../src/image/services.ts";
import { openModel } from "../../src/model/model.ts";
import { compileTemplates } from "../../src/render/compile.ts";
import { renderFiles, renderTraced } from "../../src/render/render.ts";
import { memorySource } from "../support/model.ts";
import { mustBe } from "../support/must-be.ts";
import { parameters } from "../support/parameters.ts";
import { load, settingsOf } from "../support/rendering.ts";

const own: Record<string, string> = Object.fromEntries(
  readdirSync("model", { recursive: true, encoding: "utf8" })
    .filter((path) => /^(?:classes|nodes)\/.*\.yml$/.test(path))
    .map((path) => [path, readFileSync(join("model", path), "utf8")]),
);

const below = (text: string): string => text.replace(/^(?=.)/gm, "  ");

/** A node of the project's own model that says more: YAML below its `parameters`, and further classes. */
export type Saying = {
  readonly node?: string;
  readonly says: string;
  readonly release?: string;
  /** Name to YAML below `parameters`; the node has them after its own, in this order. */
  readonly classes?: Readonly<Record<string, string>>;
};

/** Bakes such a node. */
export function bakeSaying({
  node = "nova-controller",
  says,
  release = "2025.1",
  classes = {},
}: Saying): Result<Baked> {
  const names = Object.keys(classes);
  const text = own[`nodes/${node}.yml`] ?? "";
  const withClasses = text.replace(
    /(^classes:\n(?: {2}- .*\n)+)/m,
    `$1${names.map((name) => `  - ${name}\n`).join("")}`,
  );
  const [head, rest = ""] = withClasses.split(/^parameters:\n/m);
  const source = memorySource({
    ...own,
    ...Object.fromEntries(names.map((name) => [`classes/${name}.yml`, `parameters:\n${below(classes[name] ?? "")}`])),
    [`nodes/${node}.yml`]: `${head}parameters:\n${rest}${below(says)}\n`,
  });
  const model = openModel(source, { overrides: new Map([["_param:release", release]]) });
  const compiled = mustBe(model).compile(node);
  if (!compiled.ok) return compiled;
  const compile = (asked: Omit<Parameters<typeof compileTemplates>[0], "load">) => compileTemplates({ ...asked, load });
  return bakeWith({ node: compiled.value, release, load }, { compile, trace: renderTraced }, "test");
}

/** @returns what baking says: errors, or warnings. */
export function told(saying: Saying): readonly Diagnostic[] {
  const baked = bakeSaying(saying);
  return baked.ok ? baked.warnings : baked.diagnostics;
}

const filesFor = (baked: Baked, service: string | undefined): readonly BakedFile[] =>
  service === undefined ? filesOf(baked.image.services) : (baked.image.services[service]?.files ?? []);

/** @returns the text of a file of a service, or of the image's only file of the name. */
export function textOf(saying: Saying, file: string, service?: string, values: Record<string, string> = {}): string {
  const baked = mustBe(bakeSaying(saying));
  const files = filesFor(baked, service).filter(({ path }) => path === file || path.endsWith(`/${file}`));
  return mustBe(renderFiles(baked.image, settingsOf(baked, { ...parameters, ...values }), files))[0]?.text ?? "";
}

/** @returns the lines of a section of an INI file. */
export function sectionOf(text: string, section: string): readonly string[] {
  const lines = text.split("\n");
  const start = lines.indexOf(section);
  if (start < 0) return [];
  const end = lines.findIndex((line, index) => index > start && line.startsWith("["));
  return lines.slice(start + 1, end < 0 ? undefined : end).filter((line) => line !== "");
}
