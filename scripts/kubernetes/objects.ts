import { loadAll } from "js-yaml";
import type { KubernetesObject } from "./kubectl.ts";

/** Objects of Kubernetes, as far as the parts that are looked at here. */

type Selector = { readonly matchLabels?: Readonly<Record<string, string>> };

export type NodeTerm = {
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
};

type SecretItems = { readonly items?: readonly { readonly key: string }[]; readonly optional?: boolean };

export type Volume = {
  readonly name: string;
  readonly secret?: SecretItems & { readonly secretName: string };
  readonly projected?: { readonly sources: readonly { readonly secret?: SecretItems & { readonly name: string } }[] };
  readonly persistentVolumeClaim?: { readonly claimName: string };
};

export type ContainerSpec = { readonly name: string; readonly image: string };

export type PodSpec = {
  readonly containers: readonly ContainerSpec[];
  readonly initContainers?: readonly ContainerSpec[];
  readonly volumes?: readonly Volume[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly nodeName?: string;
  readonly tolerations?: readonly { readonly key?: string; readonly operator?: string; readonly effect?: string }[];
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: { readonly nodeSelectorTerms: readonly NodeTerm[] };
    };
    readonly podAntiAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: readonly {
        readonly topologyKey: string;
        readonly labelSelector?: Selector;
      }[];
    };
  };
};

type Template = { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> }; readonly spec: PodSpec };

/** What has pods: a Deployment, a StatefulSet, a Job, or by its own jobs a CronJob. */
export type WorkloadObject = KubernetesObject & {
  readonly spec: {
    readonly replicas?: number;
    readonly selector?: Selector;
    readonly template?: Template;
    readonly jobTemplate?: { readonly spec: { readonly template: Template } };
    readonly updateStrategy?: { readonly type?: string };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly updateRevision?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
};

export type ClaimObject = KubernetesObject & {
  readonly spec: {
    readonly accessModes: readonly string[];
    readonly storageClassName?: string;
    readonly volumeName?: string;
  };
};

export type VolumeObject = KubernetesObject & {
  readonly spec: { readonly accessModes?: readonly string[]; readonly storageClassName?: string };
  readonly status?: { readonly phase?: string };
};

export type ServiceObject = KubernetesObject & {
  readonly spec: {
    readonly type?: string;
    readonly externalIPs?: readonly string[];
    readonly ports?: readonly { readonly port: number; readonly targetPort?: number; readonly nodePort?: number }[];
  };
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] };
  };
};

const podKinds = ["Deployment", "StatefulSet", "Job", "CronJob"];

export const hasPods = (object: KubernetesObject): object is WorkloadObject => podKinds.includes(object.kind);

/** @returns the template of the pods that an object makes, and the template's path in it. */
export const templateOf = ({ spec }: WorkloadObject): Template =>
  spec.template ?? spec.jobTemplate?.spec.template ?? { spec: { containers: [] } };

/** A hypervisor: its pods end by hand only, since its servers end with them. */
export const isHypervisor = ({ kind, spec }: WorkloadObject): boolean =>
  kind === "StatefulSet" && spec.updateStrategy?.type === "OnDelete";

/** Reads what `kubectl kustomize` prints. */
export const readObjects = (text: string): readonly KubernetesObject[] =>
  (loadAll(text) as readonly (KubernetesObject | null)[]).flatMap((object) => (object ? [object] : []));

/** An object as people call it, and kubectl takes it: `statefulset.apps/compute-1`. */
export const nameOf = ({ kind, metadata }: KubernetesObject): string => `${kind.toLowerCase()}/${metadata.name}`;

/** What tells an object from all others. */
export const keyOf = ({ apiVersion, kind, metadata: { namespace = "", name } }: KubernetesObject): string =>
  `${apiVersion.replace(/\/.*|^v\d+$/, "")} ${kind} ${namespace} ${name}`;
