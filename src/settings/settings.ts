import { type Json, valueAt } from "../schema/json.ts";

/** Where a value came from. `place` is what a person can look up: `model/classes/nova/controller.yml:14:5`, a variable's name, an etcd key. */
export type Origin =
  | { readonly from: "default"; readonly place: string }
  | { readonly from: "pillar"; readonly place: string }
  | { readonly from: "etcd"; readonly place: string }
  | { readonly from: "environment"; readonly place: string }
  | { readonly from: "file"; readonly place: string };

/** A dynamic parameter as it was filled, with what the value that counts displaced, strongest first. */
export type Filled = { readonly name: string; readonly origin: Origin; readonly overrode: readonly Origin[] };

/** The pillar with every dynamic parameter resolved and typed: all that rendering, waiting and handing over know. */
export type Settings = {
  /** From the role's root: `values.database.host`. Optional keys that were left out are null. */
  readonly values: { readonly [key: string]: Json };
  /** Paths (`database.password`, `cache.members.0.host`) whose value must never be shown. */
  readonly secrets: ReadonlySet<string>;
  /** For each path that holds dynamic parameters, which they were and where each came from, in order of appearance. */
  readonly filled: ReadonlyMap<string, readonly Filled[]>;
  /** Names of dynamic parameters that fill a secret: they are taken out of the service's environment. */
  readonly secretNames: ReadonlySet<string>;
  /** Paths that nobody filled, and that nothing was known to need: they are null. */
  readonly left?: readonly string[];
  /** The text of each dynamic parameter, for what fills in names itself: URLs to wait for. Holds secrets. */
  readonly parameters: ReadonlyMap<string, string>;
};

/** What stands where a secret would. */
export const mask = "********";

/** @returns the text of every secret that has one. */
export const secretValues = ({ secrets, values }: Pick<Settings, "secrets" | "values">): readonly string[] =>
  [...secrets]
    .map((path) => valueAt(values, path))
    .filter((value) => typeof value !== "object" && value !== undefined && value !== "")
    .map(String);
