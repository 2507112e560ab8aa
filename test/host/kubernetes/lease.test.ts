/** The lock and the record of upgrades in a cluster, whose API is a map with the API server's rules for versions of objects. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { success } from "../../../src/diagnostics/diagnostic.ts";
import type { Ask, Cluster } from "../../../src/host/kubernetes/api.ts";
import { hold } from "../../../src/host/kubernetes/lease.ts";
import { mustBe } from "../../support/must-be.ts";

type Stored = { readonly metadata: { readonly resourceVersion: string }; readonly [key: string]: unknown };

/** @param refuses says why a request is refused. */
function openCluster(refuses: (method: string, path: string) => number | undefined = () => undefined) {
  const objects = new Map<string, Stored>();
  let version = 0;
  const answer = (status: number, body: unknown = null) =>
    success({ status, body, said: status < 300 ? "" : `status ${status}` });
  const ask: Ask = async (method, path, given) => {
    const status = refuses(method, path);
    if (status !== undefined) return answer(status);
    const body = given as { readonly metadata: { readonly name: string; readonly resourceVersion?: string } };
    const at = method === "POST" ? `${path}/${body.metadata.name}` : path;
    const there = objects.get(at);
    if (method === "GET") return there ? answer(200, there) : answer(404);
    if (method === "POST" ? there : body.metadata.resourceVersion !== there?.metadata.resourceVersion)
      return answer(409);
    version += 1;
    const stored = { ...body, metadata: { ...body.metadata, resourceVersion: String(version) } };
    objects.set(at, stored);
    return answer(200, stored);
  };
  return { cluster: { ask, asMany: 1 } satisfies Cluster, objects };
}

const take = (cluster: Cluster, by: string, within = 0, onWait: (holder: string) => void = () => {}) =>
  hold(cluster, "plinth", { by, within, onWait });
const lease = "/apis/coordination.k8s.io/v1/namespaces/plinth/leases/plinth-upgrade";
const configMap = "/api/v1/namespaces/plinth/configmaps/plinth-upgrade";

describe("the lock of upgrades in a cluster", () => {
  test("is taken and released, and what was noted is there for who takes it next", async () => {
    const { cluster } = openCluster();
    const first = mustBe(await take(cluster, "one"));
    assert.equal(first.record, "");
    mustBe(await first.note("a"));
    mustBe(await first.note("b\nc"));
    await first.release();
    const second = mustBe(await take(cluster, "two"));
    assert.deepEqual(second.record.split("\n").filter(Boolean), ["a", "b c"]);
    await second.release();
  });

  test("is not taken while somebody holds it, who is told of once", async () => {
    const { cluster } = openCluster();
    const first = mustBe(await take(cluster, "one"));
    const told: string[] = [];
    const second = await take(cluster, "two", 1500, (holder) => told.push(holder));
    await first.release();
    assert.ok(!second.ok);
    assert.equal(second.diagnostics[0]?.code, "upgrade-held");
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /^one, since 20/);
  });

  test("is free half a minute after its holder was killed", async () => {
    const { cluster, objects } = openCluster();
    const first = mustBe(await take(cluster, "one"));
    await first.release();
    const there = objects.get(lease) as Stored;
    const renewTime = new Date(Date.now() - 31_000).toISOString();
    objects.set(lease, { ...there, spec: { holderIdentity: "killed", leaseDurationSeconds: 30, renewTime } });
    const second = mustBe(await take(cluster, "two"));
    await second.release();
    objects.set(lease, {
      ...(objects.get(lease) as Stored),
      spec: {
        holderIdentity: "alive",
        leaseDurationSeconds: 30,
        renewTime: new Date(Date.now() - 20_000).toISOString(),
      },
    });
    assert.ok(!(await take(cluster, "three")).ok);
  });

  test("is lost when somebody else has written it, and a note after that fails", async () => {
    const { cluster, objects } = openCluster();
    const first = mustBe(await take(cluster, "one"));
    for (const at of [lease, configMap]) {
      const there = objects.get(at) ?? { metadata: { name: "plinth-upgrade" } };
      objects.set(at, { ...there, metadata: { ...there.metadata, resourceVersion: "stolen" } } as Stored);
    }
    const noted = await first.note("x");
    assert.ok(!noted.ok && /somebody else wrote it/.test(noted.diagnostics[0]?.what ?? ""));
    await new Promise((settle) => first.lost.addEventListener("abort", settle));
    await first.release();
  });

  for (const [status, code] of [
    [403, "cluster-forbids-upgrade"],
    [422, "cluster-refuses"],
    [500, "cluster-fails"],
  ] as const) {
    test(`says why it cannot be had: HTTP status ${status}`, async () => {
      for (const kind of ["leases", "configmaps"]) {
        const { cluster } = openCluster((_, path) => (path.includes(kind) ? status : undefined));
        const held = await take(cluster, "one");
        assert.ok(!held.ok);
        assert.equal(held.diagnostics[0]?.code, code);
      }
    });
  }
});
