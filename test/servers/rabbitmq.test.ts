import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { endHung } from "../../src/host/health/hang.ts";
import { questionOf } from "../../src/host/health/question.ts";
import { judge } from "../../src/host/health/verdict.ts";
import { workDirectory } from "../support/plinth.ts";
import { plainSettings } from "../support/rendering.ts";
import { rabbitmq } from "../support/servers.ts";
import { behavesLikeADependency } from "./behaviour.ts";
import { passwords } from "./waiting.ts";

/** What nova-conductor is to its broker. */
const rpcServer = `
import ctypes, os, signal, time, oslo_messaging
# A call of C that keeps the interpreter's lock stops every thread, and no signal handler of Python runs: a deadlock.
signal.signal(signal.SIGUSR1, lambda *_: ctypes.PyDLL(None).sleep(300))
from oslo_config import cfg
conf = cfg.CONF; conf([])
transport = oslo_messaging.get_rpc_transport(conf, os.environ["TRANSPORT"])
target = oslo_messaging.Target(topic="conductor", server="here")
server = oslo_messaging.get_rpc_server(transport, target, [object()], executor="threading")
conf.set_override("rpc_ping_enabled", True)
oslo_messaging.get_rpc_server(transport, target, [object()], executor="threading").start()
print("started", flush=True)
while True: time.sleep(1)`;

const python = "/usr/bin/python3";
const noOslo =
  process.env["CI"] === undefined && spawnSync(python, ["-c", "import oslo_messaging"]).status !== 0
    ? "needs oslo.messaging: apt-get install python3-oslo.messaging"
    : false;

behavesLikeADependency(
  rabbitmq(passwords["RIGHT"] as string),
  (port) => `amqp://openstack:$RIGHT@127.0.0.1:${port}//openstack`,
  [
    {
      title: "with a wrong password names the refused user",
      url: (port) => `amqp://openstack:$WRONG@127.0.0.1:${port}//openstack`,
      says: /^ACCESS_REFUSED: .*user openstack$/,
    },
    {
      title: "with an unknown user names the refused user",
      url: (port) => `amqp://nobody:$RIGHT@127.0.0.1:${port}//openstack`,
      says: /^ACCESS_REFUSED: .*user nobody$/,
    },
    {
      title: "for a virtual host that does not exist names it",
      url: (port) => `amqp://openstack:$RIGHT@127.0.0.1:${port}/nowhere`,
      says: /^NOT_ALLOWED - .*vhost .*nowhere/,
    },
  ],
  (server) => {
    const rpcQuestion = () => {
      const { port } = server();
      const password = passwords["RIGHT"] as string;
      const queue = { host: "127.0.0.1", port, user: "openstack", password, virtual_host: "/openstack" };
      const row = { ask: "rpc", from: "queue", exchange: "openstack", topic: "conductor", server: "here" } as const;
      return questionOf({ alive: [row] }, [{ probe: "amqp", from: "queue" }], plainSettings({ queue }));
    };
    const startRpcServer = () => {
      const TRANSPORT = `rabbit://openstack:${passwords["RIGHT"]}@127.0.0.1:${server().port}//openstack`;
      return spawn(python, ["-c", rpcServer], {
        env: { ...process.env, TRANSPORT },
        stdio: ["ignore", "pipe", "ignore"],
      });
    };

    test("a real RPC server of oslo.messaging is alive as long as it answers, or nobody can ask it", {
      skip: noOslo,
    }, async () => {
      const question = rpcQuestion();
      const told = async () => {
        const result = await judge(question, "alive", 1500);
        return result.ok ? result.value : (result.diagnostics[0]?.what ?? "");
      };
      assert.match(
        await told(),
        /^the service is not alive: .*nobody listens at the queue conductor\.here of exchange openstack$/,
      );
      const child = startRpcServer();
      try {
        await once(child.stdout, "data");
        // The listener's own thread connects.
        await server().until(async () => (await told()) === "alive", 10_000);
        child.kill("SIGSTOP");
        assert.match(
          await told(),
          /^the service is not alive: .*no answer to a call at the queue conductor\.here within 0\.9 s$/,
        );
        child.kill("SIGCONT");
        await server().until(async () => (await told()) === "alive", 10_000);
        // Without a broker nobody can tell, and a restart would not help.
        await server().kill();
        assert.match(await told(), /^alive, though .*(?:ECONNREFUSED|ECONNRESET)/);
      } finally {
        child.kill("SIGKILL");
        server().start();
        await server().until(() => server().log.split("Server startup complete").length > 2);
      }
    });

    test("a check ends a server that is deadlocked, and not one whose broker restarted", {
      skip: noOslo,
    }, async () => {
      const path = join(workDirectory(), "conductor.json");
      const child = startRpcServer();
      const question = { ...rpcQuestion(), pid: child.pid as number };
      const ask = async (): Promise<string> => {
        const result = await endHung(question, path, "alive", 3000);
        return result.ok ? result.value : (result.diagnostics[0]?.what ?? "");
      };
      try {
        await once(child.stdout, "data");
        await server().until(async () => (await ask()) === "alive", 10_000);
        await server().kill();
        assert.match(await ask(), /^alive, though /);
        server().start();
        await server().until(() => server().log.split("Server startup complete").length > 3);
        await server().until(async () => (await ask()) === "alive", 60_000);
        assert.equal(child.signalCode, null);

        const ended = once(child, "exit");
        child.kill("SIGUSR1");
        // Its broker was away in the last two minutes, so that it may be connecting again: nothing is ended yet.
        assert.match(await ask(), /^the service is not alive: .*no answer to a call/);
        assert.equal(child.signalCode, null);
        const record = JSON.parse(readFileSync(path.replace("json", "seen"), "utf8"));
        const { away: _away, ...longAgo } = record;
        writeFileSync(path.replace("json", "seen"), JSON.stringify(longAgo));
        while (child.signalCode === null) assert.match(await ask(), /not alive/);
        assert.deepEqual(await ended, [null, "SIGKILL"]);
      } finally {
        child.kill("SIGKILL");
      }
    });
  },
);
