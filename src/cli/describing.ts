import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Deployment } from "../deployment/deployment.ts";
import { describe, faultsOf } from "../deployment/describe.ts";
import { composeEngine, type Engine } from "../deployment/engine.ts";
import type { ImageSource, UnbakedSource } from "../deployment/requests.ts";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { placeText } from "../diagnostics/frame.ts";
import { onceEach } from "../diagnostics/once.ts";
import { textIfThere } from "../host/files.ts";
import { bakeWith } from "../image/bake.ts";
import { imagesOf, type Row } from "../image/catalog.ts";
import { referredTo, startedByPlinth } from "../image/recipe.ts";
import { type Model, reached } from "../model/model.ts";
import type { Value } from "../model/value.ts";
import type { ImageRow } from "../openstack/component.ts";
import { images } from "../openstack/images.ts";
import { compileTemplates } from "../render/compile.ts";
import { renderTraced } from "../render/render.ts";
import { version } from "./version.ts";

type Load = (template: string) => string | undefined;

/** @returns SHA-256 in hexadecimal. */
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The templates in a directory, by their path below it. */
export const templatesIn =
  (directory: string): Load =>
  (template) =>
    textIfThere(join(directory, template));

/** Changes what a node says before its image is baked. */
export type Prepare = (parameters: Value, row: ImageRow) => Value;

function sourceOf(
  { recipe, node: own }: Row,
  model: Model,
  load: Load,
  prepare: Prepare,
): Result<ImageSource | undefined> {
  const row = startedByPlinth(recipe.name);
  if (!row) return success(undefined);
  const node = { ...own, parameters: prepare(own.parameters, row) };
  const compile: Parameters<typeof bakeWith>[1]["compile"] = (asked) => compileTemplates({ ...asked, load });
  const baked = bakeWith({ node, load }, { compile, trace: renderTraced }, version);
  if (baked.ok) {
    const { image, details } = baked.value;
    // Another plinth with the same pillar replaces no pod by itself: its image does. Run from source plinth has no version of its own.
    const { plinth: _, ...pillar } = image;
    const digest = sha256(JSON.stringify(pillar));
    return success({ recipe, row, parameters: node.parameters, image, details, digest });
  }
  return failure(
    through(
      baked.diagnostics.map((diagnostic) => ({ ...diagnostic, node: node.name })),
      model,
    ),
  );
}

/** Says of what is wrong with a node by which classes its file came to it. */
function through(diagnostics: readonly Diagnostic[], model: Model): readonly Diagnostic[] {
  return diagnostics.flatMap((diagnostic) => {
    const merged = diagnostic.node === undefined ? undefined : model.merge(diagnostic.node);
    return merged?.ok ? reached([diagnostic], merged.value.chains()) : [diagnostic];
  });
}

/** A deployment, and the images that it is made of. */
export type Described = { readonly deployment: Deployment; readonly sources: readonly ImageSource[] };

/** Computes what the deployment of a model is: every node is compiled and baked for it, which takes a second or two. */
export function describeModel(model: Model, load: Load, engine: Engine = composeEngine): Result<Deployment> {
  const described = describeImages(model, load, engine);
  return described.ok ? success(described.value.deployment, described.warnings) : described;
}

/** The same with its images. */
export function describeImages(
  model: Model,
  load: Load,
  engine: Engine = composeEngine,
  prepare: Prepare = (parameters) => parameters,
): Result<Described> {
  const rows = imagesOf(model);
  if (!rows.ok) return rows;
  const order = new Map(images.map((row, index) => [row, index]));
  const sources: ImageSource[] = [];
  const unbaked: UnbakedSource[] = [];
  const wrong: Diagnostic[] = [];
  for (const row of rows.value) {
    const source = sourceOf(row, model, load, prepare);
    if (!source.ok) {
      wrong.push(...source.diagnostics);
      const image = startedByPlinth(row.recipe.name);
      if (image) unbaked.push({ recipe: row.recipe, row: image, parameters: row.node.parameters });
    } else if (source.value) sources.push(source.value);
  }
  // What else is wrong is told along with it, so that a model is put right in one go; what all nodes have from one line, once.
  if (wrong.length > 0) {
    const faults = through(faultsOf([...sources, ...unbaked]), model);
    const at = ({ place }: Diagnostic): string | undefined => place && placeText(place).at;
    const told = new Set(faults.map(at));
    const own = wrong.filter((one) => at(one) === undefined || !told.has(at(one)));
    return failure(onceEach([...own, ...faults]));
  }
  const place = ({ row }: ImageSource): number => order.get(row) ?? 0;
  const ordered = sources.toSorted((one, other) => place(one) - place(other));
  const described = describe(ordered, engine);
  if (!described.ok) return failure(through(described.diagnostics, model));
  const warnings = [...described.warnings, ...model.unreferred(referredTo, model.nodes)];
  return success({ deployment: described.value, sources: ordered }, warnings);
}
