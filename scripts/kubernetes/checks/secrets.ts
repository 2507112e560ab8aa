import type { Diagnostic } from "../../../src/diagnostics/diagnostic.ts";
import type { KubernetesObject } from "../kubectl.ts";
import { clusterMessage } from "../messages.ts";
import { hasPods, nameOf, templateOf, type WorkloadObject } from "../objects.ts";
import type { Facts } from "./facts.ts";

type Wanted = { readonly namespace: string; readonly name: string; readonly key?: string; readonly user: string };

/** Which keys of which Secrets the pods of a workload cannot start without. */
function wantedBy(workload: WorkloadObject): readonly Wanted[] {
  const base = { namespace: workload.metadata.namespace ?? "default", user: nameOf(workload) };
  const { volumes = [] } = templateOf(workload).spec;
  const mounted = volumes.flatMap(({ secret, projected }) => [
    ...(secret ? [{ name: secret.secretName, items: secret.items, optional: secret.optional }] : []),
    ...(projected?.sources ?? []).flatMap(({ secret: one }) => (one ? [one] : [])),
  ]);
  return mounted.flatMap(({ name, items, optional }): readonly Wanted[] => {
    if (optional) return [];
    return items ? items.map(({ key }) => ({ ...base, name, key })) : [{ ...base, name }];
  });
}

/**
 * Tells of Secrets that pods want and that are not there, or lack a key: such pods would wait for ever (CreateContainerConfigError,
 * FailedMount).
 *
 * @param made names of Secrets that are made where they are missing.
 */
export function secretTroubles(
  objects: readonly KubernetesObject[],
  { secrets }: Pick<Facts, "secrets">,
  made: ReadonlySet<string>,
): readonly Diagnostic[] {
  const own = new Set(
    objects.filter(({ kind }) => kind === "Secret").map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
  );
  const wanted = objects.filter(hasPods).flatMap(wantedBy);
  const groups = Map.groupBy(wanted, ({ namespace, name, key = "" }) => `${namespace}/${name} ${key}`);
  return [...groups.values()].flatMap((all): readonly Diagnostic[] => {
    const [{ namespace, name, key } = { namespace: "", name: "" } as Wanted] = all;
    const users = [...new Set(all.map(({ user }) => user))];
    const has = secrets.get(`${namespace}/${name}`);
    if (!has) {
      if (made.has(name) || own.has(`${namespace}/${name}`)) return [];
      return [clusterMessage("cluster-secret-missing", { namespace, name, users })];
    }
    if (key === undefined || has.includes(key)) return [];
    return [clusterMessage("secret-key-missing", { namespace, name, key, users, has })];
  });
}
