import { dirname, join, resolve } from "node:path";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { isDirectory, textIfThere } from "../host/files.ts";
import { openDirectory } from "../host/inventory/inventory.ts";
import { type Baked, bake } from "../image/bake.ts";
import { releasePath } from "../image/recipe.ts";
import { type Model, openModel, reached } from "../model/model.ts";
import { refuseRelease } from "../pillar/pillar.ts";
import { modelDirectory } from "./model-directory.ts";
import { type Arguments, type Context, text } from "./verb.ts";
import { version } from "./version.ts";

/** Templates come along with the binary: /opt/plinth/bin/plinth, /opt/plinth/share/config-templates. */
export const templatesBeside = (): string => join(dirname(process.execPath), "../share/config-templates");

/** Says of a template that is missing where it was looked for: only here is known which directory the names are below. */
const withDirectory =
  (directory: string) =>
  (diagnostic: Diagnostic): Diagnostic => {
    if (diagnostic.code !== "template-missing") return diagnostic;
    const where = `${resolve(directory)}${isDirectory(directory) ? "" : ", which is no directory"}`;
    const what = `${diagnostic.what} in ${where}`;
    return { ...diagnostic, what, fix: `${diagnostic.fix}; --templates names another directory` };
  };

export function openWith(directory: string, release: string | undefined): Result<Model> {
  const source = openDirectory(directory);
  if (!source.ok) return source;
  const overrides = new Map(release === undefined ? [] : [[releasePath, release]]);
  const model = openModel(source.value, { overrides });
  return model.ok ? success(model.value, [...source.warnings, ...model.warnings]) : model;
}

/** Says of what is wrong with a pillar by which classes its file came to the node. */
function through(diagnostics: readonly Diagnostic[], model: Model, node: string): readonly Diagnostic[] {
  const merged = diagnostics.length > 0 ? model.merge(node) : undefined;
  if (!merged?.ok) return diagnostics;
  return reached(diagnostics, merged.value.chains()).map((diagnostic) => ({ ...diagnostic, node }));
}

/** Compiles the node that the words name, reads its templates, and bakes them. */
export function bakeNode(args: Arguments, context: Context): Result<Baked> {
  const release = text(args, "release");
  // Before the model, which may have classes for releases and would miss one for a slip of the pen.
  const refused = release === undefined ? undefined : refuseRelease(release, { kind: "named", name: "--release" });
  if (refused) return failure([refused]);
  const name = text(args, "node") ?? "";
  const model = openWith(modelDirectory(args, context), release);
  if (!model.ok) return model;
  const node = model.value.compile(name);
  if (!node.ok) return node;
  const directory = text(args, "templates") ?? templatesBeside();
  const load = (template: string): string | undefined => textIfThere(join(directory, template));
  const baked = bake({ node: node.value, imageName: text(args, "image-name"), release, load }, version);
  if (!baked.ok) return failure(through(baked.diagnostics.map(withDirectory(directory)), model.value, name));
  const warnings = through(baked.warnings, model.value, name);
  return success(baked.value, [...model.warnings, ...node.warnings, ...warnings]);
}
