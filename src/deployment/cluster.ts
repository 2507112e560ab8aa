import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { placeOf } from "../pillar/place.ts";
import { standingAt } from "../pillar/value.ts";
import { clashesAnywhere } from "./clashes.ts";
import type { Volume, Workload } from "./deployment.ts";
import { deploymentMessage } from "./messages.ts";
import type { Layout } from "./plan.ts";
import type { WorkloadRequest } from "./requests.ts";

/** What a cluster of machines would refuse, or what would wait there for ever. */

/** RFC 1123's label, as namespaces and Services are called. */
const label = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
/** `-hypervisors` is put behind it, and a label has 63 characters. */
const longestName = 63 - "-hypervisors".length;
/** A pod of a StatefulSet has the label `controller-revision-hash`: the name, a hyphen and ten characters. */
const longestHypervisor = 63 - 11;

function nameWrong({ services }: Layout): readonly Diagnostic[] {
  const [first] = services;
  const name = first?.source.recipe.deployName ?? "";
  if (!first || (label.test(name) && name.length <= longestName)) return [];
  const { parameters, recipe } = first.source;
  const said = standingAt(parameters, "_param:deploy_name") ?? standingAt(parameters, "_image:deploy_name");
  const wrong = deploymentMessage("name-no-label", { name, longest: longestName }, said && placeOf(said.at));
  return [{ ...wrong, node: recipe.node, path: "_param:deploy_name" }];
}

function hypervisorsWrong({ namespaces, services }: Layout): readonly Diagnostic[] {
  return namespaces
    .filter(({ name }) => !label.test(name) || name.length > longestHypervisor)
    .map(({ name }) => {
      const { places, source } = services.find(({ placement }) => placement.includes(name)) as WorkloadRequest;
      const wrong = deploymentMessage("hypervisor-no-label", { name, longest: longestHypervisor }, places.placement);
      return { ...wrong, node: source.recipe.node, path: "_workload:placement" };
    });
}

/** @returns volumes that several pods would have to share, and cannot. */
function unshared(layout: Layout, volumes: readonly Volume[], workloads: readonly Workload[]): readonly Diagnostic[] {
  return layout.services.flatMap((asked): readonly Diagnostic[] => {
    if (asked.replicas < 2) return [];
    const { containers } = workloads.find(({ name }) => name === asked.name) as Workload;
    const mounted = new Set(containers.flatMap(({ mounts }) => mounts.map(({ volume }) => volume)));
    return volumes
      .filter(({ name, shared, secret }) => mounted.has(name) && !shared && secret === undefined)
      .map(({ name: volume }) => {
        const message = { workload: asked.name, count: asked.replicas, volume };
        const wrong = deploymentMessage("volume-unshared", message, asked.places.replicas);
        return { ...wrong, node: asked.source.recipe.node, path: `_workload:storage:${volume}` };
      });
  });
}

/** @returns volumes that the model puts in two places. */
function storageTwice({ services }: Layout): readonly Diagnostic[] {
  const once = new Map(services.map((one) => [one.source.recipe.node, one]));
  return [...once].flatMap(([node, { storage }]) =>
    [...storage].flatMap(([volume, { directory, class: kind, nfs, claim, place }]): readonly Diagnostic[] => {
      const given = Object.entries({ directory, class: kind, nfs, claim }).flatMap(([key, value]) =>
        value === undefined ? [] : [key],
      );
      if (given.length < 2) return [];
      const wrong = deploymentMessage("storage-twice", { volume, given }, place);
      return [{ ...wrong, node, path: `_workload:storage:${volume}` }];
    }),
  );
}

function onMachinesNetwork({ whole }: Layout): readonly Diagnostic[] {
  if (whole.controlNetwork === "containers") return [];
  const place: Place | undefined = whole.places.controlNetwork;
  return [{ ...deploymentMessage("control-network-host", {}, place), path: "_deployment:control_network" }];
}

export const clusterFaults = (
  layout: Layout,
  workloads: readonly Workload[],
  volumes: readonly Volume[],
): readonly Diagnostic[] => [
  ...clashesAnywhere(layout, workloads),
  ...nameWrong(layout),
  ...hypervisorsWrong(layout),
  ...onMachinesNetwork(layout),
  ...storageTwice(layout),
  ...unshared(layout, volumes, workloads),
];
