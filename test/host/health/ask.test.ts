import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import type { Result } from "../../../src/diagnostics/diagnostic.ts";
import { questionOf } from "../../../src/host/health/question.ts";
import { judge, judgeTarget } from "../../../src/host/health/verdict.ts";
import { longText, methodFrame, methods, short, shortText } from "../../../src/host/protocol/amqp-frames.ts";
import type { AskRow } from "../../../src/openstack/component.ts";
import type { Json } from "../../../src/schema/json.ts";
import { type Outcome, target } from "../../../src/wait/probe.ts";
import { plainSettings } from "../../support/rendering.ts";

/** Asks one thing of a service that is this process. */
const ask = (row: AskRow, values: { readonly [key: string]: Json }, timeoutMs: number): Promise<Result<string>> =>
  judge(questionOf({ alive: [row] }, [], plainSettings(values)), "alive", timeoutMs);

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

  const rows: readonly (readonly [title: string, row: AskRow, healthy: RegExp | undefined, why: RegExp])[] = [
    [
      "is healthy when it answers as expected",
      { ask: "http", port: "{bind.port}", path: "/v3", expect: [200] },
      /^alive$/,
      /^$/,
    ],
    [
      "is asked at the address it listens on",
      { ask: "http", host: "{bind.address}", port: "{bind.port}", path: "/v3", expect: [200] },
      /^alive$/,
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
    ["is healthy by its port", { ask: "tcp", port: "{bind.port}" }, /^alive$/, /^$/],
    ["is not healthy when its port is closed", { ask: "tcp", port: "1" }, undefined, /ECONNREFUSED/],
  ];
  for (const [title, row, healthy, why] of rows) {
    test(title, async () => {
      const result = await ask(row, values, 500);
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
  const directory = mkdtempSync(join(tmpdir(), "plinth-health-"));
  const at = (name: string) => join(directory, name);
  /** What they say to whatever they are asked first; for libvirt, to each call of its. */
  const says: Readonly<Record<string, (asked: Buffer) => Buffer | string>> = {
    silent: () => "",
    control: () => JSON.stringify({ id: 0, result: "connected\n", error: null }),
    ovsdb: () => JSON.stringify({ id: 0, result: [{}], error: null }),
    "ovsdb-without": () => JSON.stringify({ id: 0, result: null, error: { error: "unknown database" } }),
    libvirt: (asked) => {
      const reply = asked.subarray(0, 28);
      reply.writeUInt32BE(28, 0);
      reply.writeUInt32BE(1, 16);
      return reply;
    },
    "libvirt-without": (asked) => {
      const text = "no QEMU here";
      const reply = Buffer.alloc(44 + text.length);
      asked.copy(reply, 0, 0, 28);
      reply.writeUInt32BE(reply.length, 0);
      reply.writeUInt32BE(1, 24);
      reply.writeUInt32BE(1, 36);
      reply.writeUInt32BE(text.length, 40);
      reply.write(text, 44);
      return reply;
    },
    idle: () => "",
    busy: () => "",
  };
  const workers = (busy: number) => JSON.stringify({ workers: [{ cores: [{ in_request: 1 }, { in_request: busy }] }] });
  const servers = Object.entries(says).map(([name, say]) =>
    createTcpServer((socket) => {
      socket.on("error", () => {});
      if (name === "idle" || name === "busy") socket.end(workers(name === "busy" ? 1 : 0));
      else socket.on("data", (asked: Buffer) => socket.write(say(asked)));
    }).listen(at(name)),
  );
  const hanging = createTcpServer((socket) => socket.on("error", () => {}).resume());
  let values: { readonly [key: string]: Json };
  before(async () => {
    await Promise.all([
      once(hanging.listen(0, "127.0.0.1"), "listening"),
      ...servers.map((each) => each.listening || once(each, "listening")),
    ]);
    values = { bind: { port: portOf(hanging) } };
    writeFileSync(at("here"), readlinkSync("/proc/self/ns/net"));
    writeFileSync(at("elsewhere"), "net:[1]\n");
  });
  after(() => {
    for (const server of [hanging, ...servers]) server.close();
    rmSync(directory, { recursive: true });
  });

  const page = { ask: "http", port: "{bind.port}", path: "/" } as const;
  const status = { ask: "control", command: "connection-status" } as const;
  const database = "Open_vSwitch";
  const rows: readonly (readonly [title: string, row: AskRow, outcome: RegExp])[] = [
    ["libvirtd", { ask: "libvirt", path: at("libvirt") }, /^alive$/],
    ["libvirtd whose driver fails", { ask: "libvirt", path: at("libvirt-without") }, /no QEMU here$/],
    ["libvirtd that hangs", { ask: "libvirt", path: at("silent") }, /no answer within/],
    ["a Unix socket", { ask: "socket", path: at("silent") }, /^alive$/],
    ["a Unix socket that does not exist", { ask: "socket", path: at("not-there") }, /ENOENT/],
    ["MariaDB that hangs", { ask: "mysql", socket: at("silent"), user: "u", query: "SELECT 1" }, /no answer within/],
    ["a program of OVN", { ...status, path: at("control"), expect: "connected" }, /^alive$/],
    ["one in another state", { ...status, path: at("control"), expect: "active" }, /says "connected", not "active"$/],
    ["one whose main loop hangs", { ...status, path: at("silent") }, /no answer within/],
    ["OVSDB", { ask: "ovsdb", path: at("ovsdb"), database }, /^alive$/],
    ["OVSDB without the database", { ask: "ovsdb", path: at("ovsdb-without"), database }, /unknown database/],
    ["OVSDB that hangs", { ask: "ovsdb", path: at("silent"), database }, /no answer within/],
    ["no OVSDB where there need be none", { ask: "ovsdb", path: at("no"), database, beside: at("no-file") }, /^alive$/],
    [
      "a page that waits while a worker is idle",
      { ...page, workers: at("idle") },
      /^the service is not alive: .*no answer within/,
    ],
    [
      "a page that waits since all are at work",
      { ...page, workers: at("busy") },
      /^alive, though .*all workers are at/,
    ],
    ["the network namespace that was noted", { ask: "namespace", file: at("here") }, /^alive$/],
    ["another network namespace", { ask: "namespace", file: at("elsewhere") }, /a network namespace that is gone/],
    ["a network namespace that nobody noted", { ask: "namespace", file: at("not-there") }, /^alive$/],
  ];
  for (const [title, row, outcome] of rows) {
    test(title, async () => {
      const result = await ask(row, values, 500);
      assert.match(result.ok ? result.value : (result.diagnostics[0]?.what ?? ""), outcome);
    });
  }
});

describe("a broker that is asked by a health check", () => {
  const start = (mechanisms: string) =>
    methodFrame(methods.start, Buffer.from([0, 9]), longText(""), longText(mechanisms), longText("en_US"));
  const close = (code: number, text: string) =>
    methodFrame(methods.close, short(code), shortText(text), short(0), short(0));
  const tlsAlert = Buffer.from([0x15, 3, 3, 0, 2, 2, 40]);
  const rows: readonly (readonly [title: string, answers: readonly Buffer[], why: RegExp])[] = [
    ["that takes AMQPLAIN only is logged in to", [start("AMQPLAIN"), close(541, "AMQPLAIN")], /AMQPLAIN \(541\)$/],
    ["that takes no password says so", [start("EXTERNAL")], /it offers EXTERNAL only$/],
    ["that speaks TLS says so", [tlsAlert], /speaks TLS on this port, and is asked for plain AMQP$/],
    [
      "that does not speak AMQP is reported with its answer",
      [Buffer.from("SSH-2.0-x\r\n")],
      /speak AMQP 0-9-1: it answers "SSH-2\.0-x"$/,
    ],
    ["that refuses the login says whose", [start("PLAIN"), close(403, "no")], /ACCESS_REFUSED: .* of user u$/],
    [
      "that has no such virtual host says which",
      [start("PLAIN"), close(530, "no")],
      /NOT_ALLOWED: there is no virtual host \/v, or user u has no permission on it$/,
    ],
    [
      "that hangs in the middle is given up",
      [start("PLAIN")],
      /accepted the connection, then no answer within 0\.5 s$/,
    ],
  ];
  for (const [title, answers, why] of rows) {
    test(title, async () => {
      const left = [...answers];
      const broker = createTcpServer((socket) => {
        socket.on("error", () => {});
        socket.on("data", () => socket.write(left.shift() ?? ""));
      });
      await once(broker.listen(0, "127.0.0.1"), "listening");
      const place = { host: "127.0.0.1", port: portOf(broker) };
      const login = { user: "u", password: "p", virtualHost: "/v" };
      const result = await judgeTarget(target({ kind: "amqp", ...place, ...login }), 500);
      broker.close();
      assert.match(result.ok ? result.value : (result.diagnostics[0]?.what ?? ""), why);
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
  const connected = (
    members: Json = [
      { host: "nobody.invalid", port: 1 },
      { host: "localhost", port },
    ],
  ) => {
    const values = { message_queue: members === null ? null : { host: null, port: 5672, members } };
    return ask({ ask: "connected", from: "message_queue" }, values, 2000);
  };
  const said = (result: Awaited<ReturnType<typeof connected>>) =>
    result.ok ? result.value : (result.diagnostics[0]?.what ?? "");
  const notConnected =
    /none of \d+ processes here holds an established connection to nobody\.invalid:1, localhost:\d+$/;

  test("is alive only while it is connected", async () => {
    assert.match(said(await connected()), notConnected);
    const child = await start(holding(port));
    assert.equal(said(await connected()), "alive");
    await end(child);
    assert.match(said(await connected()), notConnected);
  });

  test("is not alive if only another process, or the check itself, is connected", async () => {
    // This process is the one who asks.
    const { connect } = await import("node:net");
    const own = connect(port, "127.0.0.1");
    await once(own, "connect");
    assert.match(said(await connected()), notConnected);
    own.destroy();
  });

  test("is alive if its settings have no broker", async () => {
    assert.equal(said(await connected(null)), "alive");
  });

  const asking = async (...before: readonly string[]) => {
    const { stdout } = await promisify(execFile)("setpriv", [
      ...before,
      process.execPath,
      "--no-warnings",
      new URL("ask-child.ts", import.meta.url).pathname,
      `${port}`,
    ]);
    return JSON.parse(stdout) as Outcome;
  };
  const asUser = (id: number) => ["--reuid", `${id}`, "--regid", `${id}`, "--clear-groups"];

  test("is recognised by a root that cannot trace other users' processes, as in Docker", {
    skip: noSetpriv,
  }, async () => {
    const child = await start(["setpriv", ...asUser(42436), ...holding(port)]);
    const result = await asking("--bounding-set", "-sys_ptrace");
    assert.deepEqual(result, { state: "ready" });
    await end(child);
  });

  test("is recognised by its own user", { skip: noSetpriv }, async () => {
    const child = await start(["setpriv", ...asUser(42436), ...holding(port)]);
    const result = await asking(...asUser(42436));
    assert.deepEqual(result, { state: "ready" });
    await end(child);
  });

  test("is recognised by its user if its process cannot be inspected", { skip: noSetpriv }, async () => {
    const child = await start(["setpriv", ...asUser(42436), ...holding(port)]);
    const result = await asking(...asUser(42437));
    assert.deepEqual(result, { state: "ready" });
    await end(child);
  });
});
