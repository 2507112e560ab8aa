import type { Deployment } from "../deployment/deployment.ts";
import { accountOf } from "./accounts.ts";
import { containerOf, graceOf, type Images, ownVolumes } from "./container.ts";
import { labelsOf, type Mapping, nonEmpty, selectorOf } from "./object.ts";
import { isJob, isOnMachine, type Pod } from "./pods.ts";
import { podVolumes } from "./volumes.ts";

/** Seconds until pods of a node that is gone are started elsewhere; 300 where nothing is said. */
const awaySeconds = 30;

/** What is baked into the pod's images, by its digest: another pillar replaces the pods that have it, and no others. */
const pillarAnnotation = "plinth/pillar";

/**
 * A hypervisor's pod stays where it is, however long its node is away: one that was deleted meanwhile would end with its servers as soon
 * as the node is back. Without a word of it, a cluster deletes pods after 300 s (the admission plugin DefaultTolerationSeconds).
 */
const stays = ["not-ready", "unreachable"].map((state) => ({
  key: `node.kubernetes.io/${state}`,
  operator: "Exists",
  effect: "NoExecute",
}));

const away = stays.map((toleration) => ({ ...toleration, tolerationSeconds: awaySeconds }));

/** What Pod Security's `restricted` wants of a pod. Volumes get the group of the account that writes to them. */
function confined(pod: Pod): Mapping {
  const [first] = pod.parts;
  const { uid, gid } = (first as Pod["parts"][number]).workload.account;
  return {
    runAsNonRoot: true,
    runAsUser: uid,
    runAsGroup: gid,
    fsGroup: gid,
    // Only where the root of the volume has another owner: else each start goes through all files, and makes those
    // readable for the group that a service wants for itself alone.
    fsGroupChangePolicy: "OnRootMismatch",
    seccompProfile: { type: "RuntimeDefault" },
  };
}

/** Copies of a pod are on different nodes where there are enough. */
const spread = (deployment: Deployment, { name }: Pod): Mapping => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: "kubernetes.io/hostname",
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: selectorOf(deployment, name) },
    },
  ],
});

/** One hypervisor a node, of the nodes that the model names. */
const apart = ({ name, cluster }: Deployment): Mapping => ({
  ...nonEmpty("nodeSelector", cluster.hypervisorNodes),
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: "kubernetes.io/hostname",
          labelSelector: {
            matchLabels: { "app.kubernetes.io/component": "hypervisor", "app.kubernetes.io/instance": name },
          },
        },
      ],
    },
  },
});

/** @returns a pod as Deployments, StatefulSets and Jobs have it. */
export function templateOf(deployment: Deployment, images: Images, pod: Pod): Mapping {
  const { parts, runs, hostname, name, component } = pod;
  const pillars = [...new Set(parts.map(({ workload }) => workload.pillar.slice(0, 12)))];
  const isHypervisor = runs === "hypervisor";
  const joins = parts.some(({ workload }) => workload.joinsProcesses);
  return {
    metadata: {
      labels: labelsOf(deployment, name, component),
      // A hypervisor's pod is not replaced when a pillar changes: its servers would end. Its images are, one by one.
      ...(isHypervisor ? {} : { annotations: { [pillarAnnotation]: pillars.join(" ") } }),
    },
    spec: {
      serviceAccountName: accountOf(deployment, pod),
      automountServiceAccountToken: false,
      // Addresses come by name: a variable for each Service would only collide with parameters.
      enableServiceLinks: false,
      ...(hostname === undefined || isJob(pod) ? {} : { hostname }),
      ...(isOnMachine(pod) ? { hostNetwork: true, dnsPolicy: "ClusterFirstWithHostNet" } : {}),
      ...(joins ? { shareProcessNamespace: true } : {}),
      tolerations: isHypervisor ? stays : away,
      ...(isHypervisor ? apart(deployment) : {}),
      ...(pod.replicas > 1 || runs === "replicas" ? spread(deployment, pod) : {}),
      ...(isJob(pod) ? { restartPolicy: "OnFailure" } : {}),
      terminationGracePeriodSeconds: Math.max(...parts.map(({ workload }) => graceOf(workload))),
      ...(isHypervisor ? {} : { securityContext: confined(pod) }),
      containers: parts.map((part) => containerOf(deployment, images, pod, part)),
      volumes: [
        ...podVolumes(deployment, pod),
        ...new Map(
          parts.flatMap((part) => ownVolumes(deployment, pod, part)).map((volume) => [volume["name"], volume]),
        ).values(),
      ],
    },
  };
}
