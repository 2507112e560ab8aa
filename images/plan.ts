import { type ReleaseRow, releaseOfComponent } from "../src/openstack/releases.ts";
import { type Recipe, startedByPlinth } from "./catalog.ts";
import type { Mirrors } from "./mirror.ts";

/** What is the same for all images of one run. */
export type BuildRun = {
  readonly release: ReleaseRow & { readonly suite: string };
  readonly deployName: string;
  readonly mirrors: Mirrors;
  /** Commit of the working tree, or undefined outside a repository. */
  readonly revision: string | undefined;
  /** Proxy variables that are set; docker takes their values from the environment and keeps them out of the image. */
  readonly proxies: readonly string[];
};

export const imageTag = (run: Pick<BuildRun, "deployName" | "release">, name: string): string =>
  `${run.deployName}/${name}:${run.release.name}`;

/** The release of an image's component, where the suite has a later one than the image's release. */
export function laterRelease(run: BuildRun, recipe: Recipe): string | undefined {
  const component = startedByPlinth(recipe.name)?.component;
  if (component === undefined) return undefined;
  const really = releaseOfComponent(run.release.name, component);
  return really === run.release.name ? undefined : really;
}

/**
 * The image's labels. `revision` and the contract only where plinth is in the image: a base that changed with every
 * commit would build all that stands on it anew.
 */
function labels(run: BuildRun, recipe: Recipe, contract: string | undefined): Readonly<Record<string, string>> {
  const account = startedByPlinth(recipe.name);
  const later = laterRelease(run, recipe);
  return {
    "org.opencontainers.image.title": recipe.name,
    "org.opencontainers.image.description": recipe.title,
    "org.opencontainers.image.version": run.release.name,
    "org.opencontainers.image.base.name": recipe.from ? imageTag(run, recipe.from) : `debian:${run.release.suite}`,
    ...(account && run.revision ? { "org.opencontainers.image.revision": run.revision } : {}),
    ...(later ? { "io.plinth.component-release": later } : {}),
    ...(contract ? { "io.plinth.contract": contract } : {}),
  };
}

/** The words after `docker` that build one image from its context. */
export function buildWords(run: BuildRun, recipe: Recipe, context: string, contract?: string): readonly string[] {
  const account = startedByPlinth(recipe.name)?.account;
  const parameters: Readonly<Record<string, string | undefined>> = {
    ...(recipe.from === null ? { DEBIAN: `debian:${run.release.suite}` } : { BASE: imageTag(run, recipe.from) }),
    ...(recipe.from === null
      ? {}
      : { DEBIAN_MIRROR: run.mirrors.debian, DEBIAN_SECURITY_MIRROR: run.mirrors.security }),
    ...(account ? { ACCOUNT: `${account.user}:${account.uid}:${account.group}:${account.gid}` } : {}),
  };
  const set = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return [
    "build",
    "--tag",
    imageTag(run, recipe.name),
    ...set.flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    ...run.proxies.flatMap((name) => ["--build-arg", name]),
    ...Object.entries(labels(run, recipe, contract)).flatMap(([name, value]) => ["--label", `${name}=${value}`]),
    context,
  ];
}
