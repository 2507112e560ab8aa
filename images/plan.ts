import type { Recipe } from "../src/image/recipe.ts";
import { startedByPlinth } from "../src/image/recipe.ts";
import type { Account } from "../src/openstack/component.ts";
import { compiled } from "../src/openstack/python.ts";
import { inRange } from "../src/openstack/releases.ts";
import type { BuildContext } from "./context.ts";
import { buildCommand, type Engine } from "./engine.ts";
import type { PackageIndex, Secrets } from "./index.ts";
import type { Mirrors } from "./mirror.ts";

/** What is the same for all images of one run. */
export type BuildRun = {
  readonly engine: Engine;
  /** How many images are built at the same time. */
  readonly jobs: number;
  /** Whether images are built that have not changed, and no layer of before counts. */
  readonly noCache: boolean;
  /** Seconds before a build or push is tried again that failed for the network's sake. */
  readonly pause: number;
  readonly mirrors: Mirrors;
  /** Where Python packages come from. */
  readonly index: PackageIndex;
  /** The snapshot of Debian's archive that packages come from, such as 20261101T000000Z. */
  readonly snapshot: string | undefined;
  /** No file of a layer is newer than this: seconds since 1970 (https://reproducible-builds.org/specs/source-date-epoch). */
  readonly epoch: number | undefined;
  /** Commit of plinth's working tree, or undefined outside a repository, and when that was made. */
  readonly revision: string | undefined;
  readonly revisionTime: number | undefined;
  /** Commit of the model's. */
  readonly modelRevision: string | undefined;
  /** Proxy variables that are set; the engine takes their values from the environment and keeps them out of the image. */
  readonly proxies: readonly string[];
};

/** An image to be built, and the image that it stands on; null where the model names none for its release. */
export type Planned = { readonly recipe: Recipe; readonly on: string | null };

type Named = Readonly<Record<string, string>>;

/** @returns the services and jobs that plinth starts in an image, as its release has them. */
export function servicesOf({ name, release }: Recipe): Readonly<Record<"service" | "job", readonly string[]>> {
  const image = startedByPlinth(name);
  const there = Object.entries(image?.services ?? {}).filter(
    ([, row]) => inRange(row, release) && row.run.some((run) => inRange(run, release)),
  );
  const ofKind = (kind: "service" | "job"): readonly string[] =>
    there.filter(([, row]) => row.kind === kind).map(([service]) => service);
  return { service: ofKind("service"), job: ofKind("job") };
}

/** As create-account takes it. */
const accountText = ({ user, uid, group, gid }: Account): string => `${user}:${uid}:${group}:${gid}`;

/** The same for all environments, so that they share one builder. */
const headers = compiled.flatMap((row) => row.headers);

const given = (values: Readonly<Record<string, string | undefined>>): Named =>
  Object.fromEntries(Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined));

/**
 * The build arguments that say what is in the image. The snapshot goes to the image that the others stand on, and stays
 * in it: what an image installs always fits what is below it.
 */
export function contentArguments(run: BuildRun, { recipe, on, ports }: Planned & Pick<BuildContext, "ports">): Named {
  const { account, accounts = {} } = startedByPlinth(recipe.name) ?? {};
  const named = Object.entries(accounts).map(([name, one]) => [`${name.toUpperCase()}_ACCOUNT`, accountText(one)]);
  return given({
    BASE: on ?? undefined,
    ARCHIVE: recipe.archive ?? undefined,
    PACKAGES: recipe.packages.length > 0 ? recipe.packages.join(" ") : undefined,
    FILES_ONLY: recipe.filesOnly.length > 0 ? recipe.filesOnly.join(" ") : undefined,
    BUILD_PACKAGES: recipe.lock === null ? undefined : [...recipe.buildPackages, ...headers].join(" "),
    SCHEMA_PACKAGES: recipe.schemaPackages.length > 0 ? recipe.schemaPackages.join(" ") : undefined,
    // root is there already.
    ACCOUNT: account?.uid ? accountText(account) : undefined,
    ...Object.fromEntries(named),
    PORTS: ports.length > 0 ? ports.join(" ") : undefined,
    SNAPSHOT: recipe.parent === null ? run.snapshot : undefined,
    SOURCE_DATE_EPOCH: run.epoch?.toString(),
  });
}

/** The build arguments that say by which way packages come. */
const mirrorArguments = (run: BuildRun, { recipe }: Planned): Named =>
  [recipe.packages, recipe.filesOnly, recipe.buildPackages].every((names) => names.length === 0) &&
  recipe.archive === null
    ? {}
    : given({ DEBIAN_MIRROR: run.mirrors.debian, DEBIAN_SECURITY_MIRROR: run.mirrors.security });

/** The labels that say what is in the image. */
export const contentLabels = ({ recipe, on }: Planned, contract: string | undefined): Named =>
  given({
    "org.opencontainers.image.title": recipe.name,
    "org.opencontainers.image.description": recipe.title,
    "org.opencontainers.image.version": recipe.release,
    "org.opencontainers.image.base.name": on ?? undefined,
    "io.plinth.contract": contract,
  });

/** `2026-11-24T03:48:42Z`, as OCI's annotations and SPDX want it. */
export const timestamp = (seconds: number): string => new Date(seconds * 1000).toISOString().replace(".000Z", "Z");

/**
 * The labels that say from which commits an image was built. Only where plinth is in it: on a base they would tell one
 * commit from the next, though nothing in the base did.
 */
function originLabels(run: BuildRun, { recipe }: Planned): Named {
  const started = startedByPlinth(recipe.name) !== undefined;
  const created = run.epoch ?? (started ? run.revisionTime : undefined);
  return given({
    "org.opencontainers.image.created": created === undefined ? undefined : timestamp(created),
    "org.opencontainers.image.revision": started ? run.revision : undefined,
    "io.plinth.model-revision": started ? run.modelRevision : undefined,
  });
}

/** An image with what `io.plinth.inputs` says of it: see fingerprint.ts. */
export type Prepared = Planned &
  BuildContext & {
    readonly inputs: string;
  };

/** The words after the engine's name that build one image from its context. */
export function buildWords(run: BuildRun, image: Prepared, secrets: Secrets = {}): readonly string[] {
  const pairs = (flag: string, values: Named): readonly string[] =>
    Object.entries(values).flatMap(([name, value]) => [flag, `${name}=${value}`]);
  return [
    ...buildCommand(run.engine),
    ...(run.noCache ? ["--no-cache"] : []),
    "--tag",
    image.recipe.image,
    ...pairs("--build-arg", contentArguments(run, image)),
    ...pairs("--build-arg", mirrorArguments(run, image)),
    ...Object.entries(secrets).flatMap(([id, path]) => ["--secret", `id=${id},src=${path}`]),
    ...run.proxies.flatMap((name) => ["--build-arg", name]),
    ...pairs("--label", contentLabels(image, image.contract)),
    ...pairs("--label", originLabels(run, image)),
    ...pairs("--label", { "io.plinth.inputs": image.inputs }),
    image.directory,
  ];
}
