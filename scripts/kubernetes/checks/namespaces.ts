import type { Diagnostic } from "../../../src/diagnostics/diagnostic.ts";
import type { KubernetesObject } from "../kubectl.ts";
import { clusterMessage } from "../messages.ts";
import { hasPods, nameOf } from "../objects.ts";
import type { Facts } from "./facts.ts";
import type { Where } from "./where.ts";

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/: each forbids more than the one before. */
const levels = ["privileged", "baseline", "restricted"];

const enforce = "pod-security.kubernetes.io/enforce";
const keeper = "app.kubernetes.io/managed-by";

/**
 * Tells of namespaces that are there already, not made by plinth: they are removed with the deployment, and their Pod Security level
 * may forbid its pods.
 */
export function namespaceTroubles(
  objects: readonly KubernetesObject[],
  { namespaces }: Pick<Facts, "namespaces">,
  where: Where,
): readonly Diagnostic[] {
  return objects.flatMap((object): readonly Diagnostic[] => {
    if (object.kind !== "Namespace") return [];
    const { name } = object.metadata;
    const live = namespaces.find(({ metadata }) => metadata.name === name);
    if (!live) return [];
    const place = where(["_param", "deploy_name"]);
    const told: Diagnostic[] = [];
    const level = live.metadata.labels?.[enforce];
    const wanted = object.metadata.labels?.[enforce] ?? "privileged";
    if (level !== undefined && levels.indexOf(level) > levels.indexOf(wanted)) {
      const workloads = objects
        .filter(hasPods)
        .filter(({ metadata }) => metadata.namespace === name)
        .map(nameOf);
      told.push({ ...clusterMessage("pod-security-forbids", { namespace: name, level, wanted, workloads }), ...place });
    }
    if (live.metadata.labels?.[keeper] !== object.metadata.labels?.[keeper]) {
      told.push({ ...clusterMessage("namespace-taken", { namespace: name }), ...place });
    }
    return told;
  });
}
