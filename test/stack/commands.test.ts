/** What the commands of the dev stack say where it cannot be asked or started: with a script in Docker's place. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { workDirectory } from "../support/plinth.ts";

const directory = workDirectory();
const here = process.cwd();
const server = createServer();
let port = 0;

type Container = {
  readonly service: string;
  readonly state?: string;
  readonly from?: string;
  readonly project?: string;
  readonly name?: string;
  readonly ports?: string;
};

/** Lays out what the engine knows: containers, and compose.yaml's services with their ports. */
function lay(containers: readonly Container[], ports: readonly number[] = []): void {
  const own = containers.filter(({ project = "mine" }) => project === "mine");
  const rows = own.map(
    ({ service, state = "running", from = here }) => `id\t${service}\tplinth/image:1\t${state}\t${from}\tFalse\n`,
  );
  const published = containers.map(
    ({ name = "name", project = "mine", ports: each = "" }) => `${name}\t${project}\t${each}\n`,
  );
  const keystones = containers.flatMap(({ service, project = "mine" }) =>
    service === "keystone-server" ? [`${project}\n`] : [],
  );
  const services = Object.fromEntries([
    ...own.map(({ service }) => [service, { image: "plinth/image:1", command: ["x"] }]),
    [
      "web",
      {
        image: "plinth/image:1",
        command: ["x"],
        ports: ports.map((each) => ({ published: `${each}`, host_ip: "127.0.0.1" })),
      },
    ],
  ]);
  const files = { own: rows, published, keystones, config: [JSON.stringify({ services, secrets: {} })] };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text.join(""));
}

/** Networks for documentation (RFC 5737): no machine has them, so that a stack that runs beside the test is no obstacle. */
const unrouted = { STACK_NETWORK: "198.51.100", OUTSIDE_NETWORK: "203.0.113" };

/** Runs one of the commands. @returns its status and what it said. */
const run = (script: string, more: Readonly<Record<string, string>> = {}) =>
  new Promise<{ readonly status: number | null; readonly said: string }>((settle) => {
    const env = {
      ...process.env,
      PATH: `${directory}:${process.env["PATH"]}`,
      STACK: "mine",
      ENGINE: "",
      ...unrouted,
      ...more,
    };
    const child = spawn(process.execPath, [`scripts/stack/${script}.ts`], { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes) => (said += bytes));
    child.once("close", (status) => settle({ status, said: said.trim() }));
  });

before(async () => {
  const script = `#!/bin/bash
case "$*" in
  *label=com.docker.compose.project=*) cat ${directory}/own ;;
  *service=keystone-server*) cat ${directory}/keystones ;;
  *status=running*) cat ${directory}/published ;;
  *config*) cat ${directory}/config ;;
  *) echo "did: $*" ;;
esac
`;
  writeFileSync(join(directory, "docker"), script, { mode: 0o755 });
  await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
  port = (server.address() as { port: number }).port;
});
after(() => {
  server.close();
  rmSync("build/stack/mine", { recursive: true, force: true });
});

describe("where no stack is", () => {
  for (const script of ["status", "logs", "shell", "tempest"]) {
    test(`make ${script} says how one is started`, async () => {
      lay([]);
      const { status, said } = await run(script, { SERVICE: "nova-api" });
      assert.equal(status, 69);
      assert.equal(said, `make ${script}: no stack mine is here: make up starts one`);
    });
  }
  test("the message names a stack of another name", async () => {
    lay([{ service: "keystone-server", project: "other" }]);
    const { said } = await run("client");
    assert.equal(
      said,
      "make openstack: no stack mine is here: make up starts one (there is one of another name: STACK=other)",
    );
  });
});

describe("where a stack is", () => {
  const stack = [{ service: "keystone-server" }, { service: "nova-api" }, { service: "nova-db-sync", state: "exited" }];
  for (const [title, script, more, status, said] of [
    [
      "logs of a misspelt service: the nearest name",
      "logs",
      { SERVICE: "nova-apo" },
      64,
      /no service nova-apo: did you mean nova-api\?/,
    ],
    [
      "logs of a part of a name: one that has it",
      "logs",
      { SERVICE: "keystone" },
      64,
      /did you mean keystone-server\?/,
    ],
    ["logs of something else", "logs", { SERVICE: "xyz" }, 64, /no service xyz: make status lists them$/],
    ["logs of an invalid number of lines", "logs", { TAIL: "ten" }, 64, /TAIL=ten is no number of lines$/],
    [
      "logs of two, followed",
      "logs",
      { SERVICE: "nova-api keystone-server", FOLLOW: "1", TAIL: "5" },
      0,
      /^did: .* logs --no-color --follow --tail 5 nova-api keystone-server$/,
    ],
    ["logs of all", "logs", {}, 0, /^did: .* logs --no-color$/],
    ["a shell in none", "shell", {}, 64, /in which container\? make shell SERVICE=nova-api/],
    ["a shell in a misspelt one", "shell", { SERVICE: "nova-ap" }, 64, /did you mean nova-api\?/],
    ["a shell in one", "shell", { SERVICE: "nova-api" }, 0, /^did: .* exec -T nova-api bash$/],
    [
      "a shell in one that ended",
      "shell",
      { SERVICE: "nova-db-sync" },
      69,
      /nova-db-sync does not run \(exited\)\. make logs SERVICE=nova-db-sync TAIL=50 tells what it did; docker run --rm -it --entrypoint bash plinth\/image:1 opens a shell in its image\.$/,
    ],
    ["the client, whose secrets are gone", "client", {}, 69, /secrets\/admin is gone: make down, then make up$/],
  ] as const) {
    test(title, async () => {
      lay(stack);
      const ran = await run(script, more);
      assert.match(ran.said, said);
      assert.equal(ran.status, status);
    });
  }

  test("the client names the checkout of a stack that is started elsewhere", async () => {
    lay([{ service: "keystone-server", from: "/elsewhere" }]);
    assert.match((await run("client")).said, /^make openstack: the stack mine is that of \/elsewhere: go there, /);
  });

  test("the client says that keystone is stopped", async () => {
    lay([{ service: "keystone-server", state: "exited" }]);
    assert.match(
      (await run("client")).said,
      /keystone-server of the stack mine does not run \(exited\): make up starts it$/,
    );
  });
});

describe("before make up builds or starts anything", () => {
  test("nothing is reported if all ports are free", async () => {
    lay([], [1]);
    const { status, said } = await run("before");
    assert.equal(status, 0);
    assert.doesNotMatch(said, /taken/);
  });

  test("a port in use by a program is reported", async () => {
    lay([], [port, 1]);
    const { status, said } = await run("before");
    assert.equal(status, 75);
    assert.equal(said, `make up: port ${port} is taken by another program (sudo ss -ltnp shows it)`);
  });

  test("a port in use by a container is reported with the container", async () => {
    lay([{ service: "x", project: "", name: "a-database", ports: `127.0.0.1:${port}->80/tcp, [::]:9->9/tcp` }], [port]);
    assert.equal((await run("before")).said, `make up: port ${port} is taken by the container a-database`);
  });

  test("ports of another stack are reported, with how to stop it", async () => {
    const ports = `127.0.0.1:5000->5000/tcp, 127.0.0.1:${port - 1}-${port}->80/tcp`;
    lay([{ service: "keystone-server", project: "other", ports }], [port]);
    assert.equal(
      (await run("before")).said,
      `make up: port ${port} is taken by the stack other: make down STACK=other`,
    );
  });

  test("a port of the stack's own container is not an obstacle", async () => {
    lay([{ service: "web" }], [port]);
    assert.equal((await run("before")).status, 0);
  });

  test("a stack of this name from another checkout is an obstacle", async () => {
    lay([{ service: "web", from: "/elsewhere" }], [1]);
    const { status, said } = await run("before");
    assert.equal(status, 75);
    assert.match(
      said,
      /^make up: the stack mine is that of \/elsewhere: go there, or give this one another name, STACK=mine-2$/,
    );
  });
});
