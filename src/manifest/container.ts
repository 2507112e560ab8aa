import type { Deployment, Workload } from "../deployment/deployment.ts";
import { type Mapping, some } from "./object.ts";
import type { Part, Pod } from "./pods.ts";
import { probesOf } from "./probes.ts";
import { mountsIn, quantity, readableByGroup } from "./volumes.ts";

/** How images are called where the caller says more than the model: with a digest. */
export type Images = Readonly<Record<string, string>>;

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

/** The volume with a container's secrets. Containers of a pod that have the same ones share it. */
function secretsVolume({ parts }: Pod, { workload }: Part): string {
  const wanted = secretNames(workload).join();
  const first = parts.find((one) => secretNames(one.workload).join() === wanted);
  return `secrets-${(first as Part).workload.name}`;
}

/** Directories of the machine that a row asks for. */
function machineFolders({ host }: Workload): readonly (readonly [volume: string, path: string, type: string])[] {
  return [
    ...(host.cgroups ? [["cgroups", "/sys/fs/cgroup", "Directory"] as const] : []),
    ...(host.devices ?? []).flatMap(({ path, optional }) =>
      optional ? [] : [[`device-${path.slice(1).replaceAll("/", "-")}`, path, "CharDevice"] as const],
    ),
  ];
}

/** @returns the volumes of a pod that belong to one container: its own memory, and its secrets; and directories of the machine. */
export function ownVolumes(pod: Pod, part: Part): readonly Mapping[] {
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
              defaultMode: readableByGroup,
              sources: secrets.map((name) => ({ secret: { name, items: [{ key: "value", path: name }] } })),
            },
          },
        ]),
    ...machineFolders(workload).map(([name, path, type]) => ({ name, hostPath: { path, type } })),
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
    ...machineFolders(workload).map(([name, mountPath]) => ({ name, mountPath })),
  ];
}

/** A process without any right of root, as Pod Security's `restricted` wants it, or with exactly the rights of its row. */
function securityOf({ host, account }: Workload, isControl: boolean): Mapping {
  const user = isControl ? {} : { runAsUser: host.root ? 0 : account.uid, runAsGroup: host.root ? 0 : account.gid };
  if (host.unmasked) return { ...user, privileged: true };
  if (host.root) return { ...user, ...some("capabilities", some("add", host.capabilities)) };
  return {
    ...user,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"], ...some("add", host.capabilities) },
  };
}

function resourcesOf({ uses, resources }: Workload): Mapping {
  const limits = {
    ...some("cpu", resources?.cpus === undefined ? undefined : String(resources.cpus)),
    ...some("memory", resources?.memory === undefined ? undefined : quantity(resources.memory)),
  };
  // A limit without a request is the request, too.
  const requests = {
    ...(uses && !("cpu" in limits) ? { cpu: `${uses.cpu}m` } : {}),
    ...(uses && !("memory" in limits) ? { memory: `${uses.memory}Mi` } : {}),
  };
  return some("resources", { ...some("requests", requests), ...some("limits", limits) });
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
    ...some(
      "ports",
      Object.entries(ports).map(([key, containerPort]) => ({ name: key, containerPort })),
    ),
    ...some("env", environmentOf(deployment, part)),
    ...resourcesOf(workload),
    securityContext: securityOf(workload, pod.runs !== "hypervisor"),
    ...probesOf(workload, deployment.waitTimeout),
    ...(hasClients(workload) ? { lifecycle: { preStop: { sleep: { seconds: drainSeconds } } } } : {}),
    // plinth writes there why it gave up; a service that crashes has only its log.
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: volumeMounts(deployment, pod, part),
  };
}
