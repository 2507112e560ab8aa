import type { Deployment } from "../deployment/deployment.ts";
import type { Job, Phase, Rolled } from "./plan.ts";

/** Words that a person types. */
export type Typed = {
  /** What `plinth compose` is given beside the release, such as `--model cloud`; it begins with a space unless it is empty. */
  readonly model: string;
};

type Both = { readonly before: Deployment; readonly after: Deployment };

/** A word as a shell takes it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

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

/** @returns what a person types to do a phase, and to undo it. */
export function commandsOf(
  phase: Pick<Phase, "what" | "jobs" | "services"> & {
    readonly back: { readonly possible: boolean; readonly jobs: readonly Job[] };
  },
  both: Both,
  { model }: Typed,
): { readonly commands: readonly string[]; readonly back: readonly string[] } {
  const { before, after } = both;
  if (phase.what === "images") {
    const written = [before, after].map(
      (side) => `plinth compose${model} --set _param:release=${side.release} --output ${fileOf(side)}`,
    );
    return { commands: [`make images VERSION=${after.release}`, ...written], back: [] };
  }
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
