import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { askHealth } from "../../../src/host/health/ask.ts";
import { questionOf } from "../../../src/host/health/question.ts";
import type { HealthRow } from "../../../src/openstack/component.ts";
import type { Json } from "../../../src/schema/json.ts";
import { plainSettings } from "../../support/rendering.ts";

const portOf = (server: Pick<Server, "address">): number => (server.address() as AddressInfo).port;

describe("a service with a page", () => {
  const server = createServer((request, response) => {
    if (request.url === "/hangs") return;
    response.statusCode = request.url === "/v3" ? 200 : 503;
    response.end();
  });
  let values: { readonly [key: string]: Json };
  before(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    values = { bind: { address: "0.0.0.0", port: portOf(server) } };
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const rows: readonly (readonly [title: string, row: HealthRow, healthy: RegExp | undefined, why: RegExp])[] = [
    [
      "is healthy when it answers as expected",
      { ask: "http", port: "{bind.port}", path: "/v3", expect: [200] },
      /is ready$/,
      /^$/,
    ],
    [
      "is asked at the address it listens on",
      { ask: "http", host: "{bind.address}", port: "{bind.port}", path: "/v3", expect: [200] },
      /127\.0\.0\.1/,
      /^$/,
    ],
    [
      "is not healthy when it answers otherwise",
      { ask: "http", port: "{bind.port}", path: "/", expect: [200, 300] },
      undefined,
      /HTTP status 503/,
    ],
    [
      "is not healthy when it accepts and never answers",
      { ask: "http", port: "{bind.port}", path: "/hangs", expect: [200] },
      undefined,
      /no answer within 0\.3 s$/,
    ],
    ["is healthy by its port", { ask: "tcp", port: "{bind.port}" }, /^tcp /, /^$/],
    ["is not healthy when its port is closed", { ask: "tcp", port: "1" }, undefined, /ECONNREFUSED/],
  ];
  for (const [title, row, healthy, why] of rows) {
    test(title, async () => {
      const result = await askHealth(questionOf(row, plainSettings(values)), 300);
      if (healthy) assert.match(result.ok ? result.value : JSON.stringify(result), healthy);
      else {
        assert.ok(!result.ok);
        assert.equal(result.diagnostics[0]?.code, "service-unhealthy");
        assert.match(result.diagnostics[0]?.what ?? "", why);
      }
    });
  }
});

describe("a service that is asked in its own protocol, or at a Unix socket", () => {
  const folder = mkdtempSync(join(tmpdir(), "plinth-health-"));
  const path = join(folder, "socket");
  const socketServer = createTcpServer((socket) => socket.on("error", () => {}));
  /** libvirtd's answer to being asked to close the connection, which it then does; and memcached's. */
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (asked: Buffer) => {
      if (asked.toString("latin1") === "version\r\n") socket.write("VERSION 1.6\r\n");
      else if (asked.readUInt32BE(4) === 0x20008086) {
        asked.writeUInt32BE(1, 16);
        socket.end(asked);
      } else socket.end("who is there?");
    });
  });
  let values: { readonly [key: string]: Json };
  before(async () => {
    await once(server.listen(0, "127.0.0.1"), "listening");
    await once(socketServer.listen(path), "listening");
    values = { bind: { address: "0.0.0.0", port: portOf(server) } };
  });
  after(() => {
    server.close();
    socketServer.close();
    rmSync(folder, { recursive: true });
  });

  const at = { host: "{bind.address}", port: "{bind.port}" };
  const rows: readonly (readonly [title: string, row: () => HealthRow, outcome: RegExp])[] = [
    ["memcached", () => ({ ask: "memcached", ...at }), /^memcached 127\.0\.0\.1:\d+ is ready$/],
    ["libvirtd", () => ({ ask: "libvirt", ...at }), /^libvirt 127\.0\.0\.1:\d+ is ready$/],
    ["a Unix socket", () => ({ ask: "socket", path }), /^socket \S+ is ready$/],
    ["a Unix socket that is not there", () => ({ ask: "socket", path: `${path}.not` }), /ENOENT/],
    ["MariaDB at a socket that is not its own", () => ({ ask: "mysql", socket: path, user: "plinth" }), /no answer/],
  ];
  for (const [title, row, outcome] of rows) {
    test(title, async () => {
      const result = await askHealth(questionOf(row(), plainSettings(values)), 300);
      assert.match(result.ok ? result.value : (result.diagnostics[0]?.what ?? ""), outcome);
    });
  }
});

/** Connects to a port and holds the connection until it is killed. */
const holding = (port: number): readonly string[] => [
  "/usr/bin/python3",
  "-c",
  `import socket, time; s = socket.create_connection(("127.0.0.1", ${port})); print("connected", flush=True); time.sleep(60)`,
];

const isRoot = process.getuid?.() === 0;
const noSetpriv = !isRoot || spawnSync("setpriv", ["--version"]).error ? "needs root and setpriv (util-linux)" : false;

describe("a service without a page, by its connection to the broker", () => {
  const broker = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  const sockets = new Set<Socket>();
  const children: ChildProcess[] = [];
  let port = 0;
  before(async () => {
    await once(broker.listen(0, "127.0.0.1"), "listening");
    port = portOf(broker);
  });
  after(() => {
    for (const child of children) child.kill("SIGKILL");
    for (const socket of sockets) socket.destroy();
    broker.close();
  });

  const start = async (words: readonly string[]): Promise<ChildProcess> => {
    const [program = "", ...rest] = words;
    const child = spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"] });
    children.push(child);
    assert.ok(child.stdout);
    const ended = once(child, "exit").then(() => assert.fail(`${program} ended`));
    await Promise.race([once(child.stdout, "data"), ended]);
    ended.catch(() => {});
    return child;
  };
  const end = async (child: ChildProcess): Promise<void> => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  const ask = () =>
    askHealth(
      questionOf(
        { ask: "broker", from: "message_queue" },
        plainSettings({
          message_queue: {
            host: null,
            port: 5672,
            members: [
              { host: "nobody.invalid", port: 1 },
              { host: "localhost", port },
            ],
          },
        }),
      ),
      1000,
    );
  const code = (result: Awaited<ReturnType<typeof ask>>) => (result.ok ? "healthy" : result.diagnostics[0]?.code);

  test("is not healthy before it is connected, is while it is, and is not after", async () => {
    assert.equal(code(await ask()), "broker-not-connected");
    const child = await start(holding(port));
    const result = await ask();
    assert.match(result.ok ? result.value : JSON.stringify(result), new RegExp(`^process ${child.pid} is connected`));
    await end(child);
    assert.equal(code(await ask()), "broker-not-connected");
  });

  test("is not healthy because somebody else, or the one who asks, is connected", async () => {
    // This process is the one who asks.
    const { connect } = await import("node:net");
    const own = connect(port, "127.0.0.1");
    await once(own, "connect");
    assert.equal(code(await ask()), "broker-not-connected");
    own.destroy();
  });

  test("is healthy when there is no broker in its settings", async () => {
    const result = await askHealth(
      questionOf({ ask: "broker", from: "message_queue" }, plainSettings({ message_queue: null })),
    );
    assert.equal(code(result), "healthy");
  });

  const asking = async (...before: readonly string[]) => {
    const { stdout } = await promisify(execFile)("setpriv", [
      ...before,
      process.execPath,
      "--no-warnings",
      new URL("ask-child.ts", import.meta.url).pathname,
      `${port}`,
    ]);
    return JSON.parse(stdout) as Awaited<ReturnType<typeof ask>>;
  };
  const asUser = (id: number) => ["--reuid", `${id}`, "--regid", `${id}`, "--clear-groups"];

  test("is seen by a root that may not trace other users' processes, as in Docker", { skip: noSetpriv }, async () => {
    const child = await start(["setpriv", ...asUser(42436), ...holding(port)]);
    const result = await asking("--bounding-set", "-sys_ptrace");
    assert.match(result.ok ? result.value : JSON.stringify(result), new RegExp(`^process ${child.pid} is connected`));
    await end(child);
  });

  test("is seen by its own user", { skip: noSetpriv }, async () => {
    const child = await start(["setpriv", ...asUser(42436), ...holding(port)]);
    const result = await asking(...asUser(42436));
    assert.match(result.ok ? result.value : JSON.stringify(result), new RegExp(`^process ${child.pid} is connected`));
    await end(child);
  });

  test("is known by its user where its process can not be looked into", { skip: noSetpriv }, async () => {
    const child = await start(["setpriv", ...asUser(42436), ...holding(port)]);
    const result = await asking(...asUser(42437));
    assert.match(result.ok ? result.value : JSON.stringify(result), /^user 42436, who runs process \d+, is connected/);
    await end(child);
  });
});
