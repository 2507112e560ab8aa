import assert from "node:assert/strict";
import { test } from "node:test";
import { outsideUrl } from "../../scripts/kubernetes/endpoints.ts";
import { differ, newImages } from "../../scripts/kubernetes/hypervisors.ts";
import type { KubernetesObject } from "../../scripts/kubernetes/kubectl.ts";
import type { ServiceObject, WorkloadObject } from "../../scripts/kubernetes/objects.ts";
import {
  activities,
  type EventObject,
  openOf,
  ownerOf,
  type PodObject,
  podProblem,
  rolledPods,
} from "../../scripts/kubernetes/progress.ts";
import { staleOf } from "../../scripts/kubernetes/stale.ts";

type Status = NonNullable<PodObject["status"]>;

const pod = (name: string, status: Status, owner = { kind: "StatefulSet", name: "mysql-server" }): PodObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "plinth", uid: name, ownerReferences: [owner] },
  spec: { containers: [{ name: "one", image: "plinth/one:1" }] },
  status,
});

const container = (more: object): Status => ({
  phase: "Running",
  containerStatuses: [{ name: "one", ready: false, restartCount: 0, image: "", state: {}, ...more }],
});
const ready: Status = {
  ...container({ ready: true, state: { running: {} } }),
  conditions: [{ type: "Ready", status: "True" }],
};

const plinthSaid =
  "SERVICE_DATABASE_HOST is missing, and nova-controller cannot do without\nset SERVICE_DATABASE_HOST (code=parameter-missing)";

const cases: readonly (readonly [title: string, status: Status, why: string | undefined])[] = [
  ["nothing", ready, undefined],
  [
    "the scheduler's words",
    {
      phase: "Pending",
      conditions: [
        { type: "PodScheduled", status: "False", message: "0/3 nodes are available: 3 Insufficient memory." },
      ],
    },
    "pending: 0/3 nodes are available: 3 Insufficient memory.",
  ],
  [
    "an image that cannot be pulled",
    container({ state: { waiting: { reason: "ImagePullBackOff", message: 'Back-off pulling image "x"' } } }),
    'ImagePullBackOff: Back-off pulling image "x"',
  ],
  [
    "a Secret that is missing",
    container({ state: { waiting: { reason: "CreateContainerConfigError", message: 'secret "admin" not found' } } }),
    'CreateContainerConfigError: secret "admin" not found',
  ],
  [
    "what plinth wrote when it gave up",
    container({
      state: { waiting: { reason: "CrashLoopBackOff", message: "back-off 20s" } },
      lastState: { terminated: { exitCode: 78, reason: "Error", message: plinthSaid } },
    }),
    "exit 78: set SERVICE_DATABASE_HOST (code=parameter-missing)",
  ],
  [
    "a container that was killed for its memory",
    container({
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: { exitCode: 137, reason: "OOMKilled" } },
    }),
    "out of memory",
  ],
  ["a container that is on its way", container({ state: { waiting: { reason: "ContainerCreating" } } }), "created"],
  ["a container that is not ready yet", container({ state: { running: {} } }), "running"],
];

for (const [title, status, why] of cases) {
  test(`the progress of a pod shows ${title}`, () => assert.equal(podProblem(pod("a", status)), why));
}

test("the progress of a pod without containers shows what kubelet does", () => {
  const event = (reason: string, at: string): EventObject => ({
    ...{
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: at, namespace: "plinth" },
      message: 'secret "admin" not found',
    },
    ...{ involvedObject: { kind: "Pod", name: "a" }, reason, lastTimestamp: `2026-01-01T00:00:0${at}Z` },
  });
  const creating = pod("a", container({ state: { waiting: { reason: "ContainerCreating" } } }));
  const at = (events: readonly EventObject[]) => podProblem(creating, activities(events).get("plinth a"));
  assert.equal(at([event("Scheduled", "1"), event("Pulling", "2")]), "pulling images");
  assert.equal(at([event("Pulled", "3"), event("Pulling", "2")]), "created");
  assert.equal(at([event("FailedMount", "2")]), 'FailedMount: secret "admin" not found');
  assert.equal(podProblem(pod("a", ready), "pulling images"), undefined);
});

const workload = (kind: string, name: string, spec: object, status: object = {}): WorkloadObject =>
  ({
    apiVersion: "apps/v1",
    kind,
    metadata: { name, namespace: "plinth", generation: 2 },
    spec,
    status,
  }) as WorkloadObject;

const whole = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, readyReplicas: 1 };

test("a Deployment is open until all of its pods are new and ready, and the old ones have ended", () => {
  const open = (status: object, pods: readonly PodObject[] = []): unknown =>
    openOf([workload("Deployment", "nova-api", { replicas: 1 }, status)], pods);
  assert.deepEqual(open(whole), []);
  assert.deepEqual(open({ ...whole, observedGeneration: 1 }), [["nova-api", "no pod yet"]]);
  const own = { kind: "ReplicaSet", name: "nova-api-6d4f" };
  const one = pod("nova-api-6d4f-x", ready, own);
  const labelled = { ...one, metadata: { ...one.metadata, labels: { "pod-template-hash": "6d4f" } } };
  assert.equal(ownerOf(labelled), "Deployment/nova-api");
  assert.deepEqual(open({ ...whole, replicas: 2 }, [labelled]), [["nova-api", "rolling"]]);
});

test("make kubernetes-up does not wait for a hypervisor whose pod has an older template", () => {
  const spec = { replicas: 1, updateStrategy: { type: "OnDelete" } };
  assert.deepEqual(openOf([workload("StatefulSet", "compute-1", spec, { ...whole, updatedReplicas: 0 })], []), []);
});

test("a job is open until it is complete, under the name that it has in every version of it", () => {
  const job = (conditions: readonly object[]) => workload("Job", "nova-db-sync-1a2b3c4d", {}, { conditions });
  assert.deepEqual(openOf([job([])], []), [["nova-db-sync", "jobs"]]);
  assert.deepEqual(openOf([job([{ type: "Complete", status: "True" }])], []), []);
  assert.deepEqual(openOf([job([{ type: "Failed", status: "True", message: "too often" }])], []), [
    ["nova-db-sync-1a2b3c4d", "failed: too often"],
  ]);
});

test("replaced pods are counted by workload, without additional ones and those of jobs", () => {
  const set = (name: string) => ({ kind: "StatefulSet", name });
  const before = [pod("a", ready, set("a")), pod("b", ready, set("b")), pod("j", ready, { kind: "Job", name: "j" })];
  const after = [
    pod("a", ready, set("a")),
    pod("a2", ready, set("a")),
    pod("b2", ready, set("b")),
    pod("j2", ready, { kind: "Job", name: "j" }),
  ];
  assert.deepEqual(rolledPods(before, after), { b: 1 });
});

const template = (image: string, more: object = {}) => ({
  metadata: { labels: { a: "b" }, annotations: { "plinth/pillar": image } },
  spec: { containers: [{ name: "one", image }], ...more },
});

test("a hypervisor gets new images in place, and other differences are reported", () => {
  const statefulSet = workload("StatefulSet", "compute-1", { template: template("plinth/one:2") });
  const one = pod("compute-1-0", ready);
  assert.deepEqual(newImages(statefulSet, one, new Set()), { one: "plinth/one:2" });
  // Servers end with the container that holds them.
  assert.deepEqual(newImages(statefulSet, one, new Set(["one"])), {});
  assert.equal(differ(template("plinth/one:1"), template("plinth/one:2")), false);
  assert.equal(differ(template("plinth/one:1"), template("plinth/one:1", { hostUsers: false })), true);
});

test("what the model no longer has is removed, except what holds data or servers", () => {
  const object = (kind: string, name: string, more: object = {}): KubernetesObject =>
    ({ apiVersion: "apps/v1", kind, metadata: { name, namespace: "plinth" }, ...more }) as KubernetesObject;
  const asked = [object("Job", "sync-2")];
  const hypervisor = object("StatefulSet", "compute-2", { spec: { updateStrategy: { type: "OnDelete" } } });
  const live = [
    object("Job", "sync-1"),
    object("Job", "sync-2"),
    object("PersistentVolumeClaim", "images"),
    hypervisor,
  ];
  const { removed, kept } = staleOf(asked, live);
  assert.deepEqual(
    [removed, kept].map((all) => all.map(({ metadata }) => metadata.name)),
    [["sync-1"], ["images", "compute-2"]],
  );
});

const service = (spec: object, status: object = {}): ServiceObject =>
  ({ apiVersion: "v1", kind: "Service", metadata: { name: "horizon-server" }, spec, status }) as ServiceObject;
const ports = [{ port: 80, targetPort: 8080, nodePort: 31234 }];

const urls: readonly (readonly [title: string, service: ServiceObject, url: string | undefined])[] = [
  [
    "the address of its load balancer",
    service({ ports }, { loadBalancer: { ingress: [{ ip: "192.0.2.7" }] } }),
    "http://192.0.2.7:80",
  ],
  [
    "the name of its load balancer",
    service({ ports }, { loadBalancer: { ingress: [{ hostname: "lb.example.com" }] } }),
    "http://lb.example.com:80",
  ],
  [
    "an IPv6 address",
    service({ ports }, { loadBalancer: { ingress: [{ ip: "2001:db8::7" }] } }),
    "http://[2001:db8::7]:80",
  ],
  ["an address that it names itself", service({ ports, externalIPs: ["192.0.2.8"] }), "http://192.0.2.8:80"],
  ["a port of every node, while no load balancer gave one", service({ ports }), "http://10.0.0.1:31234"],
  ["nothing, where only pods reach it", service({ ports: [{ port: 80, targetPort: 8080 }] }), undefined],
];

for (const [title, one, url] of urls) {
  test(`a service is reached at ${title}`, () => assert.equal(outsideUrl(one, 8080, "10.0.0.1"), url));
}
