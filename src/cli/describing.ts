import { join } from "node:path";
import type { ImageSource } from "../deployment/asked.ts";
import type { Deployment } from "../deployment/deployment.ts";
import { describe } from "../deployment/describe.ts";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { textIfThere } from "../host/files.ts";
import { bakeWith } from "../image/bake.ts";
import { imagesOf, type Row } from "../image/catalog.ts";
import { startedByPlinth } from "../image/recipe.ts";
import { type Model, reached } from "../model/model.ts";
import { images } from "../openstack/images.ts";
import { compileTemplates } from "../render/compile.ts";
import { renderTraced } from "../render/render.ts";
import { version } from "./version.ts";

type Load = (template: string) => string | undefined;

/** The templates in a folder, by their path below it. */
export const templatesIn =
  (folder: string): Load =>
  (template) =>
    textIfThere(join(folder, template));

function sourceOf({ recipe, node }: Row, model: Model, load: Load): Result<ImageSource | undefined> {
  const row = startedByPlinth(recipe.name);
  if (!row) return success(undefined);
  const compile: Parameters<typeof bakeWith>[1]["compile"] = (asked) => compileTemplates({ ...asked, load });
  const baked = bakeWith({ node }, { compile, trace: renderTraced }, version);
  if (baked.ok) {
    const { image, details } = baked.value;
    return success({ recipe, row, parameters: node.parameters, image, details });
  }
  const merged = model.merge(node.name);
  const told = merged.ok ? reached(baked.diagnostics, merged.value.chains()) : baked.diagnostics;
  return failure(told.map((diagnostic) => ({ ...diagnostic, node: node.name })));
}

/** Computes what the deployment of a model is: every node is compiled and baked for it, which takes a second or two. */
export function describeModel(model: Model, load: Load): Result<Deployment> {
  const rows = imagesOf(model);
  if (!rows.ok) return rows;
  const order = new Map(images.map((row, index) => [row, index]));
  const sources: ImageSource[] = [];
  const wrong: Diagnostic[] = [];
  for (const row of rows.value) {
    const source = sourceOf(row, model, load);
    if (!source.ok) wrong.push(...source.diagnostics);
    else if (source.value) sources.push(source.value);
  }
  if (wrong.length > 0) return failure(wrong);
  const place = ({ row }: ImageSource): number => order.get(row) ?? 0;
  return describe(sources.toSorted((one, other) => place(one) - place(other)));
}
