import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { soundsSecret } from "../../diagnostics/source-line.ts";
import { openRevision } from "../../host/inventory/git-inventory.ts";
import { openDirectory } from "../../host/inventory/inventory.ts";
import { referredTo } from "../../image/recipe.ts";
import { type Model, type Overrides, openModel } from "../../model/model.ts";
import type { ModelSource } from "../../model/source.ts";
import { modelDirectory, modelOption } from "../model-directory.ts";
import { type Arguments, type Context, type Options, texts } from "../verb.ts";
import { modelVerbMessage } from "./messages.ts";

/** What every verb of a model takes. */
export const modelOptions = {
  ...modelOption,
  set: { type: "string", describe: "PATH=VALUE: a parameter that beats what the model says (again for more)" },
} as const satisfies Options;

export const jsonOption = {
  json: { type: "boolean", default: false, describe: "JSON, for programs" },
} as const satisfies Options;

export type OpenedModel = { readonly source: ModelSource; readonly model: Model };

function overridesOf(args: Arguments): Result<Overrides> {
  const overrides = new Map<string, string>();
  for (const given of texts(args, "set")) {
    const [, path, value] = /^([^=]+)=(.*)$/s.exec(given) ?? [];
    if (path === undefined || value === undefined) {
      return failure([modelVerbMessage("set-wrong", { given: soundsSecret(given) ? undefined : given })]);
    }
    overrides.set(path, value);
  }
  return success(overrides);
}

/**
 * Opens the model that the words name.
 *
 * @param revision of git; undefined for the directory as it is.
 * @param watch is told each file that is read.
 */
export function openNamed(
  args: Arguments,
  context: Context,
  { revision, watch }: { readonly revision?: string | undefined; readonly watch?: (path: string) => void } = {},
): Result<OpenedModel> {
  const overrides = overridesOf(args);
  if (!overrides.ok) return overrides;
  const directory = modelDirectory(args, context);
  const source = revision === undefined ? openDirectory(directory) : openRevision(directory, revision);
  if (!source.ok) return source;
  const read = (path: string): Result<string> => {
    watch?.(path);
    return source.value.read(path);
  };
  const model = openModel({ ...source.value, read }, { overrides: overrides.value });
  if (!model.ok) return model;
  const warnings = [...model.warnings, ...model.value.unreferred(referredTo)];
  return success({ source: source.value, model: model.value }, warnings);
}

/** The names of the model's nodes, for completion; none where there is no model. */
export function nodesOffered(args: Arguments, context: Context): readonly string[] {
  const opened = openNamed(args, context);
  return opened.ok ? opened.value.model.nodes : [];
}
