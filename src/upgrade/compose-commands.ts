import type { Deployment } from "../deployment/deployment.ts";
import { isInfrastructure } from "./deployed.ts";
import { line, type Words } from "./typed.ts";

const fileOf = ({ release }: Deployment): string => `compose-${release}.yaml`;

const compose = (side: Deployment, ...words: readonly string[]): string =>
  line("docker", "compose", "--file", fileOf(side), ...words);

const start = (side: Deployment, ...names: readonly string[]): string =>
  compose(side, "up", "--detach", "--no-deps", "--wait", ...names);
const remove = (side: Deployment, names: readonly string[]): string =>
  compose(side, "rm", "--stop", "--force", ...names);

const openStackOf = (side: Deployment): readonly string[] =>
  side.workloads
    .filter((one) => one.kind === "service" && !isInfrastructure(one))
    .flatMap(({ containers }) => containers.map(({ name }) => name));

/** In the directory of a project of Docker Compose. Of one service containers are replaced one at a time. */
export const composeWords: Words = {
  where: "The commands are for Docker Compose, in the directory of its project.",
  never:
    "Never let Compose bring up a whole project meanwhile: it would replace these too, and a hypervisor's servers end with libvirt's container.",
  write: ({ before, after }, { model }) =>
    [before, after].map(
      (side) => `plinth compose${model} --set _param:release=${side.release} --output ${fileOf(side)}`,
    ),
  inDatabase: (side, server, words) => compose(side, "exec", "-T", server, ...words),
  job: (job, { before, after }) => [
    compose(
      job.of === "from" ? before : after,
      ...["run", "--rm", "--no-deps", job.workload],
      ...(job.command.length > 0 ? [job.service, "--", ...job.command] : []),
    ),
  ],
  roll({ change, containers }, { before, after }) {
    if (change === "goes") return [remove(before, containers.before)];
    if (change === "stopped") return [compose(before, "stop", ...containers.before)];
    if (change === "restarted") return containers.after.map((name) => compose(after, "restart", name));
    const gone = containers.before.filter((name) => !containers.after.includes(name));
    return [...containers.after.map((name) => start(after, name)), ...(gone.length > 0 ? [remove(before, gone)] : [])];
  },
  back({ change, containers }, { before, after }) {
    if (change === "appears") return [remove(after, containers.after)];
    if (change === "restarted") return [];
    const extra = containers.after.filter((name) => !containers.before.includes(name));
    return [
      ...containers.before.map((name) => start(before, name)),
      ...(extra.length > 0 ? [remove(after, extra)] : []),
    ];
  },
  end: (side) => [remove(side, openStackOf(side))],
  start: (side) => [start(side, ...openStackOf(side))],
};
