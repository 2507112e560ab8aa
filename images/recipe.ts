import { type Diagnostic, failure, type Result, success } from "../src/diagnostics/diagnostic.ts";
import { placeOf } from "../src/model/place.ts";
import { Float } from "../src/model/scalar.ts";
import type { Value } from "../src/model/value.ts";
import { buildMessage } from "./messages.ts";

/** An image as its node in the model says: what its `_image` holds, and the release. */
export type Recipe = {
  /** The node, by whose name the image is asked for. */
  readonly node: string;
  /** The folder below images/, and the last part of the image's name. */
  readonly name: string;
  /** What it is, in a line: its OCI description. */
  readonly title: string;
  readonly release: string;
  readonly deployName: string;
  /** `[registry/]deploy_name/name:tag` */
  readonly image: string;
  /** Whether the model names a registry, so that the image can be pushed. */
  readonly registered: boolean;
  /** The node of the image that it stands on, or null for the first. */
  readonly parent: string | null;
  /** The image of somebody else that a first one stands on; null where the model knows none for the release. */
  readonly base: string | null;
  /** The archive that its packages come from beside the base's own, as add-apt-repository calls it. */
  readonly archive: string | null;
  readonly packages: readonly string[];
};

/** The parts of an image's name, as Docker allows them. */
export const shapes = {
  registry: /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:\d+)?(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/,
  deploy_name: /^[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/,
  name: /^[a-z0-9]+([._-][a-z0-9]+)*$/,
  tag: /^\w[\w.-]{0,127}$/,
  // Debian's, with a version or a suite where one is asked for.
  package: /^[a-z0-9][a-z0-9.+-]*(:[a-z0-9]+)?([=/][\w.+:~-]+)?$/,
  base: /^[\w.:/@-]+$/,
  archive: /^[a-z-]+:[\w.+~/-]+$/,
  any: /./,
} as const;

const examples: Readonly<Record<keyof typeof shapes, string>> = {
  registry: "a registry, such as registry.example.com:5000",
  deploy_name: "small letters and digits with single . _ - / between them, such as tcpcloud",
  name: "small letters and digits with single . _ - between them, such as nova-controller",
  tag: "letters, digits and . _ -, such as 2025.1",
  package: "the names of Debian packages",
  base: "an image, such as debian:trixie",
  archive: "an archive as add-apt-repository calls it, such as cloud-archive:liberty",
  any: "a text",
};

/** @returns what stands at a path (`_image:tag`), or undefined. */
function valueAt(value: Value, path: string): Value | undefined {
  let here: Value | undefined = value;
  for (const key of path.split(":")) here = here?.kind === "mapping" ? here.entries.get(key)?.value : undefined;
  return here;
}

/** A number is taken as it was written: 2025.1 without quotes is one. */
function textOf(value: Value): string | undefined {
  if (value.kind !== "scalar") return undefined;
  if (value.value instanceof Float) return value.value.written;
  if (typeof value.value === "number" || typeof value.value === "bigint") return String(value.value);
  return typeof value.value === "string" ? value.value : undefined;
}

const isNull = (value: Value | undefined): boolean =>
  value === undefined || (value.kind === "scalar" && value.value === null);

/**
 * Reads the image that a node stands for.
 *
 * @param parameters the node's, compiled.
 * @returns undefined for a node that is no image, which is one without `_image`.
 */
export function readRecipe(node: string, parameters: Value): Result<Recipe | undefined> {
  const image = valueAt(parameters, "_image");
  if (image === undefined) return success(undefined);
  const diagnostics: Diagnostic[] = [];
  const wrong = (path: string, shape: keyof typeof shapes, value: Value | undefined): void => {
    const message = { node, path, wants: examples[shape] };
    diagnostics.push(buildMessage("image-data-wrong", message, placeOf((value ?? image).at)));
  };
  const optional = (path: string, shape: keyof typeof shapes): string | null => {
    const value = valueAt(parameters, path);
    if (value === undefined || isNull(value)) return null;
    const text = textOf(value);
    if (text !== undefined && shapes[shape].test(text)) return text;
    wrong(path, shape, value);
    return null;
  };
  const text = (path: string, shape: keyof typeof shapes): string => {
    const value = valueAt(parameters, path);
    if (isNull(value)) wrong(path, shape, value);
    return optional(path, shape) ?? "";
  };
  const packages = (): readonly string[] => {
    const value = valueAt(parameters, "_image:packages");
    if (value === undefined || isNull(value)) return [];
    const names = value.kind === "sequence" ? value.items.map(textOf) : [undefined];
    const known = names.flatMap((name) => (name !== undefined && shapes.package.test(name) ? [name] : []));
    if (known.length < names.length) wrong("_image:packages", "package", value);
    return known;
  };

  const name = text("_image:name", "name");
  const registry = optional("_image:registry", "registry");
  const deployName = text("_image:deploy_name", "deploy_name");
  const recipe: Recipe = {
    node,
    name,
    title: optional("_image:title", "any") ?? name,
    release: text("_param:release", "tag"),
    deployName,
    image: `${registry === null ? "" : `${registry}/`}${deployName}/${name}:${text("_image:tag", "tag")}`,
    registered: registry !== null,
    parent: optional("_image:parent", "any"),
    base: optional("_image:base", "base"),
    archive: optional("_image:archive", "archive"),
    packages: packages(),
  };
  return diagnostics.length > 0 ? failure(diagnostics) : success(recipe);
}
