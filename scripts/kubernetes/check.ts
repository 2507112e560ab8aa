import type { Deployment as Described } from "../../src/deployment/deployment.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import type { Model } from "../../src/model/model.ts";
import { ageTroubles } from "./checks/age.ts";
import { admissionTroubles, dryRunTroubles } from "./checks/dry-run.ts";
import { readFacts } from "./checks/facts.ts";
import { namespaceTroubles } from "./checks/namespaces.ts";
import { nodeTroubles } from "./checks/nodes.ts";
import { secretTroubles } from "./checks/secrets.ts";
import { storageTroubles } from "./checks/storage.ts";
import { placesIn } from "./checks/where.ts";
import type { KubernetesObject } from "./kubectl.ts";

/** The Secrets that `plinth secrets` makes: keystone's keys are volumes where an engine has no such. */
export const madeSecrets = ({ secrets, volumes }: Described): ReadonlySet<string> =>
  new Set([...secrets.map(({ name }) => name), ...volumes.flatMap(({ secret }) => secret ?? [])]);

/**
 * Says what in a cluster is in a deployment's way, all of it together, before anything is applied.
 *
 * @param objects that are to be applied. @param force whether fields that others have set are taken over.
 */
export async function clusterTroubles(
  objects: readonly KubernetesObject[],
  { described, model, force }: { readonly described: Described; readonly model: Model; readonly force: boolean },
): Promise<readonly Diagnostic[]> {
  const namespaces = new Set(objects.flatMap(({ metadata }) => metadata.namespace ?? []));
  const facts = await readFacts([...namespaces]);
  const where = placesIn(model);
  const known = [
    ...ageTroubles(objects, facts),
    ...namespaceTroubles(objects, facts, where),
    ...nodeTroubles(objects, facts, where),
    ...storageTroubles(objects, facts, where),
    ...secretTroubles(objects, facts, madeSecrets(described)),
  ];
  const [refused, admission] = await Promise.all([
    dryRunTroubles(objects, facts, force),
    admissionTroubles(objects, facts),
  ]);
  // A field that the table of ages knows is told of once, with the release that has it.
  const isOld = known.some(({ code }) => code === "cluster-too-old");
  return [...known, ...refused.filter(({ code }) => !(isOld && code === "cluster-too-old")), ...admission];
}
