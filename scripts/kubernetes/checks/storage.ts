import type { Diagnostic } from "../../../src/diagnostics/diagnostic.ts";
import type { KubernetesObject } from "../kubectl.ts";
import { clusterMessage } from "../messages.ts";
import type { ClaimObject } from "../objects.ts";
import type { ClassObject, Facts } from "./facts.ts";
import type { Where } from "./where.ts";

/**
 * Provisioners whose volumes are of one node at a time: block devices, and directories of a node. A claim for several (ReadWriteMany)
 * would wait for ever, or its second pod would. Each driver's documentation says so, and
 * https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes for those that were part of Kubernetes.
 */
const ofOneNode: readonly RegExp[] = [
  /^kubernetes\.io\/(no-provisioner|aws-ebs|gce-pd|azure-disk|cinder|vsphere-volume|rbd)$/,
  /^(ebs\.csi\.aws\.com|pd\.csi\.storage\.gke\.io|disk\.csi\.azure\.com|cinder\.csi\.openstack\.org)$/,
  /(^|\.)rbd\.csi\.ceph\.com$/,
  /^(rancher\.io\/local-path|topolvm\.(io|cybozu\.com)|local\.csi\.openebs\.io|openebs\.io\/local|zfs\.csi\.openebs\.io)$/,
  /^(csi\.hetzner\.cloud|dobs\.csi\.digitalocean\.com|linodebs\.csi\.linode\.com|csi\.vsphere\.vmware\.com)$/,
];

const isDefault = ({ metadata: { annotations = {} } }: ClassObject): boolean =>
  ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"].some(
    (name) => annotations[name] === "true",
  );

type Claiming = { readonly volume: string; readonly claim: ClaimObject };

/** The claims of a deployment: its own objects, and those that StatefulSets make. */
function claimsOf(objects: readonly KubernetesObject[]): readonly Claiming[] {
  return objects.flatMap((object): readonly Claiming[] => {
    if (object.kind === "PersistentVolumeClaim")
      return [{ volume: object.metadata.name, claim: object as ClaimObject }];
    const { volumeClaimTemplates = [] } =
      (object as { spec?: { volumeClaimTemplates?: readonly ClaimObject[] } }).spec ?? {};
    return volumeClaimTemplates.map((claim) => ({ volume: claim.metadata.name, claim }));
  });
}

/** Whether an own volume of the deployment, or one that somebody offers, is for several nodes. */
const isOffered = (className: string, objects: readonly KubernetesObject[], { volumes }: Facts): boolean =>
  [...volumes, ...objects.filter(({ kind }) => kind === "PersistentVolume")].some((object) => {
    const { spec, status } = object as Facts["volumes"][number];
    const free = status?.phase === undefined || status.phase === "Available";
    return free && spec.storageClassName === className && (spec.accessModes ?? []).includes("ReadWriteMany");
  });

/** Tells of claims that the cluster's storage could not serve. What is bound already is served. */
export function storageTroubles(
  objects: readonly KubernetesObject[],
  facts: Facts,
  where: Where,
): readonly Diagnostic[] {
  const { classes, claims: live } = facts;
  const known = classes.map(({ metadata }) => metadata.name).sort();
  const usual = classes.find(isDefault);
  const told: Diagnostic[] = [];
  const nameless: string[] = [];
  const at = (volume: string) => {
    const named = where(["_workload", "storage", volume, "class"]);
    return named.place ? named : where(["_workload", "storage", volume]);
  };
  for (const { volume, claim } of claimsOf(objects)) {
    const { metadata, spec } = claim;
    if (live.some((one) => one.metadata.name === metadata.name && one.metadata.namespace === metadata.namespace))
      continue;
    // A volume of one's own (no class, or the name of one) needs no provisioner.
    if (spec.volumeName !== undefined || spec.storageClassName === "") continue;
    if (spec.storageClassName === undefined && !usual) {
      nameless.push(volume);
      continue;
    }
    const name = spec.storageClassName ?? usual?.metadata.name ?? "";
    const own = classes.find((one) => one.metadata.name === name);
    if (!own) {
      told.push({ ...clusterMessage("storage-class-unknown", { volume, name, known }), ...at(volume) });
      continue;
    }
    const { provisioner } = own;
    const shared = spec.accessModes.includes("ReadWriteMany");
    if (shared && ofOneNode.some((pattern) => pattern.test(provisioner)) && !isOffered(name, objects, facts)) {
      told.push({ ...clusterMessage("storage-not-shared", { volume, name, provisioner }), ...at(volume) });
    }
  }
  if (nameless.length > 0) told.push(clusterMessage("storage-class-none", { volumes: nameless, known }));
  return told;
}
