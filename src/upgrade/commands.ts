import type { Deployment } from "../deployment/deployment.ts";
import { type Both, isInfrastructure } from "./deployed.ts";
import type { Job, Phase, Rolled } from "./plan.ts";

/** Words that a person types. */
export type Typed = {
  /** What `plinth compose` is given beside the release, such as `--model cloud`; it begins with a space unless it is empty. */
  readonly model: string;
  /** The model's directory, where it was named. */
  readonly directory: string | undefined;
  /** The databases of the older release. */
  readonly databases: readonly string[];
};

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

const fileOf = ({ release }: Deployment): string => `compose-${release}.yaml`;

const compose = (side: Deployment, ...words: readonly string[]): string =>
  ["docker", "compose", "--file", fileOf(side), ...words].map(quoted).join(" ");

const jobText = (job: Job, { before, after }: Both): string =>
  compose(
    job.of === "from" ? before : after,
    ...["run", "--rm", "--no-deps", job.workload],
    ...(job.command.length > 0 ? [job.service, "--", ...job.command] : []),
  );

const start = (side: Deployment, name: string): string => compose(side, "up", "--detach", "--no-deps", "--wait", name);
const remove = (side: Deployment, names: readonly string[]): string =>
  compose(side, "rm", "--stop", "--force", ...names);

/** Of one service: its containers one at a time. */
function rollText({ change, containers }: Rolled, { before, after }: Both): readonly string[] {
  if (change === "goes") return [remove(before, containers.before)];
  if (change === "stopped") return [compose(before, "stop", ...containers.before)];
  if (change === "restarted") return containers.after.map((name) => compose(after, "restart", name));
  const gone = containers.before.filter((name) => !containers.after.includes(name));
  return [...containers.after.map((name) => start(after, name)), ...(gone.length > 0 ? [remove(before, gone)] : [])];
}

function backText({ change, containers }: Rolled, { before, after }: Both): readonly string[] {
  if (change === "appears") return [remove(after, containers.after)];
  if (change === "restarted") return [];
  const extra = containers.after.filter((name) => !containers.before.includes(name));
  return [...containers.before.map((name) => start(before, name)), ...(extra.length > 0 ? [remove(after, extra)] : [])];
}

const dumpOf = ({ release }: Deployment): string => `backup-${release}.sql`;

/** The server of OpenStack's databases: who waits for one waits for it. */
const databaseServer = ({ waits }: Deployment): string | undefined => waits.find(({ what }) => what === "mysql")?.to;

/** One snapshot of all databases. Reading it drops and creates each, so no table of a newer release stays. */
function dumpText(side: Deployment, { databases }: Typed): readonly string[] {
  const server = databaseServer(side);
  if (server === undefined || databases.length === 0) return [];
  const words = [
    "mariadb-dump",
    "--single-transaction",
    "--routines",
    "--events",
    "--add-drop-database",
    "--databases",
  ];
  return [`${compose(side, "exec", "-T", server, ...words, ...databases)} > ${dumpOf(side)}`];
}

/** @returns what a person types to go back when there is no other way: all services stop, the backup is read, the older ones start. */
export function restoreText({ before, after }: Both): readonly string[] {
  const server = databaseServer(before);
  if (server === undefined) return [];
  const namesOf = (side: Deployment): readonly string[] =>
    side.workloads
      .filter((one) => one.kind === "service" && !isInfrastructure(one))
      .flatMap(({ containers }) => containers.map(({ name }) => name));
  const [old, now] = [namesOf(before), namesOf(after)];
  return [
    remove(after, now),
    `${compose(before, "exec", "-T", server, "mariadb")} < ${dumpOf(before)}`,
    compose(before, "up", "--detach", "--no-deps", "--wait", ...old),
  ];
}

/** @returns what a person types to do a phase, and to undo it. */
export function commandsOf(
  phase: Pick<Phase, "what" | "jobs" | "services"> & {
    readonly back: { readonly possible: boolean; readonly jobs: readonly Job[] };
  },
  both: Both,
  typed: Typed,
): { readonly commands: readonly string[]; readonly back: readonly string[] } {
  const { before, after } = both;
  if (phase.what === "images") {
    const written = [before, after].map(
      (side) => `plinth compose${typed.model} --set _param:release=${side.release} --output ${fileOf(side)}`,
    );
    const directory = typed.directory === undefined ? "" : ` MODEL=${quoted(typed.directory)}`;
    return { commands: [`make images VERSION=${after.release}${directory}`, ...written], back: [] };
  }
  if (phase.what === "backup") return { commands: dumpText(before, typed), back: [] };
  const commands = [
    ...phase.jobs.map((job) => jobText(job, both)),
    ...phase.services.flatMap((service) => rollText(service, both)),
  ];
  const back = phase.back.possible
    ? [
        ...phase.back.jobs.map((job) => jobText(job, both)),
        ...phase.services.toReversed().flatMap((service) => backText(service, both)),
      ]
    : [];
  return { commands, back };
}
