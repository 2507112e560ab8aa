import type { Result } from "../diagnostics/diagnostic.ts";

/** Where the files of an inventory come from: a directory, a git revision, memory. Paths are below its base, with `/`. */
export type ModelSource = {
  /** The base as the user named it: what messages put before a path. */
  readonly base: string;
  /** @returns the absolute address of a file, for `__reclass__.uri`. */
  readonly uri: (path: string) => string;
  /** @returns the text of reclass-config.yml, or undefined where there is none. */
  readonly config: () => Result<string | undefined>;
  /** @returns every .yml and .yaml file below a directory, its path from that directory; hidden directories, CVS and SCCS left out. */
  readonly list: (directory: string) => Result<readonly string[]>;
  /** Reads a file by its path from the base. Called once a file, when it is first wanted. */
  readonly read: (path: string) => Result<string>;
};
