import type { Diagnostic } from "../../../src/diagnostics/diagnostic.ts";
import type { KubernetesObject } from "../kubectl.ts";
import { clusterMessage } from "../messages.ts";
import { hasPods, isHypervisor, type NodeTerm, type PodSpec, templateOf } from "../objects.ts";
import type { Facts, NodeObject } from "./facts.ts";
import type { Where } from "./where.ts";

/** Whether one of a node affinity's terms holds; the operators that the API knows. */
function holds({ matchExpressions = [] }: NodeTerm, labels: Readonly<Record<string, string>>): boolean {
  return matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key];
    if (operator === "Exists") return value !== undefined;
    if (operator === "DoesNotExist") return value === undefined;
    if (operator === "In") return value !== undefined && values.includes(value);
    if (operator === "NotIn") return value === undefined || !values.includes(value);
    return true;
  });
}

/** Whether the scheduler could give a node such a pod, its resources aside. */
export function takes(node: NodeObject, { nodeSelector = {}, tolerations = [], affinity }: PodSpec): boolean {
  const { labels = {} } = node.metadata;
  if (node.spec?.unschedulable) return false;
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready && ready.status !== "True") return false;
  if (Object.entries(nodeSelector).some(([key, value]) => labels[key] !== value)) return false;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms && !terms.some((term) => holds(term, labels))) return false;
  return (node.spec?.taints ?? []).every(
    ({ key, effect }) =>
      effect === "PreferNoSchedule" ||
      tolerations.some(
        (one) => (one.key === undefined || one.key === key) && (one.effect === undefined || one.effect === effect),
      ),
  );
}

/** Tells of hypervisors that each want a node of their own, where there are too few nodes. */
export function nodeTroubles(
  objects: readonly KubernetesObject[],
  { nodes }: Pick<Facts, "nodes">,
  where: Where,
): readonly Diagnostic[] {
  // Who may not list nodes is not told of them.
  if (nodes.length === 0) return [];
  const alone = objects.filter(hasPods).filter((workload) => {
    const rules =
      templateOf(workload).spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    return isHypervisor(workload) && rules.some(({ topologyKey }) => topologyKey === "kubernetes.io/hostname");
  });
  const taking = nodes.filter((node) => alone.some((workload) => takes(node, templateOf(workload).spec)));
  if (alone.length <= taking.length) return [];
  const names = (all: readonly KubernetesObject[]): readonly string[] => all.map(({ metadata }) => metadata.name);
  const at = where(["_param", "hypervisors"]);
  const place = at.place ? at : where(["_workload", "placement"]);
  return [{ ...clusterMessage("nodes-too-few", { hypervisors: names(alone), nodes: names(taking) }), ...place }];
}
