/** Which Secrets a deployment wants, and which of them are made, by what there is already. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadAll } from "js-yaml";
import { describeModel, sha256, templatesIn } from "../../src/cli/describing.ts";
import { kubernetesEngine } from "../../src/deployment/engine.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { manifestFiles } from "../../src/manifest/write.ts";
import { openModel } from "../../src/model/model.ts";
import { encode, placeOf, type SecretObject } from "../../src/secrets/object.ts";
import { type Existing, faultsOf, planSecrets } from "../../src/secrets/plan.ts";
import { type WantedSecret, wantedSecrets } from "../../src/secrets/wanted.ts";
import { mustBe } from "../support/must-be.ts";

const model = mustBe(
  openModel(mustBe(openDirectory("model")), { overrides: new Map([["_param:deploy_name", "cloud"]]) }),
);
const deployment = mustBe(describeModel(model, templatesIn("config-templates"), kubernetesEngine));

describe("the Secrets of the project's own model", () => {
  const wanted = wantedSecrets(deployment);

  test("are in the namespaces of the pods that are given them, the control plane's first", () => {
    const both = wanted.filter(({ namespaces }) => namespaces.length > 1);
    for (const { namespaces } of both) assert.deepEqual(namespaces, ["cloud", "cloud-hypervisors"]);
    const used = (runsOnHypervisors: boolean) =>
      new Set(
        deployment.workloads
          .filter(({ runs }) => (runs === "hypervisor") === runsOnHypervisors)
          .flatMap(({ secrets }) => secrets.map(({ secret }) => secret)),
      );
    const named = (namespace: string) =>
      wanted.filter(({ namespaces, holds }) => holds.kind === "value" && namespaces.includes(namespace));
    for (const [namespace, onHypervisors] of [
      ["cloud", false],
      ["cloud-hypervisors", true],
    ] as const) {
      assert.deepEqual(
        named(namespace)
          .map(({ name }) => name)
          .sort(),
        [...used(onHypervisors)].sort(),
      );
    }
    assert.ok(both.some(({ name }) => name === "message-queue"));
  });

  test("are those that the pods of the manifests mount", () => {
    const objects = manifestFiles(deployment, { by: "a test", images: {}, digest: sha256 }).flatMap(({ text }) =>
      loadAll(text),
    );
    const mounted = new Set<string>();
    const look = (value: unknown, namespace: string): void => {
      if (value === null || typeof value !== "object") return;
      for (const [key, own] of Object.entries(value)) {
        // A volume of its own, and a source of a projected one.
        const name = (own as { secretName?: string; name?: string } | null)?.secretName;
        const source = key === "secret" ? (own as { name?: string }).name : undefined;
        if (name ?? source) mounted.add(placeOf(namespace, name ?? source ?? ""));
        look(own, namespace);
      }
    };
    for (const object of objects as readonly { metadata?: { namespace?: string } }[]) {
      look(object, object.metadata?.namespace ?? "");
    }
    const places = wanted.flatMap(({ name, namespaces }) => namespaces.map((namespace) => placeOf(namespace, name)));
    assert.deepEqual([...mounted].sort(), places.sort());
  });

  test("have keystone's two repositories of keys among them, in the control plane's namespace", () => {
    assert.deepEqual(
      wanted.filter(({ holds }) => holds.kind === "keys").map(({ name, namespaces }) => [name, ...namespaces]),
      [
        ["keystone-fernet-keys", "cloud"],
        ["keystone-credential-keys", "cloud"],
      ],
    );
  });

  test("are none that no pod mounts: every one has a namespace", () => {
    assert.deepEqual(
      wanted.filter(({ namespaces }) => namespaces.length === 0),
      [],
    );
  });
});

const shared: WantedSecret = {
  name: "message-queue",
  namespaces: ["cloud", "cloud-hypervisors"],
  holds: { kind: "value", made: { name: "message-queue", length: 32, alphabet: "hexadecimal" } },
};
const keys: WantedSecret = { name: "keystone-fernet-keys", namespaces: ["cloud"], holds: { kind: "keys" } };
const key = `${"k".repeat(43)}=`;

type Parts = Partial<Omit<SecretObject, "metadata" | "data">> & {
  readonly data?: Readonly<Record<string, string>>;
  readonly deleted?: true;
};

/** A Secret of the cluster; data is given as text. */
const secret = (namespace: string, { name }: WantedSecret, { data = {}, deleted, ...more }: Parts): SecretObject => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name, namespace, ...(deleted ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}) },
  data: Object.fromEntries(Object.entries(data).map(([name, text]) => [name, encode(text)])),
  ...more,
});
const there = (...secrets: readonly SecretObject[]): Existing =>
  new Map(secrets.map((one) => [placeOf(one.metadata.namespace, one.metadata.name), one]));
const plan = (wanted: WantedSecret, existing: Existing) =>
  planSecrets("cloud", [wanted], existing, { make: () => ({ value: encode("new") }), now: 1 });
const codes = (diagnostics: readonly Diagnostic[]) => diagnostics.map(({ code }) => code);

describe("a secret of two namespaces", () => {
  const both = (one: Parts, other: Parts): Existing =>
    there(secret("cloud", shared, one), secret("cloud-hypervisors", shared, other));

  const rows: readonly (readonly [title: string, existing: Existing, made: Readonly<Record<string, string>>])[] = [
    ["nowhere is made in the first only", there(), { cloud: "new" }],
    ["in the first is copied", there(secret("cloud", shared, { data: { value: "a" } })), { "cloud-hypervisors": "a" }],
    ["in the second is copied", there(secret("cloud-hypervisors", shared, { data: { value: "a" } })), { cloud: "a" }],
    ["in both is left alone", both({ data: { value: "a" } }, { data: { value: "a" } }), {}],
    ["with a line break in one is the same", both({ data: { value: "a" } }, { data: { value: "a\n" } }), {}],
    [
      "with keys that nobody reads is the same",
      both({ data: { value: "a", more: "b" } }, { data: { value: "a" } }),
      {},
    ],
    [
      "of another type, and immutable, is as good",
      both({ data: { value: "a" }, type: "x/y", immutable: true }, { data: { value: "a" } }),
      {},
    ],
  ];
  for (const [title, existing, made] of rows) {
    test(title, () => {
      const planned = mustBe(plan(shared, existing));
      assert.deepEqual(
        Object.fromEntries(
          planned.map(({ metadata, data }) => [
            metadata.namespace,
            Buffer.from(data?.["value"] ?? "", "base64").toString(),
          ]),
        ),
        made,
      );
    });
  }

  test("has the labels of all of plinth's objects, and is Opaque", () => {
    const [made] = mustBe(plan(shared, there()));
    assert.deepEqual(made?.metadata.labels, {
      "app.kubernetes.io/name": "message-queue",
      "app.kubernetes.io/instance": "cloud",
      "app.kubernetes.io/part-of": "openstack",
      "app.kubernetes.io/managed-by": "plinth",
    });
    assert.equal(made?.type, "Opaque");
  });

  test("that is encrypted in the only file is not generated again", () => {
    const sealed: Existing = new Map([[placeOf("cloud", shared.name), "sealed"]]);
    const planned = plan(shared, sealed);
    assert.deepEqual(planned.ok ? [] : codes(planned.diagnostics), ["secret-sealed"]);
    const all: Existing = new Map([...sealed, [placeOf("cloud-hypervisors", shared.name), "sealed"]]);
    assert.deepEqual(mustBe(plan(shared, all)), []);
  });

  test("with two values is reported, without the values", () => {
    const planned = plan(shared, both({ data: { value: "hunter2" } }, { data: { value: "hunter3" } }));
    assert.deepEqual(planned.ok ? [] : codes(planned.diagnostics), ["secret-differs"]);
    assert.doesNotMatch(JSON.stringify(planned), /hunter/);
  });
});

describe("a Secret that pods cannot use is reported, and nothing is created", () => {
  const large = "a".repeat(1024 * 1024 + 1);
  const rows: readonly (readonly [title: string, wanted: WantedSecret, has: Parts, says: RegExp])[] = [
    [
      "without the key",
      shared,
      { data: { password: "hunter2" } },
      /cloud\/message-queue has no key value: it has password$/,
    ],
    [
      "of another kind",
      shared,
      { data: { username: "u" }, type: "kubernetes.io/basic-auth" },
      /is of type kubernetes.io\/basic-auth/,
    ],
    ["without any key", shared, {}, /has no key value: it is empty/],
    ["with an empty value", shared, { data: { value: "" } }, /a key value that is empty/],
    ["with a line break only", shared, { data: { value: "\n" } }, /a key value that is empty/],
    ["with two lines", shared, { data: { value: "hunter2\nb" } }, /more than one line/],
    ["with a NUL byte", shared, { data: { value: "hunter2\0" } }, /NUL/],
    ["with a byte order mark", shared, { data: { value: "\ufeffhunter2" } }, /byte order mark/],
    ["too large", shared, { data: { value: large } }, /larger than 1 MiB/],
    ["being deleted", shared, { data: { value: "hunter2" }, deleted: true }, /is being deleted/],
    ["keys without a staged one", keys, { data: { "1": key } }, /no key 0/],
    ["keys of other names", keys, { data: { fernet: key, "01": key } }, /called 0, 1/],
    ["invalid keys", keys, { data: { "0": key, "1": "hunter2" } }, /no Fernet key .* below 1$/],
    ["keys with an empty one", keys, { data: { "0": "", "1": key } }, /no Fernet key .* below 0$/],
  ];
  for (const [title, wanted, has, says] of rows) {
    test(title, () => {
      const existing = there(secret("cloud", wanted, has));
      const planned = plan(wanted, existing);
      assert.ok(!planned.ok);
      assert.deepEqual(codes(planned.diagnostics), ["secret-unusable"]);
      assert.match(planned.diagnostics[0]?.what ?? "", says);
      assert.doesNotMatch(JSON.stringify(planned), /hunter/);
    });
  }

  test("binary", () => {
    const binary = {
      ...secret("cloud", shared, {}),
      data: { value: Buffer.from([0xff, 0xfe, 0x41]).toString("base64") },
    };
    const planned = plan(shared, there(binary));
    assert.match(planned.ok ? "" : (planned.diagnostics[0]?.what ?? ""), /is not UTF-8/);
  });
});

describe("what a cluster lacks", () => {
  test("is reported together: what is missing where, and what cannot be used", () => {
    const existing = there(secret("cloud", shared, {}), secret("cloud-hypervisors", shared, { data: { value: "a" } }));
    assert.deepEqual(
      faultsOf([shared, keys], existing).map(({ code, what }) => `${code}: ${what}`),
      [
        "secret-missing: the Secret cloud/keystone-fernet-keys is missing",
        "secret-unusable: the Secret cloud/message-queue has no key value: it is empty",
      ],
    );
  });

  test("is nothing if all exist", () => {
    const data = { value: "a" };
    const existing = there(
      secret("cloud", shared, { data }),
      secret("cloud-hypervisors", shared, { data }),
      secret("cloud", keys, { data: { "0": key, "1": `${key}\n` } }),
    );
    assert.deepEqual(faultsOf([shared, keys], existing), []);
  });
});
