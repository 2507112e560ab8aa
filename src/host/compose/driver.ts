import { setTimeout as sleep } from "node:timers/promises";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { Driver, Seen } from "../../upgrade/driver.ts";
import type { Job } from "../../upgrade/plan.ts";
import { dumpTo, readRevisions, revisionsIn, revisionsScript } from "../database/in-container.ts";
import { driverMessage } from "../driver-messages.ts";
import { lastLines } from "../process/captured.ts";
import { hold } from "./hold.ts";
import { ask, type ComposeFile, compose, engineProgram, type Project, runCompose, runEngine } from "./project.ts";

/** What drives a deployment's upgrade by Docker Compose. */
export type ByCompose = {
  readonly project: Project;
  /** The deployment's files of both releases. */
  readonly files: Readonly<Record<Job["of"], ComposeFile>>;
  /** The service that runs MariaDB; undefined where the database is somebody else's. */
  readonly database: string | undefined;
  /** Any image with a shell that is there: for the container that is the lock. */
  readonly shell: string;
  /** Milliseconds until somebody else's lock must be free. */
  readonly within: number;
};

/**
 * Milliseconds until HAProxy sends requests to a container that was replaced: it looks its name up once a second, and asks it every two
 * (config-templates/haproxy/haproxy.cfg).
 */
const untilNoticed = 3500;

/**
 * Seconds during which a container is asked from inside. Asking anew takes a client, the engine and a process in the container each time, 0.2 s of a
 * processor in all, which eight containers at once take from what is to come up.
 */
const askedFor = "10";

type Listed = Seen & { readonly id: string };

type Inspected = {
  readonly Id: string;
  readonly Config: { readonly Image: string; readonly Labels: Readonly<Record<string, string>> | null };
  readonly State: { readonly Status: string };
};

const label = (name: string): string => `com.docker.compose.${name}`;

/** @returns the project's containers by the names of their services; those of `docker compose run` are left out. */
async function list(project: Project): Promise<Result<ReadonlyMap<string, Listed>>> {
  const ids = await ask(project, ["ps", "--all", "--quiet", "--filter", `label=${label("project")}=${project.name}`]);
  if (!ids.ok) return ids;
  const all = ids.value.split("\n").filter((id) => id !== "");
  if (all.length === 0) return success(new Map());
  // One may be gone by now: then the others are told of all the same, and the status is 1.
  const ran = await runEngine(project, ["container", "inspect", ...all]);
  if (!ran.ok) return ran;
  const found = (JSON.parse(ran.value.stdout || "[]") as readonly Inspected[]).flatMap(
    ({ Id, Config, State }): readonly (readonly [string, Listed])[] => {
      const name = Config.Labels?.[label("service")];
      if (name === undefined || Config.Labels?.[label("oneoff")] === "True") return [];
      return [[name, { name, id: Id, image: Config.Image, state: State.Status }]];
    },
  );
  return success(new Map(found));
}

/** @returns the container of one service. Much less is asked of the engine than for all of them. */
async function find(project: Project, service: string): Promise<Result<string | undefined>> {
  const labels = [`project=${project.name}`, `service=${service}`, "oneoff=False"];
  const ids = await ask(project, [
    "ps",
    "--all",
    "--quiet",
    ...labels.flatMap((one) => ["--filter", `label=${label(one)}`]),
  ]);
  return ids.ok ? success(ids.value.split("\n").find((id) => id !== "")) : ids;
}

/** @returns the driver of a project of Compose. */
export function driveCompose({ project, files, database, shell, within }: ByCompose): Driver {
  /** The containers of these services, as the engine calls them. */
  const idsOf = async (names: readonly string[]): Promise<Result<readonly string[]>> => {
    const listed = await list(project);
    if (!listed.ok) return listed;
    return success(names.flatMap((name) => listed.value.get(name)?.id ?? []));
  };
  const onEach = async (words: readonly string[], names: readonly string[]): Promise<Result<undefined>> => {
    const ids = await idsOf(names);
    if (!ids.ok) return ids;
    if (ids.value.length === 0) return success(undefined);
    const done = await ask(project, [...words, ...ids.value]);
    return done.ok ? success(undefined) : done;
  };
  const databaseId = async (): Promise<Result<string>> => {
    const ids = await idsOf(database === undefined ? [] : [database]);
    if (!ids.ok) return ids;
    const [id] = ids.value;
    return id === undefined ? failure([driverMessage("database-elsewhere", {})]) : success(id);
  };
  return {
    async absent(images) {
      // Of those that are not there it complains, and ends with 1.
      const ran = await runEngine(project, ["image", "inspect", "--format", "{{json .RepoTags}}", ...images]);
      if (!ran.ok) return ran;
      const here = ran.value.stdout.split("\n").flatMap((line) => (line === "" ? [] : (JSON.parse(line) as string[])));
      return success(images.filter((image) => !here.includes(image)));
    },
    look: () => list(project),
    async runJob({ workload, service, command, of }: Job) {
      const words = command.length > 0 ? [service, "--", ...command] : [];
      const ran = await runCompose(project, files[of], ["run", "--rm", "--no-deps", "-T", workload, ...words]);
      if (!ran.ok) return ran;
      const { status, stdout, stderr } = ran.value;
      return success({ status: status ?? 1, last: lastLines(`${stderr}\n${stdout}`) });
    },
    replace: (names, of) =>
      compose(project, files[of], ["up", "--detach", "--no-build", "--pull", "never", "--no-deps", ...names]),
    restart: (names) => onEach(["restart"], names),
    stop: (names) => onEach(["stop"], names),
    async remove(names) {
      const stopped = await onEach(["stop"], names);
      return stopped.ok ? onEach(["rm"], names) : stopped;
    },
    async unready(name) {
      const found = await find(project, name);
      if (!found.ok) return { reason: found.diagnostics.map(({ what }) => what).join("; "), restarts: 0 };
      const id = found.value;
      if (id === undefined) return { reason: "it is not there", restarts: 0 };
      const question = ["healthcheck", "--ready", "--within", askedFor];
      const ran = await runEngine(project, ["exec", id, "/opt/plinth/bin/plinth", ...question]);
      if (ran.ok && ran.value.status === 0) return undefined;
      const { stdout = "", stderr = "" } = ran.ok ? ran.value : {};
      const said = lastLines(`${stderr}\n${stdout}`, 2).join("; ") || "its check does not answer";
      const state = await ask(project, ["container", "inspect", "--format", "{{.State.Status}} {{.RestartCount}}", id]);
      const [status = "", restarts = "0"] = state.ok ? state.value.trim().split(" ") : [];
      return { reason: status === "running" ? said : `it is ${status || "gone"}`, restarts: Number(restarts) };
    },
    noticed: () => sleep(untilNoticed),
    async lastWords(name) {
      const ids = await idsOf([name]);
      const [id] = ids.ok ? ids.value : [];
      if (id === undefined) return [];
      const ran = await runEngine(project, ["logs", "--tail", "12", id]);
      return ran.ok ? lastLines(`${ran.value.stdout}\n${ran.value.stderr}`) : [];
    },
    async backUp(path) {
      const id = await databaseId();
      if (!id.ok) return id;
      const program = engineProgram(project);
      if (!program.ok) return program;
      return dumpTo({ program: program.value, words: ["exec", id.value], environment: project.environment }, path);
    },
    async schemas() {
      if (database === undefined) return success(new Map());
      const id = await databaseId();
      return id.ok ? revisionsIn((words) => ask(project, ["exec", id.value, ...words])) : id;
    },
    async schemasOf(image) {
      const own = ["run", "--rm", "--network", "none", "--pull", "never", "--entrypoint", "/bin/sh", image];
      const asked = await ask(project, [...own, "-c", revisionsScript]);
      return asked.ok ? success(readRevisions(asked.value)) : asked;
    },
    // Its jobs are those of the file that is used.
    settle: async () => success(undefined),
    hold: (by, onWait) => hold(project, shell, { by, within, onWait }),
  };
}
