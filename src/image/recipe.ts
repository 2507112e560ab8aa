import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { ReferredTo } from "../model/unreferred.ts";
import type { Value } from "../model/value.ts";
import type { ImageRow } from "../openstack/component.ts";
import { imageName, images } from "../openstack/images.ts";
import { ports } from "../openstack/ports.ts";
import { inRange } from "../openstack/releases.ts";
import type { PillarNode } from "../pillar/pillar.ts";
import { placeOf } from "../pillar/place.ts";
import { isNull, standingAt, textOf as written } from "../pillar/value.ts";
import { imageMessage } from "./messages.ts";

/** An image as its node in the model says: what its `_image` holds, and the release. */
export type Recipe = {
  /** The node, by whose name the image is asked for. */
  readonly node: string;
  /** The last part of the image's name. */
  readonly name: string;
  /** The directory below images/ that has its Dockerfile: that of its name, unless several are built by one. */
  readonly directory: string;
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
  /** Where the release's components come from, and where they have to, for there to be this image; null: wherever. */
  readonly source: string | null;
  readonly onlyOfSource: string | null;
  /** The component whose lock (images/locks) says which Python packages are in it. */
  readonly lock: string | null;
  readonly packages: readonly string[];
  /** Packages whose files are wanted without what they depend on. */
  readonly filesOnly: readonly string[];
  /** Packages that build others, and stay out of the image. */
  readonly buildPackages: readonly string[];
  /** Packages of the database server that makes the image's first schema when it is built; none: its job makes it. */
  readonly schemaPackages: readonly string[];
};

/** Where the model has the release: the one parameter that plinth reads without a reference to it. */
const releaseKey = "release";
export const releasePath = `_param:${releaseKey}`;

/** What of a model is there to be referred to only: what an operator changes, and the ports, of which not every release has all. */
export const referredTo: ReferredTo = { _param: [releaseKey], _port: Object.keys(ports) };

/** The parts of an image's name, as Docker allows them. */
export const shapes = {
  registry: /^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?(:\d+)?(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/,
  deploy_name: /^[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/,
  name: /^[a-z0-9]+([._-][a-z0-9]+)*$/,
  tag: /^\w[\w.-]{0,127}$/,
  // Debian's, with a version or a suite where one is asked for.
  package: /^[a-z0-9][a-z0-9.+-]*(:[a-z0-9]+)?([=/][\w.+:~-]+)?$/,
  base: /^[\w.:/@-]+$/,
  word: /^[a-z0-9]+(-[a-z0-9]+)*$/,
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
  word: "small letters and digits with single - between them, such as pypi",
  any: "a text",
};

/** A number is taken as it was written: 2025.1 without quotes is one. */
const textOf = (value: Value): string | undefined =>
  value.kind === "scalar" && typeof value.value !== "boolean" ? written(value) : undefined;

const isMissing = (value: Value | undefined): value is undefined => value === undefined || isNull(value);

/**
 * Reads the image that a node stands for.
 *
 * @param parameters the node's, compiled.
 * @returns undefined for a node that is no image, which is one without `_image`.
 */
export function readRecipe(node: string, parameters: Value): Result<Recipe | undefined> {
  const image = standingAt(parameters, "_image");
  if (image === undefined) return success(undefined);
  const diagnostics: Diagnostic[] = [];
  const wrong = (path: string, shape: keyof typeof shapes, value: Value | undefined): void => {
    const message = { node, path, wants: examples[shape] };
    diagnostics.push(imageMessage("image-data-wrong", message, placeOf((value ?? image).at)));
  };
  const optional = (path: string, shape: keyof typeof shapes): string | null => {
    const value = standingAt(parameters, path);
    if (isMissing(value)) return null;
    const text = textOf(value);
    if (text !== undefined && shapes[shape].test(text)) return text;
    wrong(path, shape, value);
    return null;
  };
  const text = (path: string, shape: keyof typeof shapes): string => {
    const value = standingAt(parameters, path);
    if (isMissing(value)) wrong(path, shape, value);
    return optional(path, shape) ?? "";
  };
  const packages = (path: string): readonly string[] => {
    const value = standingAt(parameters, path);
    if (isMissing(value)) return [];
    const names = value.kind === "sequence" ? value.items.map(textOf) : [undefined];
    const known = names.flatMap((name) => (name !== undefined && shapes.package.test(name) ? [name] : []));
    if (known.length < names.length) wrong(path, "package", value);
    return known;
  };

  const name = text("_image:name", "name");
  const registry = optional("_image:registry", "registry");
  const deployName = text("_image:deploy_name", "deploy_name");
  const recipe: Recipe = {
    node,
    name,
    directory: optional("_image:directory", "name") ?? name,
    title: optional("_image:title", "any") ?? name,
    release: text(releasePath, "tag"),
    deployName,
    image: `${registry === null ? "" : `${registry}/`}${deployName}/${name}:${text("_image:tag", "tag")}`,
    registered: registry !== null,
    parent: optional("_image:parent", "any"),
    base: optional("_image:base", "base"),
    archive: optional("_image:archive", "archive"),
    source: optional("_release:source", "word"),
    onlyOfSource: optional("_image:source", "word"),
    lock: optional("_image:lock", "word"),
    packages: packages("_image:packages"),
    filesOnly: packages("_image:files_only"),
    buildPackages: packages("_image:build_packages"),
    schemaPackages: packages("_image:schema_packages"),
  };
  return diagnostics.length > 0 ? failure(diagnostics) : success(recipe);
}

/** @returns the component and role that plinth starts in an image of this name; undefined for bases and support images. */
export const startedByPlinth = (name: string): ImageRow | undefined =>
  images.find((image) => imageName(image) === name);

/** @returns whether a release has an image: liberty has no placement, and Debian's packages need no Python environment beside them. */
export function isOfItsRelease({ name, release, source, onlyOfSource }: Recipe): boolean {
  if (onlyOfSource !== null && onlyOfSource !== source) return false;
  const image = startedByPlinth(name);
  return image === undefined || inRange(image, release);
}

/** @returns whether a node stands for an image of some release, be it none of its own. */
export function isImage({ name, parameters }: PillarNode): boolean {
  const read = readRecipe(name, parameters);
  return read.ok && read.value !== undefined;
}

/** @returns the image of a node; undefined where it stands for none: no `_image` that can be read, or not of its release. */
export function imageOf({ name, parameters }: PillarNode): Recipe | undefined {
  const read = readRecipe(name, parameters);
  return read.ok && read.value && isOfItsRelease(read.value) ? read.value : undefined;
}
