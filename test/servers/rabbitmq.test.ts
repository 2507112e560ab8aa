import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { askBroker } from "../../src/host/health/broker.ts";
import { rabbitmq } from "../support/servers.ts";
import { behavesLikeADependency } from "./behaviour.ts";
import { passwords } from "./waiting.ts";

/** What nova-conductor is to its broker. */
const rpcServer = `
import os, time, oslo_messaging
from oslo_config import cfg
conf = cfg.ConfigOpts(); conf([])
transport = oslo_messaging.get_rpc_transport(conf, os.environ["TRANSPORT"])
target = oslo_messaging.Target(topic="conductor", server="here")
oslo_messaging.get_rpc_server(transport, target, [object()], executor="threading").start()
print("started", flush=True); time.sleep(60)`;

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
      title: "with a wrong password tells who was refused",
      url: (port) => `amqp://openstack:$WRONG@127.0.0.1:${port}//openstack`,
      says: /^ACCESS_REFUSED: .*user openstack$/,
    },
    {
      title: "with an unknown user tells who was refused",
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
    test("a real RPC server of oslo.messaging is healthy exactly as long as it is connected", {
      skip: noOslo,
    }, async () => {
      const { port } = server();
      const broker = [{ host: "127.0.0.1", port }];
      const TRANSPORT = `rabbit://openstack:${passwords["RIGHT"]}@127.0.0.1:${port}//openstack`;
      const child = spawn(python, ["-c", rpcServer], {
        env: { ...process.env, TRANSPORT },
        stdio: ["ignore", "pipe", "ignore"],
      });
      try {
        assert.equal((await askBroker(broker, 1000)).ok, false);
        await once(child.stdout, "data");
        // The listener's own thread connects.
        await server().until(async () => (await askBroker(broker, 1000)).ok, 10_000);
        await server().kill();
        await server().until(async () => !(await askBroker(broker, 1000)).ok, 10_000);
      } finally {
        child.kill("SIGKILL");
        server().start();
        await server().until(() => server().log.split("Server startup complete").length > 2);
      }
    });
  },
);
