/** What drives an upgrade by kubectl, with a script in kubectl's place: what it asks, and what it makes of the answers. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, test } from "node:test";
import { driveKubernetes } from "../../../src/host/kubernetes/driver.ts";
import { openKubectl } from "../../../src/host/kubernetes/kubectl.ts";
import type { Unit, Units } from "../../../src/manifest/units.ts";
import { mustBe } from "../../support/must-be.ts";
import { workDirectory } from "../../support/plinth.ts";

const work = workDirectory();
const program = join(work, "kubectl");
const [calls, inputs] = [join(work, "calls"), join(work, "inputs")];

/** Lays a kubectl that writes down what it is asked and given, and answers as these cases of a shell's `case "$*"` say. */
function lay(cases: string): void {
  const keep = `echo "$*" >>${calls}\ncase "$*" in *"--filename -"*) cat >>${inputs}; echo >>${inputs} ;; esac`;
  writeFileSync(program, `#!/bin/bash\n${keep}\ncase "$*" in\n${cases}\n*) ;;\nesac\n`, { mode: 0o755 });
}
const asked = (): readonly string[] => readFileSync(calls, "utf8").trimEnd().split("\n");
// biome-ignore lint/suspicious/noExplicitAny: objects of Kubernetes, as they were handed over
const given = (): readonly any[] =>
  readFileSync(inputs, "utf8")
    .trimEnd()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
beforeEach(() => {
  writeFileSync(calls, "");
  writeFileSync(inputs, "");
});

const runnerOf = (kind: string, name: string, namespace: string, images: Readonly<Record<string, string>>) => ({
  apiVersion: "apps/v1",
  kind,
  metadata: { name, namespace },
  spec: {
    replicas: 1,
    template: { spec: { containers: Object.entries(images).map(([own, image]) => ({ name: own, image })) } },
  },
});

/** The parts of a small deployment: a pod with two services, a database, a hypervisor with two containers. */
function unitsOf(release: string): Units {
  const image = (name: string): string => `plinth/${name}:${release}`;
  const control = {
    namespace: "cloud",
    beside: [{ apiVersion: "v1", kind: "Service", metadata: { name: "x" } }],
    inPod: false,
  };
  const nova = runnerOf("Deployment", "nova-controller", "cloud", {
    "nova-api": image("nova"),
    "nova-conductor": image("nova"),
  });
  const database = runnerOf("StatefulSet", "mysql-server", "cloud", { "mysql-server": image("mysql") });
  const host = runnerOf("StatefulSet", "compute-1", "guests", {
    "nova-compute": image("compute"),
    libvirt: image("libvirt"),
  });
  const unit = (runner: typeof nova, container: string, own: string, more: object): Unit =>
    ({ ...control, runner, name: runner.metadata.name, container, image: own, ...more }) as Unit;
  const onHost = { namespace: "guests", beside: [], inPod: true };
  const policies = [
    {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "nova-db-sync", namespace: "cloud" },
    },
  ];
  const template = {
    spec: {
      restartPolicy: "OnFailure",
      containers: [{ name: "nova-db-sync", command: ["/entrypoint.sh", "db-sync"], image: image("nova") }],
    },
  };
  return {
    services: new Map([
      ["nova-api", unit(nova, "nova-api", image("nova"), {})],
      ["nova-conductor", unit(nova, "nova-conductor", image("nova"), {})],
      ["mysql-server", unit(database, "mysql-server", image("mysql"), {})],
      ["nova-compute", unit(host, "nova-compute", image("compute"), onHost)],
      ["libvirt", unit(host, "libvirt", image("libvirt"), onHost)],
    ]),
    jobs: new Map([["nova-db-sync", { namespace: "cloud", spec: { backoffLimit: 30, template }, beside: policies }]]),
    others: [
      ...(release === "1" ? [] : policies),
      { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "cleaner", labels: { release } } },
    ] as unknown as Units["others"],
  };
}

const units = { from: unitsOf("1"), to: unitsOf("2") };
lay("");
const driver = driveKubernetes({
  kubectl: openKubectl({ program: [program], context: "here" }, [`PATH=${process.env["PATH"]}`]),
  ...{ units, namespace: "cloud", within: 0, database: "mysql-server" },
  images: new Map([["plinth/nova:2", "registry/plinth/nova:2@sha256:abc"]]),
});

const pod = (state: object, more: object = {}, image = "plinth/compute:1") => ({
  kind: "Pod",
  metadata: { name: "compute-1-0", namespace: "guests" },
  spec: { containers: [{ name: "nova-compute", image }] },
  status: {
    containerStatuses: [{ name: "nova-compute", ready: true, restartCount: 0, containerID: "a", state, ...more }],
  },
});
const json = (value: unknown): string => `echo '${JSON.stringify(value)}'`;

describe("the services of a deployment in a cluster", () => {
  test("are found with their images as the plan calls them", async () => {
    const live = runnerOf("Deployment", "nova-controller", "cloud", {
      "nova-api": "registry/plinth/nova:2@sha256:abc",
      "nova-conductor": "plinth/nova:1@sha256:def",
    });
    lay(`*"--namespace cloud"*) ${json({ items: [live] })} ;;
*"--namespace guests"*) ${json({ items: [pod({ waiting: { reason: "CrashLoopBackOff" } })] })} ;;`);
    const seen = mustBe(await driver.look());
    assert.deepEqual(Object.fromEntries(seen), {
      "nova-api": { name: "nova-api", image: "plinth/nova:2", state: "running" },
      "nova-conductor": { name: "nova-conductor", image: "plinth/nova:1", state: "running" },
      "nova-compute": { name: "nova-compute", image: "plinth/compute:1", state: "CrashLoopBackOff" },
    });
  });

  test("of one pod are replaced by applying what runs it, once, with its Services", async () => {
    lay("");
    mustBe(await driver.replace(["nova-api", "nova-conductor"], "to"));
    assert.deepEqual(asked(), ["--context=here apply --server-side --force-conflicts --filename -"]);
    const [{ items }] = given();
    assert.deepEqual(
      items.map(({ kind }: { kind: string }) => kind),
      ["Service", "Deployment"],
    );
    assert.equal(items[1].spec.template.spec.containers[0].image, "plinth/nova:2");
  });

  test("on a hypervisor get another image in their pod, and in the pod after it; others keep theirs", async () => {
    const live = runnerOf("StatefulSet", "compute-1", "guests", {
      "nova-compute": "plinth/compute:1",
      libvirt: "plinth/libvirt:0",
    });
    const state = join(work, "patched");
    lay(`*"get statefulset/compute-1"*) ${json(live)} ;;
*"get pod compute-1-0"*) if [ -e ${state} ]; then ${json(pod({ running: {} }, { containerID: "b" }, "plinth/compute:2"))}; else ${json(pod({ running: {} }))}; fi ;;
*"patch pod"*) touch ${state} ;;`);
    mustBe(await driver.replace(["nova-compute"], "to"));
    const [{ items }] = given();
    assert.deepEqual(items[0].spec.template.spec.containers, [
      { name: "nova-compute", image: "plinth/compute:2" },
      { name: "libvirt", image: "plinth/libvirt:0" },
    ]);
    const patched = asked().find((line) => line.includes("patch pod compute-1-0"));
    assert.match(patched ?? "", /"containers":\[\{"name":"nova-compute","image":"plinth\/compute:2"\}\]/);
    const before = asked().length;
    mustBe(await driver.replace(["nova-compute"], "to"));
    assert.ok(
      !asked()
        .slice(before)
        .some((line) => line.includes("patch pod")),
      "it has its image already",
    );
  });

  test("are restarted by a rollout; on a hypervisor by the end of the container's first process", async () => {
    const state = join(work, "ended");
    lay(`*"get pod compute-1-0"*) if [ -e ${state} ]; then ${json(pod({ running: {} }, { containerID: "b" }))}; else ${json(pod({ running: {} }))}; fi ;;
*"exec compute-1-0"*) touch ${state} ;;`);
    mustBe(await driver.restart(["nova-api", "nova-conductor", "nova-compute"]));
    const restarts = asked().filter((line) => /rollout restart|exec/.test(line));
    assert.equal(restarts.filter((line) => line.includes("rollout restart deployment/nova-controller")).length, 1);
    assert.ok(
      restarts.some((line) =>
        line.includes("exec compute-1-0 --namespace guests --container nova-compute -- /bin/sh -c"),
      ),
    );
  });

  test("are stopped by having no pod, and waited for", async () => {
    lay("");
    mustBe(await driver.stop(["nova-api", "nova-conductor"]));
    assert.deepEqual(
      asked().map((line) => line.split(" ")[1]),
      ["scale", "wait"],
    );
  });

  test("are not removed while both releases have the pod that they are in", async () => {
    lay("");
    mustBe(await driver.remove(["nova-api"]));
    assert.deepEqual(asked(), [""]);
  });

  test("that the cluster refuses to replace are an error in kubectl's words", async () => {
    lay(`*apply*) echo "error: no such namespace" >&2; exit 1 ;;`);
    const replaced = await driver.replace(["nova-api"], "to");
    assert.ok(!replaced.ok);
    assert.equal(replaced.diagnostics[0]?.code, "kubectl-command-failed");
    assert.match(replaced.diagnostics[0]?.what ?? "", /no such namespace$/);
  });
});

describe("a service in a cluster", () => {
  for (const [what, service, cases, wanted] of [
    ["serves once its rollout is done", "nova-api", "", undefined],
    [
      "does not serve before, and says why, and how often its container was started again",
      "nova-api",
      `*"rollout status"*) echo "Waiting for it to finish"; exit 1 ;;
*"get pods"*) ${json({ items: [pod({ waiting: { reason: "CrashLoopBackOff" } }, { ready: false, restartCount: 5 })] })} ;;`,
      { reason: "nova-compute: CrashLoopBackOff; Waiting for it to finish", restarts: 5 },
    ],
    [
      "on a hypervisor serves when its own check says so",
      "nova-compute",
      `*"get pod "*) ${json(pod({ running: {} }))} ;;`,
      undefined,
    ],
    [
      "on a hypervisor does not serve while its container waits",
      "nova-compute",
      `*"get pod "*) ${json(pod({ waiting: { reason: "ErrImagePull", message: "no such tag" } }, { ready: false, restartCount: 0 }))} ;;`,
      { reason: "no such tag", restarts: 0 },
    ],
    [
      "on a hypervisor does not serve while its own check says why, whatever kubelet says",
      "nova-compute",
      `*"get pod "*) ${json(pod({ running: {} }))} ;;
*"exec compute-1-0"*healthcheck*) echo "no haproxy runs" >&2; exit 75 ;;`,
      { reason: "no haproxy runs", restarts: 0 },
    ],
    [
      "whose pod is gone does not serve",
      "nova-compute",
      "",
      { reason: "the pod compute-1-0 has no container nova-compute", restarts: 0 },
    ],
    [
      "that no manifest has does not serve",
      "nova-cert",
      "",
      { reason: "the manifests have no such service", restarts: 0 },
    ],
  ] as const) {
    test(what, async () => {
      lay(cases);
      assert.deepEqual(await driver.unready(service), wanted);
    });
  }
});

describe("a job in a cluster", () => {
  const job = {
    workload: "nova-db-sync",
    image: "plinth/nova:2",
    of: "to",
    service: "db-sync",
    command: ["x", "y"],
    accepts: [0],
  } as const;
  const ended = { items: [pod({ terminated: { exitCode: 3 } })] };

  test("runs once, with its words behind those of the manifest, and is removed", async () => {
    lay(`*"get pods"*) ${json(ended)} ;;\n*logs*) printf 'one\\n\\ntwo\\n' ;;`);
    assert.deepEqual(mustBe(await driver.runJob(job)), { status: 3, last: ["one", "two"] });
    // The older release has no policy of it.
    const [{ items }, { spec }] = given();
    assert.deepEqual(
      items.map(({ kind }: { kind: string }) => kind),
      ["NetworkPolicy"],
    );
    assert.equal(spec.backoffLimit, 0);
    assert.equal(spec.template.spec.restartPolicy, "Never");
    assert.deepEqual(spec.template.spec.containers[0].command, ["/entrypoint.sh", "db-sync", "--", "x", "y"]);
    assert.ok(asked().some((line) => line.includes("delete job plinth-upgrade-nova-db-sync-")));
  });

  test("without an image is an error that says so", async () => {
    lay(`*"get pods"*) ${json({ items: [pod({ waiting: { reason: "ErrImagePull", message: "no such tag" } })] })} ;;`);
    const ran = await driver.runJob(job);
    assert.ok(!ran.ok && /no such tag/.test(ran.diagnostics[0]?.what ?? ""));
  });
});

describe("images that no node can get", () => {
  test("are told by the names of the plan, and the pod that asked is removed", async () => {
    const statuses = [
      { name: "image-0", ready: false, restartCount: 0, state: { terminated: { exitCode: 0 } } },
      { name: "image-1", ready: false, restartCount: 0, state: { waiting: { reason: "ImagePullBackOff" } } },
    ];
    lay(`*"get pod "*) ${json({ ...pod({}), status: { containerStatuses: statuses } })} ;;`);
    assert.deepEqual(mustBe(await driver.absent(["plinth/a:2", "plinth/nova:2"])), ["plinth/nova:2"]);
    const [{ spec }] = given();
    assert.deepEqual(
      spec.containers.map(({ image }: { image: string }) => image),
      ["plinth/a:2", "registry/plinth/nova:2@sha256:abc"],
    );
    assert.ok(asked().some((line) => line.includes("delete pod plinth-upgrade-images-")));
  });
});

describe("the database in a cluster", () => {
  test("is written into a file by its own client", async () => {
    lay(`*"exec --stdin statefulset/mysql-server"*mariadb-dump*) echo "-- Dump completed on today" ;;`);
    const path = join(work, "dump.sql");
    mustBe(await driver.backUp(path));
    assert.ok(existsSync(path));
  });

  test("tells the revisions of its schemas; an image those of its migrations, in a pod that runs", async () => {
    const running = pod({ running: {} });
    const nova = {
      ...running,
      spec: { containers: [{ name: "nova-api", image: "plinth/nova:1" }] },
      status: { containerStatuses: [{ name: "nova-api", ready: true, restartCount: 0, state: { running: {} } }] },
    };
    lay(`*information_schema*) echo nova ;;
*UNION*|*version_num*) printf 'nova\\tabc\\n' ;;
*"get pods"*) ${json({ items: [nova] })} ;;
*"exec compute-1-0"*) echo "database.json:INSERT INTO x VALUES ('abc')" ;;`);
    assert.deepEqual(Object.fromEntries(mustBe(await driver.schemas())), { nova: ["abc"] });
    assert.deepEqual(Object.fromEntries(mustBe(await driver.schemasOf("plinth/nova:1"))), { database: ["abc"] });
    assert.ok(!asked().some((line) => line.includes("create")));
  });
});

test("what runs no service is applied in the end", async () => {
  lay("");
  mustBe(await driver.settle("to"));
  assert.equal(given()[0].items.at(-1).metadata.labels.release, "2");
});

test("the message for a kubectl that is not installed names KUBECTL", async () => {
  const away = driveKubernetes({
    kubectl: openKubectl({ program: ["no-such-kubectl"] }, ["PATH=/usr/bin"]),
    ...{ units, namespace: "cloud", within: 0, database: undefined, images: new Map() },
  });
  const seen = await away.look();
  assert.ok(!seen.ok);
  assert.equal(seen.diagnostics[0]?.code, "kubectl-missing");
  assert.match(seen.diagnostics[0]?.fix ?? "", /KUBECTL/);
});
