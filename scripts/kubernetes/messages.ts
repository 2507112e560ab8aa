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
    fix: ({ since }) => `use a cluster of Kubernetes ${since} or newer`,
  },
  "cluster-kind-missing": {
    failure: "configuration",
    what: ({ kind, api, objects }: { kind: string; api: string; objects: readonly string[] }) =>
      `the cluster has no ${kind} of ${api}, which ${list(objects)} are`,
    fix: ({ api }) => `install what brings ${api}, or remove those objects from the overlay`,
  },
  "storage-class-none": {
    failure: "configuration",
    what: ({ volumes }: { volumes: readonly string[]; known: readonly string[] }) =>
      `the volumes ${list(volumes, 20)} name no storage class, and the cluster has no default one`,
    fix: ({ known, volumes: [volume = ""] }) =>
      known.length === 0
        ? "the cluster has no storage class at all: install a provisioner of volumes first, or give each volume a directory of a node"
        : `name one under _workload:storage, such as ${volume}: {class: ${known[0]}}, or make one the default: kubectl annotate storageclass ${known[0]} storageclass.kubernetes.io/is-default-class=true`,
  },
  "storage-class-unknown": {
    failure: "configuration",
    what: ({ volume, name }: { volume: string; name: string; known: readonly string[] }) =>
      `the volume ${volume} has the storage class ${name}, which the cluster does not have`,
    fix: ({ known }) =>
      `name another one under _workload:storage; the cluster has: ${known.length === 0 ? "none" : list(known, 20)}`,
  },
  "storage-not-shared": {
    failure: "configuration",
    what: ({ volume, name, provisioner }: { volume: string; name: string; provisioner: string }) =>
      `the volume ${volume} is shared by pods of several nodes (ReadWriteMany), and the storage class ${name} (${provisioner}) gives each volume to one node`,
    fix: ({ volume }) =>
      `name a class of a shared file system (NFS, CephFS, ...) in _workload:storage:${volume}:class, or do not share it`,
  },
  "namespace-taken": {
    failure: "configuration",
    what: ({ namespace }: { namespace: string }) =>
      `the namespace ${namespace} exists but was not created by plinth: make kubernetes-down would remove everything in it`,
    fix: ({ namespace }) =>
      `give the deployment another name (_param:deploy_name), or hand the namespace over to plinth: kubectl label namespace ${namespace} app.kubernetes.io/managed-by=plinth`,
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
    }) => `the namespace ${namespace} has the Pod Security level ${level}, which forbids ${list(workloads)}`,
    fix: ({ namespace, wanted }) =>
      `kubectl label --overwrite namespace ${namespace} pod-security.kubernetes.io/enforce=${wanted}, or give the deployment another name (_param:deploy_name)`,
  },
  "pod-refused": {
    failure: "configuration",
    what: ({ workloads, words }: { workloads: readonly string[]; words: string }) =>
      `the cluster would refuse the pods of ${list(workloads)}: ${words}`,
    fix: () => "exempt the deployment's namespaces from the cluster's admission policy",
  },
  "cluster-secret-missing": {
    failure: "configuration",
    what: ({ namespace, name, users }: { namespace: string; name: string; users: readonly string[] }) =>
      `there is no Secret ${name} in the namespace ${namespace}, which ${list(users)} need`,
    fix: () =>
      "run plinth secrets, which creates missing Secrets; create those from outside (SOPS, external-secrets) before",
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
      `the Secret ${name} in the namespace ${namespace} has no key ${key}, which ${list(users)} need; it has ${has.length === 0 ? "none" : list(has)}`,
    fix: ({ namespace, name, key }) =>
      `give it the key ${key}, or remove it to have one made: kubectl --namespace ${namespace} delete secret ${name}`,
  },
  "nodes-too-few": {
    failure: "configuration",
    what: ({ hypervisors, nodes }: { hypervisors: readonly string[]; nodes: readonly string[] }) =>
      `each of the hypervisors ${list(hypervisors)} needs a node of its own, and the cluster has ${nodes.length} that take${nodes.length === 1 ? "s" : ""} them${nodes.length === 0 ? "" : `: ${list(nodes)}`}`,
    fix: () =>
      "name fewer hypervisors, or add nodes; those that are cordoned, tainted or not ready take none (kubectl get nodes)",
  },
  "selector-changed": {
    failure: "configuration",
    what: ({ object }: { object: string; remove: string }) =>
      `${object} exists with another selector, which Kubernetes never changes`,
    fix: ({ remove }) => `remove it and its pods, then run make kubernetes-up again: ${remove}`,
  },
  "statefulset-changed": {
    failure: "configuration",
    what: ({ object, fields }: { object: string; fields: readonly string[]; remove: string }) =>
      `${object} exists with other ${list(fields)}, which Kubernetes does not change in a StatefulSet`,
    fix: ({ remove }) =>
      `remove it without its pods, which the new one adopts, then run make kubernetes-up again: ${remove}`,
  },
  "object-immutable": {
    failure: "configuration",
    what: ({ object, words }: { object: string; words: string; remove: string }) =>
      `${object} exists and cannot be changed that way: ${words}`,
    fix: ({ remove }) => `undo the change, or remove the object (and its data) first: ${remove}`,
  },
  "apply-conflict": {
    failure: "configuration",
    what: ({ object, words }: { object: string; words: string }) =>
      `another field manager has set fields of ${object}: ${words}`,
    fix: () =>
      "set the same values in the model, or leave the fields to the other manager; FORCE=1 applies the model's values",
  },
  "apply-forbidden": {
    failure: "configuration",
    what: ({ words, objects }: { words: string; objects: readonly string[] }) =>
      `the account of the kubeconfig may not create ${list(objects)}: ${words}`,
    fix: () => "ask whoever runs the cluster for that right, or for a kubeconfig that has it",
  },
  "apply-refused": {
    failure: "configuration",
    what: ({ objects, words }: { objects: readonly string[]; words: string }) =>
      `the cluster refuses ${list(objects)}: ${words}`,
    fix: () => "correct what the API server names; kubectl apply --server-side --dry-run=server shows it again",
  },
});
