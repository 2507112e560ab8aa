import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, readFileSync, statSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bakeInto, plinth, plinthRunning, sampleEnvironment, workDirectory } from "../support/plinth.ts";

const server = createServer((socket) => socket.on("error", () => {}));
before(() => once(server.listen(0, "127.0.0.1"), "listening"));
after(() => server.close());
/** The kernel accepts by itself while these tests wait for the binary. */
const port = () => (server.address() as AddressInfo).port;

describe("a server, by a URL", () => {
  test("that answers: the status is 0, and one line says so", () => {
    const { status, stdout, stderr } = plinth(["healthcheck", `tcp://127.0.0.1:${port()}`]);
    assert.deepEqual([status, stdout, stderr], [0, `tcp 127.0.0.1:${port()} is ready\n`, ""]);
  });

  test("that does not answer: the status is 75, and one line says what failed, without its password", () => {
    const { status, stdout, stderr, log } = plinth(["healthcheck", "amqp://u:s3cret@127.0.0.1:1/v"]);
    assert.deepEqual([status, stdout, log.length], [75, "", 1]);
    assert.match(log[0]?.msg ?? "", /^the service is not ready: amqp u@127\.0\.0\.1:1 vhost v: .*ECONNREFUSED/);
    assert.ok(!stderr.includes("s3cret"));
  });

  test("that does not answer yet is asked again within the time that is given", async () => {
    const late = createServer((socket) => socket.on("error", () => {}));
    await once(late.listen(0, "127.0.0.1"), "listening");
    const { port: free } = late.address() as AddressInfo;
    late.close();
    const words = ["healthcheck", `tcp://127.0.0.1:${free}`];
    const asked = plinthRunning([...words, "--within", "20"]);
    await sleep(1000);
    await once(late.listen(free, "127.0.0.1"), "listening");
    const { status, stdout } = await asked.ended;
    late.close();
    assert.deepEqual([status, stdout], [0, `tcp 127.0.0.1:${free} is ready\n`]);
    const began = performance.now();
    assert.equal(plinth([...words, "--within", "2"]).status, 75);
    const took = performance.now() - began;
    assert.ok(took > 900 && took < 5000, `${took} ms`);
  });

  test("that contains $NAME takes its value from the environment, as for waiting", () => {
    const words = ["healthcheck", "mysql://u:$PW@127.0.0.1:1/d"];
    assert.match(plinth(words, { env: { PW: "s3cret" } }).log[0]?.msg ?? "", /^the service is not ready: mysql u@127/);
    assert.equal(plinth(words).status, 64);
  });
});

test("two questions at a time and unknown arguments are usage errors", () => {
  const both = plinth(["healthcheck", "--alive", "--ready", `tcp://127.0.0.1:${port()}`]);
  assert.deepEqual([both.status, both.log[0]?.code], [64, "alive-or-ready"]);
  assert.equal(plinth(["healthcheck", "--living", `tcp://127.0.0.1:${port()}`]).status, 64);
  for (const words of [
    ["--end-hung", "--within", "5"],
    ["--within", "soon"],
  ])
    assert.equal(plinth(["healthcheck", ...words]).status, 64);
  assert.equal(plinth(["healthcheck", "--timeout", "soon", `tcp://127.0.0.1:${port()}`]).status, 64);
});

describe("a service, by the question that its start left behind", () => {
  const directory = workDirectory();
  const root = join(directory, "root");
  const file = join(root, "run/plinth/health/conductor.json");
  before(() => {
    const image = bakeInto(directory, "nova-controller", "2025.1");
    const own = `${process.getuid?.()}:${process.getgid?.()}`;
    const words = [
      "start",
      "conductor",
      "--image",
      image,
      "--root",
      root,
      "--no-wait",
      "--user",
      own,
      "--",
      "/bin/true",
    ];
    const env = { ...sampleEnvironment, SERVICE_MESSAGE_QUEUE_HOST: "127.0.0.1", SERVICE_DATABASE_HOST: "127.0.0.1" };
    const { status, stderr } = plinth(words, { env });
    assert.equal(status, 0, stderr);
  });

  test("needs neither the image nor the environment, and names no secret", () => {
    const secret = sampleEnvironment["SERVICE_MESSAGE_QUEUE_PASSWORD"] as string;
    assert.ok(readFileSync(file, "utf8").includes(secret));
    const alive = plinth(["healthcheck", "--root", root]);
    assert.equal(alive.status, 0, alive.stderr);
    assert.match(alive.stdout, /^alive, though call over the broker 127\.0\.0\.1:5672: .*\n$/);
    const ready = plinth(["healthcheck", "conductor", "--ready", "--root", root, "--timeout", "2"]);
    assert.deepEqual([ready.status, ready.log.length], [75, 1]);
    assert.match(
      ready.log[0]?.msg ?? "",
      /^the service is not ready: call over the broker .*; mysql nova@127\.0\.0\.1:3306\/nova: /,
    );
    for (const { stdout, stderr } of [alive, ready]) assert.ok(!`${stdout}${stderr}`.includes(secret));
  });

  test("cannot be read by other accounts, because it contains passwords", {
    skip: process.getuid?.() !== 0 && "needs root",
  }, () => {
    assert.equal(statSync(file).mode & 0o777, 0o640);
    chmodSync(directory, 0o755);
    const { status, log } = plinth(["healthcheck", "--root", root], { uid: 65534, gid: 65534 });
    assert.deepEqual([status, log[0]?.code], [78, "question-unreadable"]);
  });
});
