import type { Account, Dialect, HealthRow, NeedRow } from "../openstack/component.ts";
import type { Feature } from "../openstack/features.ts";
import type { Json } from "../settings/settings.ts";

/** The file that an image carries when nothing else is said. */
export const bakedPath = "/etc/plinth/image.json";

export const bakedFormat = 1;

/** The kind of a value that a dynamic parameter may fill, with its limits: what a text from outside is held against. */
export type Wanted = {
  readonly kind: "string" | "integer" | "port" | "number" | "boolean" | "list";
  readonly secret?: boolean;
  readonly empty?: boolean;
  readonly choices?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
};

/** A place in the pillar that holds dynamic parameters: literal text and names, in order. */
export type Placeholder = {
  /** From the role's root: `database.host`. */
  readonly path: string;
  readonly parts: readonly (string | { readonly name: string })[];
  readonly wanted: Wanted;
};

export type BakedFile = {
  /** Key into `templates`, and the path below config-templates/. */
  readonly template: string;
  /** Where the service reads it, absolute. */
  readonly path: string;
  readonly dialect: Dialect;
};

export type BakedService = {
  readonly kind: "service" | "job";
  readonly doc: string;
  /** `{settings.path}` in a word is replaced at start. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly files: readonly BakedFile[];
  readonly needs: readonly NeedRow[];
  readonly health?: HealthRow;
  readonly ports: Readonly<Record<string, string>>;
};

/** All that a start reads: made by `plinth bake` when the image is built. Holds no secret and no address of a place. */
export type BakedImage = {
  readonly format: typeof bakedFormat;
  /** Version of the plinth that baked it. */
  readonly plinth: string;
  readonly image: {
    readonly name: string;
    readonly component: string;
    readonly role: string;
    readonly release: string;
  };
  readonly account: Account;
  readonly has: Readonly<Record<Feature, boolean>>;
  /** The role's pillar with defaults filled in; dynamic parameters still as text. */
  readonly pillar: { readonly [key: string]: Json };
  readonly placeholders: readonly Placeholder[];
  /** Paths of secrets, dynamic or not. */
  readonly secrets: readonly string[];
  /** The pillar's own values for dynamic parameters (its `parameters` block): the weakest layer. */
  readonly parameters: Readonly<Record<string, Json>>;
  readonly services: Readonly<Record<string, BakedService>>;
  /** Precompiled templates: name to JavaScript source of an object with a `root` function. */
  readonly templates: Readonly<Record<string, string>>;
};

/** A dynamic parameter of an image: what it wants from where it runs. */
export type Parameter = {
  readonly name: string;
  readonly kind: Wanted["kind"];
  readonly secret: boolean;
  /** The pillar's own value; undefined when one must be given. Never there for a secret. */
  readonly default?: Json;
  readonly required: boolean;
  /** Pillar paths, each with its place in the document. */
  readonly usedAt: readonly { readonly path: string; readonly place: string }[];
  /** Options in rendered files. */
  readonly options: readonly { readonly file: string; readonly section: string; readonly option: string }[];
};

/** What only errors, `explain` and `check` need: the second line of the baked file, parsed when asked for. */
export type BakedDetails = {
  readonly pillarFile: string;
  /** Path from the role's root to [line, column], 1-based; paths not here were filled by a default. */
  readonly positions: Readonly<Record<string, readonly [number, number]>>;
  /** Templates as they were written. */
  readonly sources: Readonly<Record<string, string>>;
  readonly contract: readonly Parameter[];
};
