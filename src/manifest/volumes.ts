import type { Deployment, Mount, Volume } from "../deployment/deployment.ts";
import { type KubernetesObject, labelsOf, type Mapping, nonEmpty } from "./object.ts";
import type { Part, Pod } from "./pods.ts";

/** What a claim asks for where the model says nothing. */
const usualSize = "10Gi";

/** 10G of the model are 10 GiB, as they are to Docker. */
export const quantity = (size: string): string => `${size}i`;

/** What one start leaves is for none but the same pod: sockets. The directory /run is emptied when a machine starts (hier(7)). */
const isOfOneBoot = ({ path }: Mount): boolean => path.startsWith("/run/");

/** 0440: the group is the pod's. */
export const readableByGroup = 0o440;

/** Storage that both namespaces can have: a claim of a class is a volume of its own in each. */
const crosses = ({ directory, nfs, claim }: Volume): boolean =>
  [directory, nfs, claim].some((one) => one !== undefined);

const volumeOf = ({ volumes }: Deployment, { volume }: Mount): Volume =>
  volumes.find(({ name }) => name === volume) as Volume;

/**
 * @returns the mounts of a container. On a hypervisor what the control plane keeps is left out unless its storage can be in both
 * namespaces.
 */
export const mountsIn = (deployment: Deployment, { workload, container }: Part): readonly Mount[] =>
  container.mounts.filter((mount) => {
    const volume = volumeOf(deployment, mount);
    return workload.runs !== "hypervisor" || volume.of !== "shared" || (volume.shared && crosses(volume));
  });

/**
 * What a volume is in a pod.
 *
 * - `memory`: what one start leaves there is for none but the same pod.
 * - `directory`: the machine's, which only pods of hypervisors may have.
 * - `template`: a claim that a StatefulSet makes for its pod.
 * - `claim`: one that is made beside the pod, or was there before.
 */
type Kind = "secret" | "memory" | "directory" | "template" | "claim";

type Kept = { readonly volume: Volume; readonly mount: Mount };

function kindOf({ runs }: Pod, { volume, mount }: Kept): Kind {
  if (volume.secret !== undefined) return "secret";
  if (isOfOneBoot(mount)) return "memory";
  if (runs === "hypervisor" && volume.directory !== undefined) return "directory";
  const isOwn = (runs === "stateful" || runs === "hypervisor") && volume.of !== "shared";
  return isOwn && volume.claim === undefined ? "template" : "claim";
}

/** @returns what a pod keeps, each volume once. */
function keptBy(deployment: Deployment, { parts }: Pod): readonly Kept[] {
  const all = parts.flatMap((part) =>
    mountsIn(deployment, part).map((mount) => ({ volume: volumeOf(deployment, mount), mount })),
  );
  return [...new Map(all.map((kept) => [kept.volume.name, kept])).values()];
}

/** Whether a volume of the pod keeps its replicas on one node. */
export const isBound = (deployment: Deployment, pod: Pod): boolean =>
  keptBy(deployment, pod).some((kept) => !kept.volume.shared && !["secret", "memory"].includes(kindOf(pod, kept)));

/** The name that the claim of a StatefulSet's first pod has. */
const templatedName = (volume: Volume, { name }: Pod): string => `${volume.name}-${name}-0`;

function volumeEntry(kind: Exclude<Kind, "template">, { name, secret, directory, claim }: Volume): Mapping {
  switch (kind) {
    case "secret":
      return { name, secret: { secretName: secret as string, defaultMode: readableByGroup } };
    case "memory":
      return { name, emptyDir: { medium: "Memory" } };
    case "directory":
      return { name, hostPath: { path: directory as string, type: "DirectoryOrCreate" } };
    case "claim":
      return { name, persistentVolumeClaim: { claimName: claim ?? name } };
  }
}

/** @returns a pod's volumes, but for what a StatefulSet makes claims of itself. */
export const podVolumes = (deployment: Deployment, pod: Pod): readonly Mapping[] =>
  keptBy(deployment, pod).flatMap((kept) => {
    const kind = kindOf(pod, kept);
    return kind === "template" ? [] : [volumeEntry(kind, kept.volume)];
  });

/** A volume that somebody made already: of a directory of the machine, or an export of NFS. It is bound to one claim, and to no other. */
const isStatic = ({ directory, nfs }: Volume): boolean => directory !== undefined || nfs !== undefined;

/** Such a volume is in no namespace, so its name has that of its claim. */
const staticName = (namespace: string, claim: string): string => `${namespace}-${claim}`;

function claimSpec(deployment: Deployment, volume: Volume, bound: string | undefined): Mapping {
  const storageClass = volume.class ?? deployment.cluster.storageClass;
  return {
    accessModes: [volume.shared ? "ReadWriteMany" : "ReadWriteOnce"],
    ...(bound === undefined ? nonEmpty("storageClassName", storageClass) : { storageClassName: "", volumeName: bound }),
    resources: { requests: { storage: volume.size === undefined ? usualSize : quantity(volume.size) } },
  };
}

/** @returns the claims that a StatefulSet makes for its pods. */
export const claimTemplates = (deployment: Deployment, pod: Pod): readonly Mapping[] =>
  keptBy(deployment, pod)
    .filter((kept) => kindOf(pod, kept) === "template")
    .map(({ volume }) => ({
      metadata: { name: volume.name },
      spec: claimSpec(
        deployment,
        volume,
        isStatic(volume) ? staticName(pod.namespace, templatedName(volume, pod)) : undefined,
      ),
    }));

function staticVolume(deployment: Deployment, volume: Volume, namespace: string, claim: string): KubernetesObject {
  const name = staticName(namespace, claim);
  const [server = "", path = "/"] = volume.nfs?.split(/:(?=\/)/) ?? [];
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name, labels: labelsOf(deployment, volume.name, "volume") },
    spec: {
      capacity: { storage: volume.size === undefined ? usualSize : quantity(volume.size) },
      accessModes: [volume.shared ? "ReadWriteMany" : "ReadWriteOnce"],
      persistentVolumeReclaimPolicy: "Retain",
      storageClassName: "",
      // Reserved: no other claim gets it.
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name: claim },
      ...(volume.nfs === undefined
        ? { hostPath: { path: volume.directory as string, type: "DirectoryOrCreate" } }
        : { nfs: { server, path } }),
    },
  };
}

/** @returns the claims of volumes that a StatefulSet makes none of, and the volumes that are there already. */
export function claims(deployment: Deployment, pods: readonly Pod[]): readonly KubernetesObject[] {
  const objects = new Map<string, KubernetesObject>();
  for (const pod of pods) {
    for (const kept of keptBy(deployment, pod)) {
      const { volume } = kept;
      const kind = kindOf(pod, kept);
      if ((kind !== "template" && kind !== "claim") || volume.claim !== undefined) continue;
      const { namespace } = pod;
      const claim = kind === "template" ? templatedName(volume, pod) : volume.name;
      const bound = isStatic(volume) ? staticName(namespace, claim) : undefined;
      if (bound !== undefined) objects.set(`volume ${bound}`, staticVolume(deployment, volume, namespace, claim));
      if (kind === "template") continue;
      objects.set(`claim ${namespace} ${claim}`, {
        apiVersion: "v1",
        kind: "PersistentVolumeClaim",
        metadata: { name: claim, namespace, labels: labelsOf(deployment, claim, "volume") },
        spec: claimSpec(deployment, volume, bound),
      });
    }
  }
  return [...objects.values()];
}
