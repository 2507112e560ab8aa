import type { Workload } from "../deployment/deployment.ts";
import { inRange } from "../openstack/releases.ts";
import type { CommandStep, ComponentUpgrade, ServiceStep } from "../openstack/upgrades.ts";
import { type Both, componentOf, serviceKey, servicesOf } from "./deployed.ts";
import type { Back } from "./plan.ts";
import { exits, jobOf, keysOf, rolled, serves, type Untyped } from "./steps.ts";

/** Of all components, what is done before anything of the new release is there, component by component, and when all have it. */
export const stages = ["before", "upgrade", "unpin", "contract", "after"] as const;
type Stage = (typeof stages)[number];

const stageOf = (step: CommandStep | ServiceStep): Stage => {
  if ("of" in step && step.of === "from") return "before";
  if (step.what === "unpin" || step.what === "contract") return step.what;
  return step.what === "online migrations" ? "after" : "upgrade";
};

const stays = "nothing has to be undone: the services of the older release run on with it";

const titles: Readonly<Record<CommandStep["what"] | ServiceStep["what"], string>> = {
  expand: "expand the database",
  migrate: "migrate the database",
  check: "upgrade check",
  contract: "contract the database",
  "online migrations": "online data migrations",
  roll: "replace",
  stop: "stop",
  unpin: "restart",
};

/** @returns what a phase does, in a line: `nova: upgrade check (2026.1)`. */
const titleOf = (component: string, step: CommandStep | ServiceStep, what: string): string =>
  `${component}: ${step.title ?? titles[step.what]}${what}`;

const backOf = (step: CommandStep | ServiceStep, from: string): Omit<Back, "commands"> => {
  if (step.what === "unpin") {
    return { possible: true, how: "nothing by itself: the phases before are undone, the last one first", jobs: [] };
  }
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
    title: titleOf(component, step, ` (${release})`),
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
    title: titleOf(component, step, ` ${services.map(({ workload }) => workload).join(", ")}`),
    why: step.why,
    jobs: [],
    services,
    waits: services.map(serves),
    settings: step.settings ?? [],
    back: { ...backOf(step, both.before.release), ...(step.what === "roll" ? wayBack(upgrade, both) : {}) },
  };
}

/** What has to run before services of the older release start again. */
function wayBack({ back }: ComponentUpgrade, both: Both): Pick<Back, "jobs"> {
  const job = back && jobOf({ ...back, of: "from" }, both);
  return { jobs: job ? [job] : [] };
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
    title: `${component}: run ${jobs.map(({ name }) => name).join(", ")}`,
    why: "what the new release wants to be there is made; what is there already stays",
    jobs: ran,
    services: [],
    waits: ran.map(exits),
    settings: [],
    back: { possible: true, how: stays, jobs: [] },
  };
}

/** @returns the phases of a component, each with its stage; none where the deployment has not got it. */
export function componentPhases(upgrade: ComponentUpgrade, both: Both): readonly (readonly [Stage, Untyped])[] {
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
