import { releaseOfComponent } from "../src/openstack/releases.ts";
import { startedByPlinth } from "./catalog.ts";
import type { Mirrors } from "./mirror.ts";
import type { Recipe } from "./recipe.ts";

/** What is the same for all images of one run. */
export type BuildRun = {
  readonly mirrors: Mirrors;
  /** Commit of plinth's working tree, or undefined outside a repository. */
  readonly revision: string | undefined;
  /** Commit of the model's. */
  readonly modelRevision: string | undefined;
  /** Proxy variables that are set; docker takes their values from the environment and keeps them out of the image. */
  readonly proxies: readonly string[];
};

/** An image to be built, and the image that it stands on. */
export type Planned = { readonly recipe: Recipe; readonly on: string };

/** The release of an image's component, where the packages of its release hold a later one. */
export function laterRelease({ name, release }: Recipe): string | undefined {
  const component = startedByPlinth(name)?.component;
  if (component === undefined) return undefined;
  const really = releaseOfComponent(release, component);
  return really === release ? undefined : really;
}

/**
 * The image's labels. Revisions and the contract only where plinth is in the image: a base that changed with every
 * commit would build all that stands on it anew.
 */
function labels(
  run: BuildRun,
  { recipe, on }: Planned,
  contract: string | undefined,
): Readonly<Record<string, string | undefined>> {
  const account = startedByPlinth(recipe.name);
  return {
    "org.opencontainers.image.title": recipe.name,
    "org.opencontainers.image.description": recipe.title,
    "org.opencontainers.image.version": recipe.release,
    "org.opencontainers.image.base.name": on,
    "org.opencontainers.image.revision": account && run.revision,
    "io.plinth.model-revision": account && run.modelRevision,
    "io.plinth.component-release": laterRelease(recipe),
    "io.plinth.contract": contract,
  };
}

/** The words after `docker` that build one image from its context. */
export function buildWords(run: BuildRun, planned: Planned, context: string, contract?: string): readonly string[] {
  const { recipe, on } = planned;
  const account = startedByPlinth(recipe.name)?.account;
  const installs = recipe.packages.length > 0;
  const parameters: Readonly<Record<string, string | undefined>> = {
    BASE: on,
    PACKAGES: installs ? recipe.packages.join(" ") : undefined,
    DEBIAN_MIRROR: installs ? run.mirrors.debian : undefined,
    DEBIAN_SECURITY_MIRROR: installs ? run.mirrors.security : undefined,
    ACCOUNT: account && `${account.user}:${account.uid}:${account.group}:${account.gid}`,
  };
  const given = (flag: string, values: Readonly<Record<string, string | undefined>>): readonly string[] =>
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [flag, `${name}=${value}`]));
  return [
    "build",
    "--tag",
    recipe.image,
    ...given("--build-arg", parameters),
    ...run.proxies.flatMap((name) => ["--build-arg", name]),
    ...given("--label", labels(run, planned, contract)),
    context,
  ];
}
