import type { Workload } from "../deployment/deployment.ts";
import { upgrades } from "../openstack/upgrades.ts";
import { commandsOf } from "./commands.ts";
import { componentPhases, stages } from "./component.ts";
import { type Both, serviceKey } from "./deployed.ts";
import type { Infrastructure } from "./infrastructure.ts";
import type { Phase } from "./plan.ts";
import { rolled, serves, type Untyped } from "./steps.ts";
import type { Typed } from "./typed.ts";

const nothing = { component: null, jobs: [], services: [], settings: [], waits: [] } as const;
const unchanged = { possible: true, how: "nothing has changed yet", jobs: [] } as const;

const imagesPhase = ({ after: { release } }: Both): Untyped => ({
  ...nothing,
  id: "images",
  what: "images",
  title: `the images of ${release}`,
  why: "nothing waits for a build once the upgrade has begun",
  waits: [{ for: "file", workload: null, text: `every image of ${release} is there` }],
  back: unchanged,
});

const backupPhase: Untyped = {
  ...nothing,
  id: "backup",
  what: "backup",
  title: "a backup of all databases",
  why: "no component has a way back for its database: after the first phase that says so this is the only one",
  waits: [{ for: "file", workload: null, text: "the dump is whole: its last line says that it is completed" }],
  back: unchanged,
};

type Replaced = Infrastructure["replaced"];

/** @param id of the phase. @param moved whether servers have to be elsewhere meanwhile. */
function infrastructurePhase(id: string, replaced: Replaced, both: Both, moved: boolean): readonly Untyped[] {
  if (replaced.length === 0) return [];
  const services = replaced.flatMap(({ workload }) => rolled(serviceKey(workload), both) ?? []);
  const isOther = replaced.some(({ foundation }) => foundation);
  const names = services.map(({ workload }) => workload).join(", ");
  const reasons = replaced.map(({ workload, why }) => `${workload.name}: ${why}`).join("; ");
  return [
    {
      ...nothing,
      id,
      what: "infrastructure",
      title: `infrastructure: ${names}`,
      why: `${reasons}${moved ? ". The servers of a hypervisor end with it: move them to another one first" : ""}`,
      services,
      waits: services.map(serves),
      back: isOther
        ? { possible: false, how: "older packages do not read what newer ones have written", jobs: [] }
        : { possible: true, how: `the services are replaced by those of ${both.before.release}`, jobs: [] },
    },
  ];
}

const isOnHypervisor = ({ runs }: Workload): boolean => runs === "hypervisor";

/**
 * The phases of an upgrade in their order. From the first one that cannot be undone, none can: databases go back together. All components are expanded and rolled, one after the other, before the first is contracted,
 * so that the whole cloud can go back until then.
 */
export function phasesOf(both: Both, { replaced }: Infrastructure, typed: Typed): readonly Phase[] {
  const goes = replaced.filter(({ change }) => change === "goes");
  const there = (onHypervisor: boolean): Replaced =>
    replaced.filter(({ change, workload }) => change !== "goes" && isOnHypervisor(workload) === onHypervisor);
  const infrastructure = [
    ...infrastructurePhase("infrastructure", there(false), both, false),
    ...infrastructurePhase("infrastructure-hypervisors", there(true), both, true),
  ];
  const all = upgrades.flatMap((upgrade) => componentPhases(upgrade, both));
  const staged = stages.map((stage) => all.flatMap(([own, phase]) => (own === stage ? [phase] : [])));
  const [before = [], upgrade = [], unpin = [], ...last] = staged;
  const phases: readonly Untyped[] = [
    imagesPhase(both),
    backupPhase,
    ...before,
    ...infrastructure,
    ...upgrade,
    ...unpin,
    ...infrastructurePhase(
      "infrastructure-end",
      goes,
      both,
      goes.some(({ workload }) => isOnHypervisor(workload)),
    ),
    ...last.flat(),
  ];
  const first = phases.find(({ back }) => !back.possible);
  return phases.map((phase, index) => {
    const isLate = first !== undefined && index > phases.indexOf(first);
    const own = isLate ? { ...phase, back: { possible: false, how: `none since ${first.id}`, jobs: [] } } : phase;
    const { commands, back } = commandsOf(own, both, typed);
    return { ...own, back: { ...own.back, commands: back }, commands };
  });
}
