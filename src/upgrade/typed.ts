import type { Deployment } from "../deployment/deployment.ts";
import type { Engine } from "../deployment/engine.ts";
import type { Both } from "./deployed.ts";
import type { Job, Rolled } from "./plan.ts";

/** Words that a person types. */
export type Typed = {
  readonly engine: Engine["name"];
  /** What verbs are given beside the release, such as `--model cloud`; it begins with a space unless it is empty. */
  readonly model: string;
  /** The model's directory, where it was named. */
  readonly directory: string | undefined;
  /** The databases of the older release. */
  readonly databases: readonly string[];
};

/** What a person types for each part of a phase, in one engine's words: a line each. */
export type Words = {
  /** For whom the commands are, and where. */
  readonly where: string;
  /** What must not be done while services are of both releases. */
  readonly never: string;
  /** Writes what the engine is given of both releases. */
  readonly write: (both: Both, typed: Typed) => readonly string[];
  /** Runs a command in the container of a database server. */
  readonly inDatabase: (side: Deployment, server: string, words: readonly string[]) => string;
  /** Runs a job to its end. */
  readonly job: (job: Job, both: Both) => readonly string[];
  readonly roll: (rolled: Rolled, both: Both) => readonly string[];
  readonly back: (rolled: Rolled, both: Both) => readonly string[];
  /** Ends all of OpenStack's services of a release, or starts them. */
  readonly end: (side: Deployment) => readonly string[];
  readonly start: (side: Deployment) => readonly string[];
};

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

export const line = (...words: readonly string[]): string => words.map(quoted).join(" ");
