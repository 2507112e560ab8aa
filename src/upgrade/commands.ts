import type { Deployment } from "../deployment/deployment.ts";
import type { Engine } from "../deployment/engine.ts";
import { composeWords } from "./compose-commands.ts";
import type { Both } from "./deployed.ts";
import { kubernetesWords } from "./kubernetes-commands.ts";
import type { Job, Phase } from "./plan.ts";
import { quoted, type Typed, type Words } from "./typed.ts";

export const wordsOf: Readonly<Record<Engine["name"], Words>> = { compose: composeWords, kubernetes: kubernetesWords };

const dumpOf = ({ release }: Deployment): string => `backup-${release}.sql`;

/** The server of OpenStack's databases: who waits for one waits for it. */
export const databaseServer = ({ waits }: Deployment): string | undefined =>
  waits.find(({ what }) => what === "mysql")?.to;

/** One snapshot of all databases. Reading it drops and creates each, so no table of a newer release stays. */
function dumpText(side: Deployment, { databases, engine }: Typed): readonly string[] {
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
  return [`${wordsOf[engine].inDatabase(side, server, [...words, ...databases])} > ${dumpOf(side)}`];
}

/** @returns what a person types to go back when there is no other way: all services stop, the backup is read, the older ones start. */
export function restoreText({ before, after }: Both, { engine }: Typed): readonly string[] {
  const server = databaseServer(before);
  if (server === undefined) return [];
  const { end, inDatabase, start } = wordsOf[engine];
  return [...end(after), `${inDatabase(before, server, ["mariadb"])} < ${dumpOf(before)}`, ...start(before)];
}

/** @returns what a person types to do a phase, and to undo it. */
export function commandsOf(
  phase: Pick<Phase, "what" | "jobs" | "services"> & {
    readonly back: { readonly possible: boolean; readonly jobs: readonly Job[] };
  },
  both: Both,
  typed: Typed,
): { readonly commands: readonly string[]; readonly back: readonly string[] } {
  const { write, job, roll, back } = wordsOf[typed.engine];
  if (phase.what === "images") {
    const directory = typed.directory === undefined ? "" : ` MODEL=${quoted(typed.directory)}`;
    return { commands: [`make images VERSION=${both.after.release}${directory}`, ...write(both, typed)], back: [] };
  }
  if (phase.what === "backup") return { commands: dumpText(both.before, typed), back: [] };
  const commands = [
    ...phase.jobs.flatMap((one) => job(one, both)),
    ...phase.services.flatMap((service) => roll(service, both)),
  ];
  if (!phase.back.possible) return { commands: [...new Set(commands)], back: [] };
  const undone = [
    ...phase.back.jobs.flatMap((one) => job(one, both)),
    ...phase.services.toReversed().flatMap((service) => back(service, both)),
  ];
  // Services of one pod are replaced by the same command.
  return { commands: [...new Set(commands)], back: [...new Set(undone)] };
}
