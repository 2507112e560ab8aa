import { catalog } from "../../src/diagnostics/catalog.ts";

const list = (names: readonly string[], most = 6): string =>
  names.length > most ? `${names.slice(0, most).join(", ")} and ${names.length - most} more` : names.join(", ");

/** What can be wrong with a cluster for a deployment, before anything is applied. */
export const clusterMessage = catalog({
  "cluster-too-old": {
    failure: "configuration",
    what: ({
      version,
      field,
      objects,
    }: {
      version: string;
      field: string;
      objects: readonly string[];
      since: string;
    }) => `Kubernetes ${version} does not know ${field}, which ${list(objects)} have`,
    fix: ({ since }) => `Use a cluster of Kubernetes ${since} or newer.`,
  },
  "cluster-kind-missing": {
    failure: "configuration",
    what: ({ kind, api, objects }: { kind: string; api: string; objects: readonly string[] }) =>
      `The cluster has no ${kind} of ${api}, which ${list(objects)} are`,
    fix: ({ api }) => `Install what brings ${api}, or take those objects out of the overlay.`,
  },
  "storage-class-none": {
    failure: "configuration",
    what: ({ volumes }: { volumes: readonly string[]; known: readonly string[] }) =>
      `The volumes ${list(volumes, 20)} name no storage class, and the cluster has no default one`,
    fix: ({ known, volumes: [volume = ""] }) =>
      known.length === 0
        ? "The cluster has no storage class at all: install a provisioner of volumes first, or give each volume a folder of a node."
        : `Name one below _workload:storage, such as ${volume}: {class: ${known[0]}}, or make one the default: kubectl annotate storageclass ${known[0]} storageclass.kubernetes.io/is-default-class=true`,
  },
  "storage-class-unknown": {
    failure: "configuration",
    what: ({ volume, name }: { volume: string; name: string; known: readonly string[] }) =>
      `The volume ${volume} is to be of the storage class ${name}, which the cluster has not got`,
    fix: ({ known }) =>
      `Name another one below _workload:storage. There is: ${known.length === 0 ? "none" : list(known, 20)}.`,
  },
  "storage-not-shared": {
    failure: "configuration",
    what: ({ volume, name, provisioner }: { volume: string; name: string; provisioner: string }) =>
      `The volume ${volume} is shared by pods of several nodes (ReadWriteMany), and the storage class ${name} (${provisioner}) gives each volume to one node`,
    fix: ({ volume }) =>
      `Name a class of a shared file system (NFS, CephFS, ...) in _workload:storage:${volume}:class, or do not share it.`,
  },
  "namespace-taken": {
    failure: "configuration",
    what: ({ namespace }: { namespace: string }) =>
      `The namespace ${namespace} is there, and plinth has not made it: make kubernetes-down would remove all that is in it`,
    fix: ({ namespace }) =>
      `Give the deployment another name (_param:deploy_name), or hand the namespace over: kubectl label namespace ${namespace} app.kubernetes.io/managed-by=plinth`,
  },
  "pod-security-forbids": {
    failure: "configuration",
    what: ({
      namespace,
      level,
      workloads,
    }: {
      namespace: string;
      level: string;
      wanted: string;
      workloads: readonly string[];
    }) => `The namespace ${namespace} has the Pod Security level ${level}, which forbids ${list(workloads)}`,
    fix: ({ namespace, wanted }) =>
      `kubectl label --overwrite namespace ${namespace} pod-security.kubernetes.io/enforce=${wanted}, or give the deployment another name (_param:deploy_name).`,
  },
  "pod-refused": {
    failure: "configuration",
    what: ({ workloads, words }: { workloads: readonly string[]; words: string }) =>
      `The cluster would refuse the pods of ${list(workloads)}: ${words}`,
    fix: () => "An admission policy of the cluster says so: exempt the deployment's namespaces from it.",
  },
  "cluster-secret-missing": {
    failure: "configuration",
    what: ({ namespace, name, users }: { namespace: string; name: string; users: readonly string[] }) =>
      `There is no Secret ${name} in the namespace ${namespace}, which ${list(users)} want`,
    fix: () =>
      "plinth secrets makes those that are missing; what comes from outside (SOPS, external-secrets) must be there before.",
  },
  "secret-key-missing": {
    failure: "configuration",
    what: ({
      namespace,
      name,
      key,
      users,
      has,
    }: {
      namespace: string;
      name: string;
      key: string;
      users: readonly string[];
      has: readonly string[];
    }) =>
      `The Secret ${name} in the namespace ${namespace} has no key ${key}, which ${list(users)} want; it has ${has.length === 0 ? "none" : list(has)}`,
    fix: ({ namespace, name, key }) =>
      `Give it the key ${key}, or remove it to have one made: kubectl --namespace ${namespace} delete secret ${name}`,
  },
  "nodes-too-few": {
    failure: "configuration",
    what: ({ hypervisors, nodes }: { hypervisors: readonly string[]; nodes: readonly string[] }) =>
      `Each of the hypervisors ${list(hypervisors)} is to have a node of its own, and the cluster has ${nodes.length} that take${nodes.length === 1 ? "s" : ""} them${nodes.length === 0 ? "" : `: ${list(nodes)}`}`,
    fix: () =>
      "Name fewer hypervisors, or add nodes; those that are cordoned, tainted or not ready take none (kubectl get nodes).",
  },
  "selector-changed": {
    failure: "configuration",
    what: ({ object }: { object: string; remove: string }) =>
      `${object} is there with another selector, which Kubernetes never changes`,
    fix: ({ remove }) => `Remove it, and its pods with it, then make kubernetes-up again: ${remove}`,
  },
  "statefulset-changed": {
    failure: "configuration",
    what: ({ object, fields }: { object: string; fields: readonly string[]; remove: string }) =>
      `${object} is there with other ${list(fields)}, which Kubernetes does not change in a StatefulSet`,
    fix: ({ remove }) =>
      `Remove it without its pods, which the new one takes over, then make kubernetes-up again: ${remove}`,
  },
  "object-immutable": {
    failure: "configuration",
    what: ({ object, words }: { object: string; words: string; remove: string }) =>
      `${object} is there, and cannot be changed like that: ${words}`,
    fix: ({ remove }) => `Take the change back, or remove the object (and what it holds) first: ${remove}`,
  },
  "apply-conflict": {
    failure: "configuration",
    what: ({ object, words }: { object: string; words: string }) =>
      `Somebody else has set fields of ${object}: ${words}`,
    fix: () => "Say the same in the model or leave the field to them; FORCE=1 makes it what the model says.",
  },
  "apply-forbidden": {
    failure: "configuration",
    what: ({ words, objects }: { words: string; objects: readonly string[] }) =>
      `The account of the kubeconfig may not make ${list(objects)}: ${words}`,
    fix: () => "Ask whoever runs the cluster for that right, or for a kubeconfig that has it.",
  },
  "apply-refused": {
    failure: "configuration",
    what: ({ objects, words }: { objects: readonly string[]; words: string }) =>
      `The cluster refuses ${list(objects)}: ${words}`,
    fix: () => "The words are the API server's own; kubectl apply --server-side --dry-run=server tells them again.",
  },
});
