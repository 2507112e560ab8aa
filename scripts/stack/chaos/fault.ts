import type { Deployment } from "../deployment.ts";
import type { Running } from "./from-outside.ts";

/** The cloud that faults are made in. */
export type Cloud = {
  readonly deployment: Deployment;
  /** Names of its services, jobs left out. */
  readonly services: readonly string[];
  /** A service's container as it is now. Rejects where there is none. */
  readonly container: (service: string) => Promise<Running>;
  /** All of its services' containers as they are now. */
  readonly containers: () => Promise<readonly Running[]>;
  /** Runs a command in a guest. @returns what it printed. */
  readonly inGuest: (guest: string, command: string) => Promise<string>;
  /** Runs a command in a guest until it is told to stop. @param line called at each line that it prints. @returns what stops it. */
  readonly watchGuest: (guest: string, command: string, line: () => void) => () => void;
};

/** What must hold. Whatever is not named here is measured, and nothing is asked of it. */
export type Bounds = {
  /** Seconds until all is as before; from the end of the fault where that lasts. */
  readonly healsWithin: number;
  /** Pings of both guests without a reply, two a second each. */
  readonly lostPings?: number;
  /** Seconds without a reply of a guest. */
  readonly guestsSilent?: number;
  /** Seconds in which an API failed, from the fault's begin. */
  readonly apiOutage?: number;
  /** The same from the end of a fault that lasts. */
  readonly apiOutageAfterEnd?: number;
  /** Seconds in which a guest gets no metadata. Only then are they asked for all the time. */
  readonly metadataAway?: number;
  /** Guests may be rebooted; left out, they must run on. */
  readonly reboots?: true;
};

/** One way to break the cloud. */
export type Fault = {
  /** What it is selected by: `crash:mysql-server`. */
  readonly name: string;
  /** What has to be so before it can be made, and is not measured. @returns what takes that back. */
  readonly prepare?: (cloud: Cloud) => Promise<() => Promise<void>>;
  readonly make: (cloud: Cloud) => Promise<unknown>;
  /** Seconds after which `end` is called; without these it is over once it is made. */
  readonly lasts?: number;
  readonly end?: (cloud: Cloud) => Promise<unknown>;
  /** What has to be told of it while it lasts: asked right before its end. @returns what is not, or undefined. */
  readonly told?: (cloud: Cloud) => Promise<string | undefined>;
  readonly holds: Bounds;
  /** What has to be true beside the cloud's working. @returns why it is not, or undefined. */
  readonly proof?: (cloud: Cloud, before: readonly Running[]) => Promise<string | undefined>;
};
