import type { Workload } from "../deployment/deployment.ts";
import type { CommandStep } from "../openstack/upgrades.ts";
import { type Both, componentOf, imageOf, serviceKey, servicesOf } from "./deployed.ts";
import type { Awaited, Back, Change, Job, Phase, Rolled } from "./plan.ts";

/** A phase whose commands are not written yet. */
export type Untyped = Omit<Phase, "commands" | "back"> & { readonly back: Omit<Back, "commands"> };

const namesOf = (workload: Workload | undefined): readonly string[] =>
  workload?.containers.map(({ name }) => name) ?? [];

/** @returns what becomes of a service; undefined where neither release has it. */
export function rolled(key: string, { before, after }: Both, change?: Change): Rolled | undefined {
  const [old, now] = [before, after].map((side) => servicesOf(side).find((one) => serviceKey(one) === key));
  const own = now ?? old;
  if (!own) return undefined;
  return {
    workload: own.name,
    change: change ?? (old && now ? "replaced" : now ? "appears" : "goes"),
    image: own.image,
    service: own.service,
    before: old ? imageOf(before, old.image) : null,
    after: now ? imageOf(after, now.image) : null,
    containers: { before: namesOf(old), after: namesOf(now) },
    rollout: own.rollout,
  };
}

/** All services of a component in either release, in the order of their images' rows. */
export function keysOf(component: string, { before, after }: Both): readonly string[] {
  const all = [...servicesOf(after), ...servicesOf(before)].filter(({ image }) => componentOf(image) === component);
  return [...new Set(all.map(serviceKey))];
}

/** The name of what runs: the program where it is not the job's own. */
const nameOf = ({ workload, command: [program] }: Job): string =>
  program === undefined ? workload : program.slice(program.lastIndexOf("/") + 1);

export const exits = (job: Job): Awaited => ({
  for: "exit",
  workload: job.workload,
  text: `${nameOf(job)} ends with ${job.accepts.join(" or ")}`,
});

export const serves = ({ workload, change }: Rolled): Awaited =>
  change === "goes" || change === "stopped"
    ? { for: "gone", workload, text: `${workload} has ended` }
    : { for: "healthy", workload, text: `every container of ${workload} is healthy` };

/** A job of one of the two deployments; undefined where that has none, as neutron's with OpenContrail. */
export function jobOf(
  {
    image,
    job,
    command = [],
    accepts = [0],
    of: own,
  }: Pick<CommandStep, "image" | "job" | "command" | "accepts" | "of">,
  { before, after }: Both,
): Job | undefined {
  const of = own ?? "to";
  const side = of === "from" ? before : after;
  const workload = side.workloads.find((one) => one.image === image && one.service === job);
  return workload && { workload: workload.name, image: imageOf(side, image), of, service: job, command, accepts };
}
