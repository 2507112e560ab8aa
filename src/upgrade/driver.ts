import type { Result } from "../diagnostics/diagnostic.ts";
import type { Job } from "./plan.ts";

/** A container of the deployment as its engine has it. */
export type Seen = {
  /** As the deployment calls it: `nova-api-2`. */
  readonly name: string;
  /** The whole name of its image. */
  readonly image: string;
  /** running, exited, restarting, created, paused, dead. */
  readonly state: string;
};

/** Why a container cannot serve, in words, and how often the engine has started it again since it was made. */
export type Unready = { readonly reason: string; readonly restarts: number };

/** How a program ended, and the last lines that it wrote. */
export type Ran = { readonly status: number; readonly last: readonly string[] };

/** An upgrade's lock and record. Both are the engine's, so that each who drives it, from whatever machine, meets them. */
export type Held = {
  /** What was noted by those who held it before, a line each. */
  readonly record: string;
  /** Adds a line to the record. It is kept when this resolves. */
  readonly note: (line: string) => Promise<Result<undefined>>;
  /** Fires when the lock is lost: nothing more may be done. */
  readonly lost: AbortSignal;
  readonly release: () => Promise<void>;
};

/**
 * What an upgrade asks of the engine that runs a deployment. The order of things is not its business. Each call may be repeated, since
 * whoever was killed in the middle of one does it again; what is wrong is returned, with what the engine said.
 */
export type Driver = {
  /** @returns which of these images the engine has not got. */
  readonly absent: (images: readonly string[]) => Promise<Result<readonly string[]>>;
  /** @returns the containers of all services by their names, whatever state they are in. */
  readonly look: () => Promise<Result<ReadonlyMap<string, Seen>>>;
  /** Runs a job to its end, beside all that runs. */
  readonly runJob: (job: Job) => Promise<Result<Ran>>;
  /** Replaces these containers, and no others, by those of one of the two releases' deployments. Those that match already stay. */
  readonly replace: (names: readonly string[], of: Job["of"]) => Promise<Result<undefined>>;
  /** Ends these and starts them again as they are. */
  readonly restart: (names: readonly string[]) => Promise<Result<undefined>>;
  /** Ends these. They can be started again as they are. */
  readonly stop: (names: readonly string[]) => Promise<Result<undefined>>;
  /** Ends these, for ever. */
  readonly remove: (names: readonly string[]) => Promise<Result<undefined>>;
  /** @returns why a container cannot serve, as its own check says; undefined where it can. It may look for some seconds whether it comes to. */
  readonly unready: (name: string) => Promise<Unready | undefined>;
  /** Waits until who stands before several containers of a service knows which of them serve. */
  readonly noticed: () => Promise<void>;
  /** @returns the last lines that a container wrote. */
  readonly lastWords: (name: string) => Promise<readonly string[]>;
  /** Writes all databases into a file. @returns its size in bytes. */
  readonly backUp: (path: string) => Promise<Result<number>>;
  /** @returns the revisions that each database notes of its schema, by the database's name. */
  readonly schemas: () => Promise<Result<ReadonlyMap<string, readonly string[]>>>;
  /** @returns the revisions that an image's migrations come to, by the settings block of the database. */
  readonly schemasOf: (image: string) => Promise<Result<ReadonlyMap<string, readonly string[]>>>;
  /** Makes what runs no service by itself that of a release: what is run by the clock, who may connect to whom. */
  readonly settle: (of: Job["of"]) => Promise<Result<undefined>>;
  /** Takes the lock of this deployment's upgrades. @param by who we are. @param onWait is told once who holds it. */
  readonly hold: (by: string, onWait: (holder: string) => void) => Promise<Result<Held>>;
};
