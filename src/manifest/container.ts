import type { Deployment, Workload } from "../deployment/deployment.ts";
import { type Mapping, nonEmpty } from "./object.ts";
import { changedSecrets, type Part, type Pod } from "./pods.ts";
import { probesOf } from "./probes.ts";
import { mountsIn, quantity, readableByGroup } from "./volumes.ts";

/** How images are called where the caller says more than the model: with a digest. */
export type Images = Readonly<Record<string, string>>;

/** What the caller of the writer says. */
export type ManifestOptions = {
  /** Who generated the files, for their first line. */
  readonly by: string;
  /** Names of images, where they are not the model's. */
  readonly images: Images;
  /** SHA-256 in hexadecimal. */
  readonly digest: (text: string) => string;
};

/**
 * Seconds for which a container still serves after its pod has begun to end: until every node has taken the pod out of its Services.
 * Without it requests were lost in each rolling restart; with 8 s none of 676 was.
 */
const drainSeconds = 8;

/** What a start leaves there is of one start: sockets, mounted network namespaces, what plinth rendered. */
const memory = ["/run", "/tmp"] as const;

export const imageOf = ({ imagePrefix, release }: Deployment, images: Images, { image }: Workload): string =>
  images[image] ?? `${imagePrefix}/${image}:${release}`;

/** Kubernetes replaces `$(NAME)` in values; `$$` is a dollar. */
const literal = (value: string): string => value.replaceAll("$(", "$$$$(");

function environmentOf(deployment: Deployment, { workload, container }: Part): readonly Mapping[] {
  const waits = deployment.waits.some(({ from }) => from === workload.name);
  return [
    ...Object.entries(container.parameters).map(([name, value]) => ({ name, value: literal(value) })),
    ...container.addressed.map((name) => ({ name, valueFrom: { fieldRef: { fieldPath: "status.podIP" } } })),
    ...workload.secrets.map(({ secret, parameter }) => ({
      name: `${parameter}_FILE`,
      value: `/run/secrets/${secret}`,
    })),
    ...(waits ? [{ name: "PLINTH_WAIT_TIMEOUT", value: String(deployment.waitTimeout) }] : []),
  ];
}

/** @returns the paths in memory of a container, with the name of the volume of each. */
const scratchOf = ({ name, scratch }: Workload): readonly (readonly [volume: string, path: string])[] =>
  [...memory, ...scratch].map((path) => [`${path.slice(1).replaceAll("/", "-")}-${name}`, path]);

const secretNames = ({ secrets }: Workload): readonly string[] => [...new Set(secrets.map(({ secret }) => secret))];

/** The volume with a container's secrets. Containers of a pod that have the same ones, and the same user, share it. */
function secretsVolume({ parts }: Pod, { workload }: Part): string {
  const mark = (one: Workload): string => [one.host.root === true, one.account.uid, ...secretNames(one)].join();
  const first = parts.find((one) => mark(one.workload) === mark(workload));
  return `secrets-${(first as Part).workload.name}`;
}

/**
 * Who may read a container's secrets. A hypervisor's pod has no group of its own, since its containers run as different users. There root
 * needs no more than its own, and any other user is let in by the mode: the volume is mounted in this container, and in no other.
 */
function secretsMode({ runs }: Pod, { workload: { host } }: Part): number {
  if (runs !== "hypervisor") return readableByGroup;
  return host.root ? 0o400 : 0o444;
}

/** Devices of the machine that a row asks for. What is optional only a privileged container can have: it has all. */
const devicesOf = ({ host }: Workload): readonly (readonly [volume: string, path: string])[] =>
  (host.devices ?? []).flatMap(({ path, optional }) =>
    optional ? [] : [[path.slice(1).replaceAll("/", "-"), path] as const],
  );

/**
 * What a program in a pod speaks to the API server with. kubelet would mount it at the same place, which it cannot make in a volume
 * that is mounted read-only.
 */
const accountFiles: readonly Mapping[] = [
  { serviceAccountToken: { path: "kubernetes.io/serviceaccount/token", expirationSeconds: 3600 } },
  {
    configMap: {
      name: "kube-root-ca.crt",
      items: [{ key: "ca.crt", path: "kubernetes.io/serviceaccount/ca.crt" }],
    },
  },
  {
    downwardAPI: {
      items: [{ path: "kubernetes.io/serviceaccount/namespace", fieldRef: { fieldPath: "metadata.namespace" } }],
    },
  },
];

/** @returns the volumes of a pod that belong to one container: its own memory, and its secrets; and directories of the machine. */
export function ownVolumes(deployment: Deployment, pod: Pod, part: Part): readonly Mapping[] {
  const { workload } = part;
  const secrets = secretNames(workload);
  return [
    ...scratchOf(workload).map(([name]) => ({ name, emptyDir: { medium: "Memory" } })),
    ...(secrets.length === 0
      ? []
      : [
          {
            name: secretsVolume(pod, part),
            projected: {
              defaultMode: secretsMode(pod, part),
              sources: [
                ...secrets.map((name) => ({ secret: { name, items: [{ key: "value", path: name }] } })),
                ...(changedSecrets(deployment, pod).length > 0 ? accountFiles : []),
              ],
            },
          },
        ]),
    ...devicesOf(workload).map(([name, path]) => ({ name, hostPath: { path, type: "CharDevice" } })),
  ];
}

function volumeMounts(deployment: Deployment, pod: Pod, part: Part): readonly Mapping[] {
  const { workload } = part;
  return [
    ...scratchOf(workload).map(([name, mountPath]) => ({ name, mountPath })),
    ...(secretNames(workload).length === 0
      ? []
      : [{ name: secretsVolume(pod, part), mountPath: "/run/secrets", readOnly: true }]),
    ...mountsIn(deployment, part).map(({ volume, path, writes }) => ({
      name: volume,
      mountPath: path,
      ...(writes ? {} : { readOnly: true }),
    })),
    ...devicesOf(workload).map(([name, mountPath]) => ({ name, mountPath })),
  ];
}

/** Why a container has to be privileged: none of an engine's finer rights is enough. Undefined where it has not to be. */
export function privilegedFor({ virtualized }: Deployment, { host }: Workload): string | undefined {
  const devices = (host.devices ?? []).flatMap(({ optional, privileged }) =>
    privileged !== undefined && (!optional || virtualized) ? [privileged] : [],
  );
  return host.privileged ?? devices[0];
}

/**
 * A process without any right of root, as Pod Security's `restricted` wants it, or with exactly the rights of its row. Engines give root
 * different capabilities where nothing is said, so that all are said.
 */
function securityOf(deployment: Deployment, workload: Workload, isControl: boolean): Mapping {
  const { host, account } = workload;
  const user = isControl ? {} : { runAsUser: host.root ? 0 : account.uid, runAsGroup: host.root ? 0 : account.gid };
  if (privilegedFor(deployment, workload) !== undefined) return { ...user, privileged: true };
  const profile = isControl ? {} : { seccompProfile: { type: "RuntimeDefault" } };
  const capabilities = { drop: ["ALL"], ...nonEmpty("add", host.capabilities) };
  if (host.root) {
    return { ...user, ...profile, ...(host.mounts ? { appArmorProfile: { type: "Unconfined" } } : {}), capabilities };
  }
  return { ...user, ...profile, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities };
}

/**
 * Where processors are few, each container gets them in proportion to what it asks for: what all others wait for asks for more than it
 * uses, and what no server waits for for less. Forty containers of equal weight took twice as long to start as they do with these.
 */
const weights = { first: 3, next: 2, usual: 1, last: 0.5 } as const;

/** Thousandths of a processor that a container asks for at least. */
const leastCpu = 10;

function resourcesOf({ uses, resources, priority }: Workload): Mapping {
  const limits = {
    ...nonEmpty("cpu", resources?.cpus === undefined ? undefined : String(resources.cpus)),
    ...nonEmpty("memory", resources?.memory === undefined ? undefined : quantity(resources.memory)),
  };
  const cpu = Math.max(leastCpu, Math.round(uses.cpu * weights[priority ?? "usual"]));
  // A limit without a request is the request, too.
  const requests = {
    ...(!("cpu" in limits) ? { cpu: `${cpu}m` } : {}),
    ...(!("memory" in limits) ? { memory: `${uses.memory}Mi` } : {}),
  };
  return nonEmpty("resources", { ...nonEmpty("requests", requests), ...nonEmpty("limits", limits) });
}

const hasClients = ({ ports, runs }: Workload): boolean => Object.keys(ports).length > 0 && runs === "replicas";

/** @returns seconds from the beginning of a container's end to its kill. */
export const graceOf = (workload: Workload): number =>
  workload.stop.seconds + (hasClients(workload) ? drainSeconds : 0);

/** @returns a container of a pod. */
export function containerOf(deployment: Deployment, images: Images, pod: Pod, part: Part): Mapping {
  const { workload } = part;
  const { name, service, ports } = workload;
  return {
    name,
    image: imageOf(deployment, images, workload),
    imagePullPolicy: "IfNotPresent",
    command: ["/entrypoint.sh", service],
    ...nonEmpty(
      "ports",
      Object.entries(ports).map(([key, containerPort]) => ({ name: key, containerPort })),
    ),
    ...nonEmpty("env", environmentOf(deployment, part)),
    ...resourcesOf(workload),
    securityContext: securityOf(deployment, workload, pod.runs !== "hypervisor"),
    ...probesOf(workload, deployment.waitTimeout),
    ...(hasClients(workload) ? { lifecycle: { preStop: { sleep: { seconds: drainSeconds } } } } : {}),
    // plinth writes there why it gave up; a service that crashes has only its log.
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: volumeMounts(deployment, pod, part),
  };
}
