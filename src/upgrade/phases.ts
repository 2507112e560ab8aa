import type { Deployment, Workload } from "../deployment/deployment.ts";
import { inRange } from "../openstack/releases.ts";
import { type CommandStep, type ComponentUpgrade, type ServiceStep, upgrades } from "../openstack/upgrades.ts";
import { commandsOf, type Typed } from "./commands.ts";
import type { Awaited, Back, Change, Job, Phase, Rolled } from "./plan.ts";

/** The deployments before and after. */
export type Both = { readonly before: Deployment; readonly after: Deployment };

type Untyped = Omit<Phase, "commands" | "back"> & { readonly back: Omit<Back, "commands"> };

/** Of all components, what is done before anything of the new release is there, component by component, and when all have it. */
const stages = ["before", "upgrade", "unpin", "contract", "after"] as const;
type Stage = (typeof stages)[number];

const stageOf = (step: CommandStep | ServiceStep): Stage => {
  if ("of" in step && step.of === "from") return "before";
  if (step.what === "unpin" || step.what === "contract") return step.what;
  return step.what === "online migrations" ? "after" : "upgrade";
};

const stays = "nothing has to be undone: the services of the older release run on with it";

export const componentOf = (image: string): string => image.slice(0, image.lastIndexOf("-"));

export const servicesOf = ({ workloads }: Deployment): readonly Workload[] =>
  workloads.filter(({ kind }) => kind === "service");

const serviceKey = ({ image, service }: Workload): string => `${image} ${service}`;

export const imageOf = ({ imagePrefix, release }: Deployment, image: string): string =>
  `${imagePrefix}/${image}:${release}`;

const namesOf = (workload: Workload | undefined): readonly string[] =>
  workload?.containers.map(({ name }) => name) ?? [];

function rolled(key: string, { before, after }: Both, change?: Change): Rolled | undefined {
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
function keysOf(component: string, { before, after }: Both): readonly string[] {
  const all = [...servicesOf(after), ...servicesOf(before)].filter(({ image }) => componentOf(image) === component);
  return [...new Set(all.map(serviceKey))];
}

const exits = ({ workload, command, accepts }: Job): Awaited => ({
  for: "exit",
  workload,
  text: `${command.length > 0 ? command.slice(0, 1).join(" ").replace(/^.*\//, "") : workload} ends with ${accepts.join(" or ")}`,
});

const serves = ({ workload, change }: Rolled): Awaited =>
  change === "goes" || change === "stopped"
    ? { for: "gone", workload, text: `${workload} has ended` }
    : { for: "healthy", workload, text: `every container of ${workload} is healthy` };

/** A job of one of the two deployments; undefined where that has none, as neutron's with OpenContrail. */
function jobOf(
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

const titles: Readonly<Record<CommandStep["what"] | ServiceStep["what"], string>> = {
  expand: "expand the database",
  migrate: "migrate the database",
  check: "check that all is ready",
  contract: "contract the database",
  "online migrations": "move data",
  roll: "roll",
  stop: "stop",
  unpin: "restart to unpin",
};

const backOf = (step: CommandStep | ServiceStep, from: string): Omit<Back, "commands"> => {
  if (!("job" in step)) {
    return { possible: true, how: `the services are replaced by those of ${from}, in the opposite order`, jobs: [] };
  }
  if (!step.final) return { possible: true, how: stays, jobs: [] };
  const what = step.what === "online migrations" ? "does not know data in its new form" : "cannot use this schema";
  return { possible: false, how: `${from} ${what}: the backup is the only way back`, jobs: [] };
};

const idOf = (component: string, step: CommandStep | ServiceStep): string =>
  [
    component,
    ...(stageOf(step) === "before" ? ["finish"] : []),
    step.what.replaceAll(" ", "-"),
    ...(step.name ? [step.name] : []),
  ].join("-");

function commandPhase(component: string, step: CommandStep, both: Both): Untyped | undefined {
  const job = jobOf(step, both);
  if (!job) return undefined;
  const first = stageOf(step) === "before";
  const release = both[first ? "before" : "after"].release;
  return {
    id: idOf(component, step),
    component,
    what: step.what,
    title: `${component}: ${titles[step.what]}, ${release}`,
    why: step.why,
    jobs: [job],
    services: [],
    waits: [exits(job)],
    settings: [],
    back: backOf(step, both.before.release),
  };
}

function servicePhase(upgrade: ComponentUpgrade, step: ServiceStep, both: Both): Untyped | undefined {
  const { component } = upgrade;
  const taken = upgrade.steps.flatMap((other) =>
    other !== step && other.what === step.what && "services" in other ? (other.services ?? []) : [],
  );
  const keys = step.services ?? keysOf(component, both).filter((key) => !taken.includes(key));
  const change = step.what === "stop" ? "stopped" : step.what === "unpin" ? "restarted" : undefined;
  const here =
    step.what === "unpin" ? servicesOf(both.after) : step.what === "stop" ? servicesOf(both.before) : undefined;
  const services = keys
    .filter((key) => here === undefined || here.some((one) => serviceKey(one) === key))
    .flatMap((key) => rolled(key, both, change) ?? []);
  if (services.length === 0) return undefined;
  return {
    id: idOf(component, step),
    component,
    what: step.what,
    title: `${component}: ${titles[step.what]} ${services.map(({ workload }) => workload).join(", ")}`,
    why: step.why,
    jobs: [],
    services,
    waits: services.map(serves),
    settings: [],
    back: backOf(step, both.before.release),
  };
}

/** What an image's jobs make beside schemas: users, endpoints, cells. They are harmless when repeated. */
function jobPhase(component: string, both: Both, when: "before" | "after"): Untyped | undefined {
  const { after } = both;
  const own = keysOf(component, both);
  const asks = (job: Workload): boolean =>
    after.waits.some(
      ({ from, to }) =>
        from === job.name && servicesOf(after).some((one) => one.name === to && own.includes(serviceKey(one))),
    );
  const jobs = after.workloads.filter(
    (one) =>
      one.kind === "job" &&
      !one.byHand &&
      componentOf(one.image) === component &&
      // Its schema is a step of its own.
      !after.waits.some(({ to, what }) => to === one.name && what === "schema") &&
      asks(one) === (when === "after"),
  );
  const ran = jobs.flatMap((one) => jobOf({ image: one.image, job: one.service }, both) ?? []);
  if (ran.length === 0) return undefined;
  return {
    id: `${component}-job-${when === "after" ? "catalog" : "setup"}`,
    component,
    what: "job",
    title: `${component}: ${jobs.map(({ name }) => name).join(", ")}`,
    why: "what the new release wants to be there is made; what is there already stays",
    jobs: ran,
    services: [],
    waits: ran.map(exits),
    settings: [],
    back: { possible: true, how: stays, jobs: [] },
  };
}

function componentPhases(upgrade: ComponentUpgrade, both: Both): readonly (readonly [Stage, Untyped])[] {
  const { component } = upgrade;
  if (keysOf(component, both).length === 0) return [];
  const [from, to] = [both.before.release, both.after.release];
  const steps = upgrade.steps.filter((step) => inRange(step.from ?? {}, from) && inRange(step.to ?? {}, to));
  const phases = steps.flatMap((step) => {
    const phase = "job" in step ? commandPhase(component, step, both) : servicePhase(upgrade, step, both);
    return phase ? [[stageOf(step), phase] as const] : [];
  });
  const [setup, catalog] = (["before", "after"] as const).map((when) => jobPhase(component, both, when));
  const first = phases.findIndex(([, { what }]) => what === "roll");
  const last = phases.findLastIndex(([, { what }]) => what === "roll");
  return phases.flatMap((phase, index) => [
    ...(index === first && setup ? [["upgrade", setup] as const] : []),
    phase,
    ...(index === last && catalog ? [["upgrade", catalog] as const] : []),
  ]);
}

/**
 * The phases of an upgrade in their order. All components are expanded and rolled, one after the other, before the first is contracted,
 * so that the whole cloud can go back until then.
 */
export function phasesOf(both: Both, typed: Typed): readonly Phase[] {
  const { after } = both;
  const nothing = { component: null, jobs: [], services: [], settings: [] };
  const images: Untyped = {
    ...nothing,
    id: "images",
    what: "images",
    title: `the images of ${after.release}`,
    why: "nothing waits for a build once the upgrade has begun",
    waits: [{ for: "file", workload: null, text: `every image of ${after.release} is there` }],
    back: { possible: true, how: "nothing has changed yet", jobs: [] },
  };
  const backup: Untyped = {
    ...nothing,
    id: "backup",
    what: "backup",
    title: "a backup of all databases",
    why: "no component has a way back for its database: after the first contraction this is the only one",
    waits: [{ for: "file", workload: null, text: "the file with the dump is there, and ends with its last line" }],
    back: { possible: true, how: "nothing has changed yet", jobs: [] },
  };
  const all = upgrades.flatMap((upgrade) => componentPhases(upgrade, both));
  const ordered = stages.flatMap((stage) => all.flatMap(([own, phase]) => (own === stage ? [phase] : [])));
  const phases: readonly Untyped[] = [images, backup, ...ordered];
  return phases.map((phase) => {
    const { commands, back } = commandsOf(phase, both, typed);
    return { ...phase, back: { ...phase.back, commands: back }, commands };
  });
}
