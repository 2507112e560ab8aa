import { execFileSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Deployment, secretsDirectory } from "./deployment.ts";

/** A container of a dev stack, as the engine lists it. */
export type Listed = {
  readonly id: string;
  readonly service: string;
  readonly image: string;
  /** running, exited, restarting, created, paused, dead. */
  readonly state: string;
  /** The directory of the compose.yaml that it was started from. */
  readonly from: string;
};

const label = (name: string): string => `{{.Label "com.docker.compose.${name}"}}`;

/** @returns the rows that `docker ps` gives in such a format. */
const listed = (engine: string, words: readonly string[], columns: readonly string[]): readonly (readonly string[])[] =>
  execFileSync(engine, ["ps", "--all", "--no-trunc", ...words, "--format", columns.join("\t")], { encoding: "utf8" })
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.split("\t"));

/** @returns the containers of a deployment's services and jobs, whatever their state. */
export const containersOf = ({ engine, name }: Deployment): readonly Listed[] =>
  listed(
    engine,
    ["--filter", `label=com.docker.compose.project=${name}`],
    ["{{.ID}}", label("service"), "{{.Image}}", "{{.State}}", label("project.working_dir"), label("oneoff")],
  )
    .map(([id = "", service = "", image = "", state = "", from = "", once = ""]) => ({
      id,
      service,
      image,
      state,
      from,
      once,
    }))
    .filter(({ service, once }) => service !== "" && once !== "True");

/** Which ports of this machine are published, and by which container of which project of Compose. */
export type Publisher = { readonly port: number; readonly container: string; readonly project: string };

export const publishers = ({ engine }: Deployment): readonly Publisher[] =>
  listed(engine, ["--filter", "status=running"], ["{{.Names}}", label("project"), "{{.Ports}}"]).flatMap(
    ([container = "", project = "", ports = ""]) =>
      [...ports.matchAll(/:(\d+)(?:-(\d+))?->/g)].flatMap(([, first, last]) =>
        Array.from({ length: Number(last ?? first) - Number(first) + 1 }, (_, index) => ({
          port: Number(first) + index,
          container,
          project,
        })),
      ),
  );

const sameDirectory = (one: string, other: string): boolean =>
  one === other || (existsSync(one) && realpathSync(one) === realpathSync(other));

/** @returns that a stack of this name is another checkout's, where it is. */
export function elsewhere(deployment: Deployment, containers: readonly Listed[]): string | undefined {
  const other = containers.find(({ from }) => from !== "" && !sameDirectory(from, resolve(".")))?.from;
  if (other === undefined) return undefined;
  return `the stack ${deployment.name} is that of ${other}: go there, or give this one another name, STACK=${deployment.name}-2`;
}

/**
 * Why a deployment's services cannot be asked, in one line.
 *
 * @param service one that must run, too.
 * @returns undefined where nothing is in the way.
 */
export function absence(deployment: Deployment, service?: string): string | undefined {
  const containers = containersOf(deployment);
  if (containers.length === 0) {
    const others = listed(
      deployment.engine,
      ["--filter", "label=com.docker.compose.service=keystone-server"],
      [label("project")],
    ).map(([name]) => `STACK=${name}`);
    const hint = others.length > 0 ? ` (there is one of another name: ${others.join(", ")})` : "";
    return `no stack ${deployment.name} is here: make up starts one${hint}`;
  }
  const one = service === undefined ? undefined : containers.find((each) => each.service === service);
  if (service !== undefined && one?.state !== "running") {
    return `${service} of the stack ${deployment.name} does not run (${one?.state ?? "no container"}): make up starts it`;
  }
  if (service !== undefined && !existsSync(join(secretsDirectory(deployment), "admin"))) {
    return (
      elsewhere(deployment, containers) ?? `${secretsDirectory(deployment)}/admin is gone: make down, then make up`
    );
  }
  return undefined;
}
