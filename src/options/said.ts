import type { At } from "../model/value.ts";
import type { Dialect } from "../openstack/component.ts";
import type { Placeholder } from "../pillar/placeholder.ts";
import type { Json } from "../schema/json.ts";

/** A value that is known when the image is baked, or a place that dynamic parameters fill at start. */
export type Leaf = { readonly is: Json } | { readonly at: Placeholder };

/**
 * The lines of an option. Each line holds one value, words (of HAProxy), or the items of a list that is one value. `repeats`: where one
 * parameter gives a list, each of its items is a line.
 */
export type Lines = {
  readonly lines: readonly (readonly Leaf[])[];
  readonly list?: true;
  /** The list has brackets around it. */
  readonly bounds?: true;
  readonly repeats?: true;
};

/** The file of an image in which options are set. */
export type OptionFile = { readonly path: string; readonly dialect: Dialect };

/** What the model says of one option. */
export type SaidOption = {
  readonly file: OptionFile;
  /** Left out: of every service that reads the file. */
  readonly service?: string;
  /** Empty where the file has no sections. */
  readonly section: string;
  readonly option: string;
  /** In the node, as `plinth model explain` takes it: `_options:nova.conf:DEFAULT:debug`. */
  readonly path: string;
  readonly at: At;
  /** Not one line: the option is taken out. */
  readonly value: Lines;
  readonly secret: boolean;
  /** Of a section that the list does not have, and that counts as a back end's if the file has it. */
  readonly ofBackEnd?: true;
};

/** A value of a file's content. */
export type Tree =
  | Leaf
  /** A number as it was written: 2.0 is none that JSON and YAML take for 2. */
  | { readonly written: string }
  | { readonly items: readonly Tree[] }
  | { readonly members: readonly (readonly [key: string, value: Tree])[] };

/** A whole file that the model gives. */
export type SaidFile = {
  readonly file: OptionFile;
  /** Left out: of every service of the image. */
  readonly services?: readonly string[];
  readonly mode: number;
  readonly at: At;
  /** `_files:PATH` */
  readonly path: string;
  readonly content:
    | { readonly text: readonly (string | Placeholder)[] }
    | { readonly tree: Tree }
    | { readonly options: readonly SaidOption[] };
};

export type Said = { readonly options: readonly SaidOption[]; readonly files: readonly SaidFile[] };
