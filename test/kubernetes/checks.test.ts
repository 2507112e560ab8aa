/** What is told of a cluster before anything is applied: the objects are those of the project's model, the clusters are made up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { madeSecrets } from "../../scripts/kubernetes/check.ts";
import { ageTroubles } from "../../scripts/kubernetes/checks/age.ts";
import { changedParts, refusedPods, translate } from "../../scripts/kubernetes/checks/dry-run.ts";
import type { Facts, NodeObject } from "../../scripts/kubernetes/checks/facts.ts";
import { namespaceTroubles } from "../../scripts/kubernetes/checks/namespaces.ts";
import { nodeTroubles } from "../../scripts/kubernetes/checks/nodes.ts";
import { secretTroubles } from "../../scripts/kubernetes/checks/secrets.ts";
import { storageTroubles } from "../../scripts/kubernetes/checks/storage.ts";
import { placesIn } from "../../scripts/kubernetes/checks/where.ts";
import type { KubernetesObject } from "../../scripts/kubernetes/kubectl.ts";
import { type ClaimObject, readObjects, type WorkloadObject } from "../../scripts/kubernetes/objects.ts";
import { describeNamed, openNamed } from "../../scripts/stack/model.ts";
import { sha256 } from "../../src/cli/describing.ts";
import { kubernetesEngine } from "../../src/deployment/engine.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { manifestFiles } from "../../src/manifest/write.ts";
import { mustBe } from "../support/must-be.ts";

const described = mustBe(describeNamed({}, kubernetesEngine));
const objects = manifestFiles(described, { by: "a test", images: {}, digest: sha256 })
  .filter(({ name }) => name.endsWith(".yml"))
  .flatMap(({ text }) => readObjects(text));
const where = placesIn(mustBe(openNamed({})));

const named = (name: string, more: object = {}): KubernetesObject & Record<string, unknown> => ({
  ...{ apiVersion: "v1", kind: "Thing", metadata: { name } },
  ...more,
});

const local = named("local", { provisioner: "kubernetes.io/no-provisioner" }) as unknown as Facts["classes"][number];
const usual = {
  ...local,
  metadata: { name: "local", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
} as Facts["classes"][number];

const node = (name: string, spec: object = {}): NodeObject =>
  ({ ...named(name), metadata: { name, labels: { "kubernetes.io/hostname": name } }, spec }) as NodeObject;

/** A cluster in which nothing is in the way. */
const good: Facts = {
  version: { minor: 36, text: "v1.36.3" },
  nodes: [node("node1"), node("node2")],
  classes: [usual],
  volumes: [],
  namespaces: [],
  claims: [],
  workloads: [],
  secrets: new Map(),
};

const made = madeSecrets(described);

const all = (facts: Facts, asked: readonly KubernetesObject[] = objects): readonly Diagnostic[] => [
  ...ageTroubles(asked, facts),
  ...namespaceTroubles(asked, facts, where),
  ...nodeTroubles(asked, facts, where),
  ...storageTroubles(asked, facts, where),
  ...secretTroubles(asked, facts, made),
];

test("a complete cluster gives no message", () => assert.deepEqual(all(good), []));

const claim = (name: string, spec: object): ClaimObject =>
  ({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: "plinth" },
    spec: { accessModes: ["ReadWriteMany"], ...spec },
  }) as unknown as ClaimObject;

const label = (level: string, more: object = {}) =>
  ({
    ...named("plinth-hypervisors"),
    metadata: {
      name: "plinth-hypervisors",
      labels: { "pod-security.kubernetes.io/enforce": level, "app.kubernetes.io/managed-by": "plinth", ...more },
    },
  }) as KubernetesObject;

type Case = {
  readonly title: string;
  readonly facts?: Partial<Facts>;
  readonly objects?: readonly KubernetesObject[];
  /** The codes, in their order, and words of what is told. */
  readonly told: readonly (readonly [code: string, words: RegExp])[];
};

const cases: readonly Case[] = [
  {
    title: "a release that lacks a field",
    facts: { version: { minor: 29, text: "v1.29.4" } },
    told: [
      ["cluster-too-old", /v1\.29\.4 does not know .*lifecycle\.preStop\.sleep.*deployment\/.*fix: .*1\.30/],
      ["cluster-too-old", /v1\.29\.4 does not know .*securityContext\.appArmorProfile.*statefulset\/compute-1/],
    ],
  },
  {
    title: "no storage class at all",
    facts: { classes: [] },
    told: [["storage-class-none", /name no storage class.*fix: .*install a provisioner/]],
  },
  {
    title: "none that is the default",
    facts: { classes: [local] },
    told: [["storage-class-none", /name no storage class.*\{class: local\}.*kubectl annotate storageclass local/]],
  },
  {
    title: "a class that the cluster has not got",
    objects: [claim("images", { storageClassName: "fast" })],
    told: [["storage-class-unknown", /images has the storage class fast.*the cluster has: local/]],
  },
  {
    title: "a class of block devices for a shared volume",
    objects: [claim("images", { storageClassName: "local" })],
    told: [
      [
        "storage-not-shared",
        /images is shared.*local \(kubernetes\.io\/no-provisioner\).*_workload:storage:images:class/,
      ],
    ],
  },
  {
    title: "the same class, where somebody offers a volume that is shared",
    objects: [claim("images", { storageClassName: "local" })],
    facts: {
      volumes: [
        named("nfs", {
          spec: { storageClassName: "local", accessModes: ["ReadWriteMany"] },
          status: { phase: "Available" },
        }) as unknown as Facts["volumes"][number],
      ],
    },
    told: [],
  },
  {
    title: "a claim that is bound already, whatever its class",
    objects: [claim("images", { storageClassName: "gone" })],
    facts: { claims: [claim("images", {})] },
    told: [],
  },
  {
    title: "a claim for a volume of one's own",
    objects: [claim("images", { storageClassName: "", volumeName: "plinth-images" })],
    facts: { classes: [] },
    told: [],
  },
  {
    title: "a namespace whose Pod Security level forbids the hypervisor",
    facts: { namespaces: [label("restricted")] },
    told: [
      [
        "pod-security-forbids",
        /plinth-hypervisors has the Pod Security level restricted, which forbids statefulset\/compute-1.*enforce=privileged.*example\.yml/,
      ],
    ],
  },
  {
    title: "a namespace of another owner",
    facts: { namespaces: [label("privileged", { "app.kubernetes.io/managed-by": "Helm" })] },
    told: [["namespace-taken", /plinth-hypervisors exists but was not created by plinth/]],
  },
  {
    title: "its own namespaces, from an earlier run",
    facts: { namespaces: [label("privileged")] },
    told: [],
  },
  {
    title: "fewer nodes than hypervisors",
    facts: { nodes: [node("node1", { unschedulable: true })] },
    told: [["nodes-too-few", /hypervisors compute-1 .*has 0 that take them.*example\.yml/]],
  },
  {
    title: "a node with a taint",
    facts: { nodes: [node("node1", { taints: [{ key: "gpu", effect: "NoSchedule" }] })] },
    told: [["nodes-too-few", /has 0/]],
  },
  {
    title: "a Secret that lacks its key",
    facts: { secrets: new Map([["plinth/database-glance", ["password"]]]) },
    told: [
      [
        "secret-key-missing",
        /database-glance in the namespace plinth has no key value, which .*glance.*; it has password/,
      ],
    ],
  },
  {
    title: "a Secret that nothing makes",
    objects: objects.map((object) =>
      object.metadata.name === "glance-server" && object.kind === "Deployment"
        ? (JSON.parse(JSON.stringify(object).replaceAll('"database-glance"', '"my-own"')) as KubernetesObject)
        : object,
    ),
    told: [["cluster-secret-missing", /no Secret my-own in the namespace plinth, which deployment\/glance-server/]],
  },
];

const textOf = ({ what, fix, place }: Diagnostic): string =>
  `${what} fix: ${fix} ${place?.kind === "document" ? `${place.file}:${place.line}` : ""}`;

for (const { title, facts, objects: asked, told } of cases) {
  test(`a check reports ${title}`, () => {
    const found = all({ ...good, ...facts }, asked);
    assert.deepEqual(
      found.map(({ code }) => code),
      told.map(([code]) => code),
    );
    for (const [index, [, words]] of told.entries()) assert.match(textOf(found[index] as Diagnostic), words);
  });
}

const isRunner = (name: string) => (object: KubernetesObject) =>
  object.metadata.name === name && ["StatefulSet", "Deployment"].includes(object.kind);
const mysql = objects.find(isRunner("mysql-server")) as WorkloadObject;
const keystone = objects.find(isRunner("keystone-server")) as WorkloadObject;
const changed = (object: WorkloadObject, more: object): WorkloadObject =>
  ({ ...object, spec: { ...object.spec, ...more } }) as WorkloadObject;

test("changed immutable fields of a StatefulSet are reported, and defaults of the API server are not", () => {
  const filled = changed(mysql, {
    podManagementPolicy: "OrderedReady",
    volumeClaimTemplates: (
      mysql as unknown as { spec: { volumeClaimTemplates: readonly { spec: object }[] } }
    ).spec.volumeClaimTemplates.map((one) => ({
      ...one,
      status: { phase: "Pending" },
      spec: { ...one.spec, volumeMode: "Filesystem" },
    })),
  });
  assert.deepEqual(changedParts(mysql, filled), []);
  assert.deepEqual(changedParts(mysql, changed(mysql, { serviceName: "other" })), ["serviceName"]);
  assert.deepEqual(changedParts(mysql, changed(mysql, { volumeClaimTemplates: [] })), ["volumeClaimTemplates"]);
});

/** What kubectl 1.36 adds to each conflict. */
const advice = `Please review the fields above--they currently have other managers. Here
are the ways you can resolve this warning:
* If you intend to manage all of these fields, please re-run the apply
  command with the \`--force-conflicts\` flag.
* If you do not intend to manage all of the fields, please edit your
  manifest to remove references to the fields that should keep their
  current managers.
* You may co-own fields by updating your manifest to match the existing
  value; in this case, you'll become the manager if the other manager(s)
  stop managing the field (remove it from their configuration).
See https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts`;

/** What the API server of 1.36 said, word for word. */
const refusals: readonly (readonly [
  title: string,
  object: KubernetesObject,
  said: string,
  code: string,
  words: RegExp,
])[] = [
  [
    "a selector",
    keystone,
    'The Deployment "keystone-server" is invalid: spec.selector: Invalid value: {"matchLabels":{"a":"c"}}: field is immutable',
    "selector-changed",
    /deployment\/keystone-server exists with another selector.*kubectl --namespace plinth delete deployment keystone-server/,
  ],
  [
    "a StatefulSet",
    mysql,
    `The StatefulSet "mysql-server" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden`,
    "statefulset-changed",
    /statefulset\/mysql-server exists with other serviceName.*delete statefulset mysql-server --cascade=orphan/,
  ],
  [
    "a field that it does not know",
    keystone,
    "Error from server: failed to create typed patch object (plinth/keystone-server; apps/v1, Kind=Deployment): .spec.template.spec.shiny: field not declared in schema",
    "cluster-too-old",
    /v1\.36\.3 does not know spec\.template\.spec\.shiny, which deployment\/keystone-server/,
  ],
  [
    "a kind that it does not know",
    named("route", { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" }),
    'error: resource mapping not found for name: "route" namespace: "plinth" from "STDIN": no matches for kind "HTTPRoute" in version "gateway.networking.k8s.io/v1"\nensure CRDs are installed first',
    "cluster-kind-missing",
    /no HTTPRoute of gateway\.networking\.k8s\.io\/v1/,
  ],
  [
    "a right that the account lacks",
    keystone,
    'Error from server (Forbidden): deployments.apps "keystone-server" is forbidden: User "guest" cannot patch resource "deployments" in API group "apps" in the namespace "plinth"',
    "apply-forbidden",
    /User "guest" cannot patch/,
  ],
  [
    "a field that another manager has set",
    keystone,
    `error: Apply failed with 1 conflict: conflict with "kubectl" with subresource "scale" using apps/v1: .spec.replicas\n${advice}`,
    "apply-conflict",
    /: Apply failed with 1 conflict: conflict with "kubectl" .*\.spec\.replicas fix: .*FORCE=1/,
  ],
  [
    "several of them",
    keystone,
    `error: Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using apps/v1:\n- .spec.replicas\n- .spec.revisionHistoryLimit\n${advice}`,
    "apply-conflict",
    /using apps\/v1: - \.spec\.replicas - \.spec\.revisionHistoryLimit fix: /,
  ],
  [
    "another storage class of a claim that exists",
    claim("images", { storageClassName: "shared" }),
    `The PersistentVolumeClaim "images" is invalid: spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims
@@ -10,7 +10,7 @@
   }
  },
  "VolumeName": "",
- "StorageClassName": "local",
+ "StorageClassName": "shared",
  "VolumeMode": "Filesystem",
  "DataSource": null,
  "DataSourceRef": null,
`,
    "object-immutable",
    /cannot be changed that way: .*for bound claims fix: .*delete persistentvolumeclaim images/,
  ],
  [
    "another template of a Job that exists",
    named("job", { kind: "Job", apiVersion: "batch/v1" }),
    'The Job "job" is invalid: spec.template.spec: Invalid value: {"Volumes":null,"InitContainers":null,"Containers":[{"Name":"one","Image":"other"}],"RestartPolicy":"Never"}: field is immutable',
    "object-immutable",
    /cannot be changed that way: The Job "job" is invalid: spec\.template\.spec: field is immutable fix: /,
  ],
  [
    "what a policy of the cluster forbids",
    keystone,
    "The deployments \"keystone-server\" is invalid: : ValidatingAdmissionPolicy 'record' with binding 'record' denied request: no",
    "apply-refused",
    /ValidatingAdmissionPolicy 'record' with binding 'record' denied request: no/,
  ],
  [
    "what nobody foresaw (this one is not recorded: it takes a webhook)",
    keystone,
    'Error from server: admission webhook "policy.example.com" denied the request: no',
    "apply-refused",
    /admission webhook "policy\.example\.com" denied the request: no/,
  ],
];

for (const [title, object, said, code, words] of refusals) {
  test(`translated: the API server refuses ${title}`, () => {
    const live =
      code === "selector-changed"
        ? [changed(keystone, { selector: { matchLabels: { a: "b" } } })]
        : [changed(mysql, { serviceName: "other" })];
    const told = translate({ object, said }, { workloads: live, version: good.version });
    assert.equal(told.code, code);
    assert.match(textOf(told), words);
  });
}

test("refused pods are reported by their workload, and mere counts of pods are not", () => {
  // What the API server of 1.36 said, word for word.
  const said = `Error from server (Forbidden): error when creating "STDIN": pods "try-deployment-keystone-server" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "one" must set securityContext.allowPrivilegeEscalation=false)
The pods "try-deployment-glance-server" is invalid: : ValidatingAdmissionPolicy 'record' with binding 'record' denied request: no
Error from server (Forbidden): error when creating "STDIN": pods "try-deployment-heat-server" is forbidden: exceeded quota: quota, requested: pods=1, used: pods=2, limited: pods=0
`;
  assert.deepEqual(refusedPods(said), [
    [
      "deployment/keystone-server",
      'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "one" must set securityContext.allowPrivilegeEscalation=false)',
    ],
    ["deployment/glance-server", "ValidatingAdmissionPolicy 'record' with binding 'record' denied request: no"],
  ]);
});
