import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeNamed } from "../../scripts/stack/model.ts";
import { type Chosen, type Graph, type GraphWait, graphOf } from "../../src/graph/graph.ts";
import { withoutImplied } from "../../src/graph/implied.ts";
import { railsOf } from "../../src/graph/rails.ts";
import { mustBe } from "../support/must-be.ts";
import { deploymentOf, hostileDeployment, workload } from "./hostile.ts";

const own = mustBe(describeNamed({}));

const namesOf = (graph: Graph) => graph.images.flatMap(({ services }) => services.map(({ name }) => name));
const waitsIn = (graph: Graph) => graph.waits.map(({ from, to }) => `${from} ${to}`);

test("all of a deployment is drawn: every workload once, below its image, and every wait", () => {
  const graph = graphOf(own);
  assert.deepEqual(namesOf(graph).sort(), own.workloads.map(({ name }) => name).sort());
  for (const { name, image } of own.workloads) {
    assert.ok(graph.images.find((one) => one.name === image)?.services.some((service) => service.name === name));
  }
  assert.deepEqual(waitsIn(graph).sort(), [...new Set(own.waits.map(({ from, to }) => `${from} ${to}`))].sort());
});

test("the same deployment is always drawn the same", () => assert.deepEqual(graphOf(own), graphOf(own)));

test("a service stands below what it waits for, image by image", () => {
  const names = namesOf(graphOf(own));
  const row = (name: string) => names.indexOf(name);
  for (const [first, then] of [
    ["mysql-server", "keystone-db-sync"],
    ["keystone-db-sync", "keystone-server"],
    ["keystone-server", "keystone-catalog"],
    ["keystone-catalog", "nova-api"],
    ["nova-db-sync", "nova-cell-setup"],
    ["nova-cell-setup", "nova-api"],
    ["libvirt-compute", "nova-compute"],
  ] as const) {
    assert.ok(row(first) >= 0 && row(first) < row(then), `${first} before ${then}`);
  }
});

describe("a service shows how many there are, where, and on which ports", () => {
  const published = (port: number, target: number) => ({ address: "127.0.0.1", port, target });
  const container = (hostname: string, ports: readonly (readonly [number, number])[] = []) => {
    const [only] = workload(hostname).containers;
    assert.ok(only);
    return { ...only, published: ports.map(([port, target]) => published(port, target)) };
  };
  for (const [title, more, note, ports] of [
    ["one", {}, "", []],
    ["three", { containers: [container("a"), container("b"), container("c")] }, "×3", []],
    ["one on a hypervisor", { runs: "hypervisor", containers: [container("compute-1")] }, "on compute-1", []],
    [
      "on three hypervisors",
      { runs: "hypervisor", containers: [container("c1"), container("c2"), container("c3")] },
      "on 3 hypervisors",
      [],
    ],
    ["a job by hand", { kind: "job", byHand: true }, "by hand", []],
    ["a port inside", { ports: { api: 80 } }, "", [{ port: 80, published: [] }]],
    [
      "a port that the machine publishes, and one that only a proxy's file names",
      {
        ports: { api: 80 },
        containers: [
          container("a", [[8080, 80]]),
          container("b", [
            [8081, 80],
            [9000, 90],
          ]),
        ],
      },
      "×2",
      [
        { port: 80, published: ["127.0.0.1:8080", "127.0.0.1:8081"] },
        { port: 90, published: ["127.0.0.1:9000"] },
      ],
    ],
  ] as const) {
    test(title, () => {
      const [service] = graphOf(deploymentOf([workload("w", more)], [])).images.flatMap(({ services }) => services);
      assert.deepEqual([service?.note, service?.ports], [note, ports]);
    });
  }
});

test("a service that clients reach by a proxy says so", () => {
  const address = { parameter: "SERVICE_IMAGE_HOST", host: "proxy", port: 80, workload: "api", by: "proxy" };
  const [api] = graphOf(deploymentOf([workload("api"), workload("proxy")], [], { addresses: [address] })).images;
  assert.equal(api?.services[0]?.note, "behind proxy");
});

test("of two questions to one service the stricter applies", () => {
  const graph = graphOf(
    deploymentOf(
      [workload("a"), workload("b")],
      [
        { from: "a", to: "b", what: "tcp", optional: true },
        { from: "a", to: "b", what: "users" },
      ],
    ),
  );
  assert.deepEqual(graph.waits, [{ from: "a", to: "b", what: ["tcp", "users"], optional: false }]);
});

test("a part has the services of its images, what these wait for and what waits for them, in the order of the whole", () => {
  const part = graphOf(own, { images: ["cinder-volume"] });
  const names = namesOf(part);
  assert.deepEqual(names, ["mysql-server", "rabbitmq-server", "cinder-db-sync", "cinder-volume"]);
  assert.ok(part.waits.every(({ from, to }) => from === "cinder-volume" || to === "cinder-volume"));
});

describe("a wait that follows from others is left out", () => {
  const required = (from: string, to: string): GraphWait => ({ from, to, what: ["x"], optional: false });
  const optional = (from: string, to: string): GraphWait => ({ from, to, what: ["x"], optional: true });
  for (const [title, waits, left] of [
    ["by one step", [required("a", "b"), required("b", "c"), required("a", "c")], ["a b", "b c"]],
    [
      "by two steps",
      [required("a", "d"), required("a", "b"), required("b", "c"), required("c", "d")],
      ["a b", "b c", "c d"],
    ],
    [
      "also one that could be done without",
      [required("a", "b"), required("b", "c"), optional("a", "c")],
      ["a b", "b c"],
    ],
    [
      "not by what can be done without",
      [required("a", "b"), optional("b", "c"), required("a", "c")],
      ["a b", "b c", "a c"],
    ],
    ["not another way round", [required("a", "b"), required("c", "b"), required("a", "c")], ["c b", "a c"]],
    [
      "of a circle enough stays",
      [required("a", "b"), required("b", "a"), required("a", "c"), required("b", "c")],
      ["a b", "b a", "b c"],
    ],
  ] as const satisfies readonly (readonly [string, readonly GraphWait[], readonly string[]])[]) {
    test(title, () =>
      assert.deepEqual(
        withoutImplied(waits).map(({ from, to }) => `${from} ${to}`),
        left,
      ),
    );
  }

  test("the order of starts in the whole deployment stays the same", () => {
    const reach = (graph: Graph) => {
      const next = (name: string) => graph.waits.filter(({ from, optional }) => from === name && !optional);
      return namesOf(graph).map((name) => {
        const seen = new Set<string>();
        const walk = (from: string): void => {
          for (const { to } of next(from)) {
            if (seen.has(to)) continue;
            seen.add(to);
            walk(to);
          }
        };
        walk(name);
        return [name, [...seen].sort()];
      });
    };
    const [all, brief] = [graphOf(own), graphOf(own, { brief: true })];
    assert.deepEqual(reach(brief), reach(all));
    assert.ok(brief.waits.length < all.waits.length * 0.7, `${brief.waits.length} of ${all.waits.length}`);
  });
});

for (const [title, deployment, chosen] of [
  ["the whole deployment", own, {}],
  ["a part of it", own, { images: ["nova-controller"] }],
  ["a graph with circles", hostileDeployment, {}],
] as const satisfies readonly (readonly [string, typeof own, Chosen])[]) {
  test(`${title}: every wait is a point on a rail, and no two rails touch in a column`, () => {
    const graph = graphOf(deployment, chosen);
    const { rails, columns } = railsOf(graph);
    const names = namesOf(graph);
    const points = rails.flatMap(({ to, points }) => points.map(({ row }) => `${names[row]} ${to}`));
    assert.deepEqual(points.sort(), waitsIn(graph).sort());
    const taken = new Set<string>();
    for (const { to, row, column, points } of rails) {
      assert.equal(names[row], to);
      assert.ok(column < columns);
      const rows = [row, ...points.map((point) => point.row)];
      for (let at = Math.min(...rows); at <= Math.max(...rows); at++) {
        assert.ok(!taken.has(`${column} ${at}`), `${to} meets another rail in column ${column}`);
        taken.add(`${column} ${at}`);
      }
    }
  });
}
