import type { Deployment } from "../deployment/deployment.ts";

/** What a cloud is in one of the two releases. */
export type Side = {
  readonly deployment: Deployment;
  readonly images: readonly ImageSide[];
  /** Databases whose schema jobs of the deployment make. */
  readonly databases: readonly string[];
  /** Options that the model says and the release refuses: the description is made without them. */
  readonly leftOut: readonly LeftOut[];
};

export type LeftOut = {
  readonly image: string;
  /** As the model names it: `nova.conf`. */
  readonly file: string;
  readonly section: string;
  readonly option: string;
  readonly own: readonly Own[];
};

export type ImageSide = {
  /** `nova-controller` */
  readonly name: string;
  readonly component: string;
  /** What its packages come from, as a text: equal where the same are installed. */
  readonly foundation: string;
  /** What the deployed services and jobs of the image read. */
  readonly files: readonly FileSide[];
  readonly parameters: readonly { readonly name: string; readonly required: boolean; readonly secret: boolean }[];
  /** Path of a setting that the model itself gives to its place. */
  readonly given: ReadonlyMap<string, string>;
};

export type FileSide = {
  readonly path: string;
  /** Services that read it so, where not all do. */
  readonly services: readonly string[] | null;
  /** Whether oslo.config reads it, so that the component's list of options counts. */
  readonly listed: boolean;
  /** As the deployment's containers would have it, without secrets. */
  readonly text: string;
  readonly options: readonly WrittenOption[];
};

/** An option as it stands in a file. */
export type WrittenOption = {
  readonly section: string;
  readonly option: string;
  readonly value: string;
  /** What of the model it was made of: `_options:nova.conf:DEFAULT:debug`, or a setting's path. */
  readonly own: readonly Own[];
};

export type Own = { readonly path: string; readonly place: string };
