/** What becomes of a volume on Kubernetes, by what the model says of it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, test } from "node:test";
import { filesIn, modelWith, objectsIn, type Written } from "../support/manifests.ts";
import { workDirectory } from "../support/plinth.ts";

type Storage = Readonly<Record<string, object>>;
const objectsWith = (name: string, nodes: Readonly<Record<string, Storage>>) => {
  const parameters = Object.entries(nodes).map(([node, storage]) => [node, { _workload: { storage } }]);
  return objectsIn(filesIn(modelWith(join(workDirectory(), name), Object.fromEntries(parameters))));
};

const usual = objectsIn(filesIn("model"));
const first = objectsWith("first", {
  "keystone-server": { "fernet-keys": { nfs: "nfs.example.com:/fernet", size: "1G" } },
  "glance-server": { images: { class: "cephfs", shared: true, size: "100G" } },
  "mysql-server": { database: { class: "fast" } },
  "rabbitmq-server": { queues: { directory: "/srv/queues" } },
  "nova-compute": { servers: { directory: "/srv/servers" } },
  "cinder-volume": { volumes: { nfs: "nfs.example.com:/volumes" } },
});
const second = objectsWith("second", {
  "keystone-server": { "credential-keys": { claim: "my-keys", shared: true } },
  "glance-server": { images: { directory: "/srv/images", shared: true } },
  "nova-compute": { servers: { claim: "my-servers" } },
  "cinder-volume": { volumes: { claim: "my-volumes", shared: true } },
});

/** The volume of a pod, without its name. */
function inPod(objects: Readonly<Record<string, Written>>, runner: string, volume: string): Written {
  const { template, jobTemplate } = objects[runner].spec;
  const { name, ...rest } = (template ?? jobTemplate.spec.template).spec.volumes.find(
    (one: Written) => one.name === volume,
  ) ?? { name: "" };
  return name === "" ? undefined : rest;
}
const template = (objects: Readonly<Record<string, Written>>, runner: string, volume: string): Written =>
  objects[runner].spec.volumeClaimTemplates.find(({ metadata }: Written) => metadata.name === volume)?.spec;
const claimed = (claimName: string) => ({ persistentVolumeClaim: { claimName } });
const asking = (mode: string, storage: string, more: object = {}) => ({
  accessModes: [mode],
  ...more,
  resources: { requests: { storage } },
});
const bound = (volumeName: string) => ({ storageClassName: "", volumeName });
const reserved = (namespace: string, name: string) => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  namespace,
  name,
});
const made = (mode: string, storage: string, claimRef: object, source: object) => ({
  capacity: { storage },
  accessModes: [mode],
  persistentVolumeReclaimPolicy: "Retain",
  storageClassName: "",
  claimRef,
  ...source,
});

type Row = readonly [what: string, written: () => Written, expected: unknown];
const table: readonly Row[] = [
  [
    "/run, of one start: memory",
    () => inPod(usual, "nova-controller-deployment", "run-nova-api"),
    { emptyDir: { medium: "Memory" } },
  ],
  [
    "the seed's keys: a Secret",
    () => inPod(usual, "keystone-server-deployment", "fernet-keys"),
    { secret: { secretName: "keystone-fernet-keys", defaultMode: 0o440 } },
  ],
  ["the seed's images: a claim", () => inPod(usual, "glance-server-deployment", "images"), claimed("images")],
  ["of the usual class and size, for one node", () => usual["images-pvc"].spec, asking("ReadWriteOnce", "10Gi")],
  [
    "a database: a claim for each pod",
    () => template(usual, "mysql-server-statefulset", "database"),
    asking("ReadWriteOnce", "10Gi"),
  ],
  [
    "what the control plane keeps for itself is none of a hypervisor's",
    () => inPod(usual, "compute-1-statefulset", "volumes"),
    undefined,
  ],
  [
    "nfs in place of the Secret",
    () => inPod(first, "keystone-server-deployment", "fernet-keys"),
    claimed("fernet-keys"),
  ],
  [
    "... a claim for many nodes",
    () => first["fernet-keys-pvc"].spec,
    asking("ReadWriteMany", "1Gi", bound("plinth-fernet-keys")),
  ],
  [
    "... of a volume for it alone",
    () => first["plinth-fernet-keys-pv"].spec,
    made("ReadWriteMany", "1Gi", reserved("plinth", "fernet-keys"), {
      nfs: { server: "nfs.example.com", path: "/fernet" },
    }),
  ],
  [
    "... which the job of the first keys fills",
    () => inPod(first, "keystone-keys-job", "fernet-keys"),
    claimed("fernet-keys"),
  ],
  [
    "... and the job that rotates changes",
    () => inPod(first, "keystone-fernet-rotate-cronjob", "fernet-keys"),
    claimed("fernet-keys"),
  ],
  [
    "the other keys stay a Secret",
    () => inPod(first, "keystone-server-deployment", "credential-keys"),
    { secret: { secretName: "keystone-credential-keys", defaultMode: 0o440 } },
  ],
  [
    "a class that is shared",
    () => first["images-pvc"].spec,
    asking("ReadWriteMany", "100Gi", { storageClassName: "cephfs" }),
  ],
  [
    "a class for a database",
    () => template(first, "mysql-server-statefulset", "database"),
    asking("ReadWriteOnce", "10Gi", { storageClassName: "fast" }),
  ],
  [
    "a directory on the control plane: a claim",
    () => template(first, "rabbitmq-server-statefulset", "queues"),
    asking("ReadWriteOnce", "10Gi", bound("plinth-queues-rabbitmq-server-0")),
  ],
  [
    "... of a volume for it alone",
    () => first["plinth-queues-rabbitmq-server-0-pv"].spec,
    made("ReadWriteOnce", "10Gi", reserved("plinth", "queues-rabbitmq-server-0"), {
      hostPath: { path: "/srv/queues", type: "DirectoryOrCreate" },
    }),
  ],
  [
    "a directory on a hypervisor: the seed's hostPath",
    () => inPod(first, "compute-1-statefulset", "servers"),
    { hostPath: { path: "/srv/servers", type: "DirectoryOrCreate" } },
  ],
  ["nfs for both namespaces", () => inPod(first, "cinder-volume-deployment", "volumes"), claimed("volumes")],
  ["... the hypervisors' claim", () => inPod(first, "compute-1-statefulset", "volumes"), claimed("volumes")],
  [
    "... and its volume",
    () => first["plinth-hypervisors-volumes-pv"].spec,
    made("ReadWriteMany", "10Gi", reserved("plinth-hypervisors", "volumes"), {
      nfs: { server: "nfs.example.com", path: "/volumes" },
    }),
  ],
  [
    "... each bound to its own",
    () => first["hypervisors-volumes-pvc"].spec,
    asking("ReadWriteMany", "10Gi", bound("plinth-hypervisors-volumes")),
  ],
  ["a claim that exists", () => inPod(second, "keystone-server-deployment", "credential-keys"), claimed("my-keys")],
  ["... is not written", () => second["my-keys-pvc"] ?? second["credential-keys-pvc"], undefined],
  [
    "a directory that all nodes have",
    () => second["images-pvc"].spec,
    asking("ReadWriteMany", "10Gi", bound("plinth-images")),
  ],
  ["a hypervisor's claim that exists", () => inPod(second, "compute-1-statefulset", "servers"), claimed("my-servers")],
  ["a claim in both namespaces", () => inPod(second, "compute-1-statefulset", "volumes"), claimed("my-volumes")],
];

describe("a volume on Kubernetes:", () => {
  for (const [what, written, expected] of table) test(what, () => assert.deepEqual(written(), expected));

  test("a job that creates keys is deployed if they have a volume, and cannot change Secrets", () => {
    assert.equal(usual["keystone-keys-job"], undefined);
    for (const objects of [first, second]) {
      const { spec } = objects["keystone-keys-job"].spec.template;
      assert.equal(spec.serviceAccountName, usual["keystone-db-sync-job"].spec.template.spec.serviceAccountName);
    }
  });

  test("replicas with shared storage are replaced in turn; without it the old pod ends first", () => {
    assert.equal(first["glance-server-deployment"].spec.strategy.type, "RollingUpdate");
    assert.equal(usual["glance-server-deployment"].spec.strategy.type, "Recreate");
  });
});
