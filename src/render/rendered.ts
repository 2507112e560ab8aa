import type { Dialect } from "../openstack/component.ts";

/** A file as it shall be: whole text, owner by name, mode. */
export type RenderedFile = {
  /** Absolute, where the service reads it. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
};

/** A rendered file with what stands behind each of its options. Holds secrets in `text` only. */
export type TracedFile = {
  readonly path: string;
  readonly template: string;
  readonly text: string;
  /** The same lines, with ******** for every secret; in URLs only for the password. */
  readonly masked: string;
  readonly options: readonly TracedOption[];
  /** Paths of all settings that the file is made of: values, and what loops and conditions look at. */
  readonly reads: readonly string[];
  readonly dialect: Dialect;
  /** What of the template the model's own options took the place of. */
  readonly replaced: readonly Replaced[];
};

/** An option that the template wrote, and the model writes otherwise or takes out. */
export type Replaced = {
  /** The model's: `_options:nova.conf:DEFAULT:debug`. */
  readonly by: string;
  readonly section: string;
  readonly option: string;
  /** Masked, as the template had it. */
  readonly value: string;
  /** Paths of the settings that the template made it of. */
  readonly paths: readonly string[];
};

export type TracedOption = {
  readonly section: string;
  readonly option: string;
  /** 1-based. */
  readonly line: number;
  /** As it stands in the file, masked. */
  readonly value: string;
  /** Paths of the settings that it was made of; none for a value that the template fixes. */
  readonly paths: readonly string[];
  readonly secret: boolean;
  /** Where the model says it, if it does: `_options:nova.conf:DEFAULT:debug`. */
  readonly model?: string;
};
