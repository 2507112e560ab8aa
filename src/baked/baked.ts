import type { Account, Dialect, HealthRow, NeedRow, SchemaRow } from "../openstack/component.ts";
import type { Feature } from "../openstack/features.ts";
import type { Placeholder } from "../pillar/placeholder.ts";
import type { Json } from "../schema/json.ts";
import type { Wanted } from "../schema/wanted.ts";
import type { Places } from "../settings/places.ts";

export type { Placeholder } from "../pillar/placeholder.ts";
export type { Wanted } from "../schema/wanted.ts";

/** The file that an image carries when nothing else is said. */
export const bakedPath = "/etc/plinth/image.json";

export const bakedFormat = 6;

export type BakedFile = {
  /** Key into `templates`, and the path below config-templates/. */
  readonly template: string;
  /** Where the service reads it, absolute. */
  readonly path: string;
  readonly dialect: Dialect;
  /** The model's own options in it: an index into the image's `options`. */
  readonly options?: number;
  /** Left out: 0640. */
  readonly mode?: number;
};

/** A value that was known when the image was baked, or the path of a setting. */
export type BakedValue =
  | { readonly is: Json }
  | { readonly at: string /** The literal text before its first parameter. */; readonly begins?: string };

/** An option of a file as the model says it: it takes the place of what the template writes. */
export type BakedOption = {
  readonly name: string;
  /** In the node: `_options:nova.conf:DEFAULT:debug`. */
  readonly path: string;
  /** Its lines, ready; none: it is taken out. Left out where a setting stands in it. */
  readonly text?: readonly string[];
  /** The words of each of its lines. */
  readonly lines?: readonly (readonly BakedValue[])[];
  /** The words of a line are the items of a list, which is one value. */
  readonly list?: true;
  /** The list has brackets around it. */
  readonly bounds?: true;
  /** Of a setting that is a list each item is a line. */
  readonly repeats?: true;
};

/** What the model says of one file. `section` is empty where the file has none. */
export type BakedOptions = readonly { readonly section: string; readonly options: readonly BakedOption[] }[];

/** The text of a file that the model gives: as it stands, and settings between. */
export type BakedContent = readonly (string | { readonly at: string })[];

/** A directory on a volume: `path` below `volume`, which is absolute. Upper ones come first. */
export type BakedDirectory = {
  readonly volume: string;
  readonly path: string;
  readonly mode: number;
  /** Left out: whoever the service runs as, who has to be able to write to it. */
  readonly owner?: { readonly uid: number; readonly gid: number };
};

export type BakedService = {
  readonly kind: "service" | "job";
  readonly doc: string;
  /** `{settings.path}` in a word is replaced at start. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly files: readonly BakedFile[];
  /** Paths of placeholders that this service needs and not every other does (see `withRequiredPaths`). */
  readonly requiredPaths: readonly string[];
  readonly needs: readonly NeedRow[];
  /** Settings block of the database whose lock is held while the job runs. */
  readonly lock?: string;
  readonly schemas?: readonly SchemaRow[];
  /** Absolute paths. */
  readonly privateFiles?: readonly string[];
  /** Left out: none. */
  readonly directories?: readonly BakedDirectory[];
  /** Settings of the kernel in the service's network namespace, by sysctl(8)'s names. */
  readonly sysctls?: Readonly<Record<string, number>>;
  readonly changesKernel?: true;
  readonly keepsRoot?: true;
  readonly makesNamespaces?: string;
  /** Paths of settings that it reads, and takes as IP addresses only. */
  readonly addresses?: readonly string[];
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
  /** Paths of placeholders that not every service needs (see `withRequiredPaths`). */
  readonly serviceSpecificPaths: readonly string[];
  /** Paths of secrets, dynamic or not. */
  readonly secrets: readonly string[];
  /** Names of the dynamic parameters that fill a secret. */
  readonly secretNames: readonly string[];
  /** The pillar's own values for dynamic parameters (its `parameters` block): the weakest layer. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What the pillar's `wait` says: seconds in all, and URLs to wait for beside each service's needs, `$NAME` as it is. */
  readonly wait: { readonly timeout: number; readonly for: readonly string[] };
  readonly services: Readonly<Record<string, BakedService>>;
  /** Precompiled templates: name to JavaScript source of an object with a `root` function. */
  readonly templates: Readonly<Record<string, string>>;
  /** V8's code cache of the templates, base64: compiling them is most of what rendering costs a start. */
  readonly templateCache?: string;
  /** What the model says of files, for their `options`. */
  readonly options?: readonly BakedOptions[];
  /** Files that the model gives whole, in place of a template: by the file's `template`. */
  readonly contents?: Readonly<Record<string, BakedContent>>;
};

/** A dynamic parameter of an image: what it wants from where it runs. */
export type Parameter = {
  readonly name: string;
  readonly kind: Wanted["kind"];
  readonly secret: boolean;
  /** The pillar's own value; undefined when one must be given. Never there for a secret. */
  readonly default?: string;
  readonly required: boolean;
  /** The services and jobs that need it; left out when all do. Empty: nothing uses it, and it is not required. */
  readonly neededBy?: readonly string[];
  /** Pillar paths, each with its place in the model. */
  readonly usedAt: readonly { readonly path: string; readonly place: string }[];
  /** Options in rendered files. */
  readonly options: readonly { readonly file: string; readonly section: string; readonly option: string }[];
};

/** What only errors, `explain` and `check` need: the second line of the baked file, parsed when asked for. */
export type BakedDetails = Required<Places> & {
  /** Templates as they were written. */
  readonly sources: Readonly<Record<string, string>>;
  readonly contract: readonly Parameter[];
  /** Options, as `[section] name`, that a service takes over when it gets a SIGHUP (oslo.config's `mutable`). */
  readonly mutable: readonly string[];
};
