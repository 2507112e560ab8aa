import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { textOf } from "../options/support.ts";
import { freePort, type Kind, mariadb, rabbitmq, Server, without } from "../support/servers.ts";

/** Real servers start with options that the model says, and tell the value that they took. */

async function during(kind: Kind, ask: (server: Server) => Promise<void>, port?: number): Promise<void> {
  const server = new Server(kind, port ?? (await freePort()));
  server.start();
  try {
    await ask(server);
  } finally {
    await server.stop();
  }
}

test("MariaDB takes the model's options", { skip: without(mariadb("x")) }, async () => {
  const says = [
    "_options:",
    "  my.cnf:",
    "    mysqld:",
    // Written with - in the template.
    "      max_connections: 77",
    "      init-connect: \"SET @a = 'x # y'\"",
    "      innodb-lock-wait-timeout: 33",
    "      performance-schema: false",
    "      event_scheduler: ON",
    "      skip-name-resolve: true",
    "      loose-tcp-keepalive-time: ~",
  ].join("\n");
  const text = textOf({ node: "mysql-server", says }, "my.cnf");
  assert.doesNotMatch(text, /max-connections|keepalive-time/);
  const kind = mariadb("right");
  const own: Kind = {
    ...kind,
    command: (directory, port) => {
      writeFileSync(join(directory, "my.cnf"), text);
      return kind
        .command(directory, port)
        .map((word) => (word === "--no-defaults" ? `--defaults-file=${directory}/my.cnf` : word));
    },
  };
  await during(own, async (server) => {
    const asked =
      "SELECT @@max_connections, @@init_connect, @@innodb_lock_wait_timeout, @@performance_schema, @@event_scheduler, @@skip_name_resolve";
    let answer = "";
    await server.until(() => {
      try {
        const words = ["--no-defaults", `--socket=${join(server.directory, "socket")}`, "-uroot", "-BNe", asked];
        answer = execFileSync("mariadb", words, { encoding: "utf8", stdio: "pipe" });
        return true;
      } catch {
        return false;
      }
    });
    assert.equal(answer, "77\tSET @a = 'x # y'\t33\t0\tON\t1\n");
  });
});

test("RabbitMQ takes the model's options", { skip: without(rabbitmq("x")) }, async () => {
  const port = await freePort();
  const says = [
    "_options:",
    "  rabbitmq.conf:",
    `    listeners.tcp.plinth: 127.0.0.1:${port}`,
    "    load_definitions: ~",
    "    distribution.listener.interface: ~",
    "    deprecated_features.permit.transient_nonexcl_queues: ~",
    "    vm_memory_high_watermark.relative: 0.37",
    "    heartbeat: 41",
    "    log.file: false",
  ].join("\n");
  const text = textOf({ node: "rabbitmq-server", says }, "rabbitmq.conf");
  const kind = rabbitmq("right");
  const own: Kind = {
    ...kind,
    command: (directory, at) => {
      writeFileSync(join(directory, "rabbitmq.conf"), text);
      return kind.command(directory, at);
    },
  };
  await during(
    own,
    async (server) => {
      const env = {
        PATH: process.env["PATH"] ?? "",
        HOME: server.directory,
        ...kind.environment?.(server.directory, port),
      };
      const asked = "{application:get_env(rabbit, heartbeat), application:get_env(rabbit, vm_memory_high_watermark)}.";
      const words = ["-n", `plinth-${port}@localhost`, "--silent", "eval", asked];
      let answer = "";
      await server.until(() => {
        try {
          answer = execFileSync("/usr/lib/rabbitmq/bin/rabbitmqctl", words, { encoding: "utf8", stdio: "pipe", env });
          return true;
        } catch {
          return false;
        }
      });
      assert.equal(answer.replace(/\s/g, ""), "{{ok,41},{ok,0.37}}");
    },
    port,
  );
});

const haproxy: Kind = {
  program: "haproxy",
  debianPackage: "haproxy",
  command: (directory) => ["haproxy", "-W", "-db", "-f", join(directory, "haproxy.cfg")],
};

test("HAProxy takes the model's options", { skip: without(haproxy) }, async () => {
  const own: Kind = {
    ...haproxy,
    prepare: (directory) => {
      const says = [
        "_options:",
        "  haproxy.cfg:",
        "    global:",
        "      maxconn: 77",
        "      nbthread: ~",
        `      stats socket: ${directory}/socket mode 600 level admin`,
        "      description: [[it's own]]",
        "    defaults:",
        "      timeout client: 10m",
        "      option dontlognull: ~",
        "    frontend health:",
        "      bind: ['127.0.0.1:$HEALTH']",
        "    listen keystone: &bind {bind: '127.0.0.1:$HEALTH', server: [a 127.0.0.1:1 check, b 127.0.0.1:2]}",
        "    backend own name: ~",
      ].join("\n");
      const text = textOf({ node: "haproxy-server", says }, "haproxy.cfg", undefined, { HEALTH: "0" })
        // What else listens is others' business here.
        .replace(/^bind 0\.0\.0\.0:\d+$/gm, "bind 127.0.0.1:0")
        .replace("init-addr libc,none", "init-addr none");
      assert.match(text, /^server a 127\.0\.0\.1:1 check\nserver b 127\.0\.0\.1:2$/m);
      assert.doesNotMatch(text, /timeout client 300s|option dontlognull|nbthread|server keystone-1/);
      assert.match(text, /^timeout client 10m$/m);
      assert.match(text, /^description 'it'\\''s own'$/m);
      writeFileSync(
        join(directory, "haproxy.cfg"),
        text.replace(/^bind 127\.0\.0\.1:0$/gm, (_, at: number) => `bind ${directory}/${at}.sock`),
      );
    },
  };
  await during(own, async (server) => {
    let answer = "";
    await server.until(async () => {
      answer = await new Promise<string>((settle) => {
        const socket = createConnection(join(server.directory, "socket"), () => socket.end("show info\n"));
        let text = "";
        socket.on("data", (data) => {
          text += data;
        });
        socket.once("error", () => settle(""));
        socket.once("close", () => settle(text));
      });
      return answer !== "";
    }, 30_000);
    assert.match(answer, /^Maxconn: 77$/m);
    assert.match(answer, /^description: it's own$/m);
  });
});

const uwsgi: Kind = {
  program: "uwsgi",
  debianPackage: "uwsgi-plugin-python3",
  prepare: (directory, port) => {
    const says = [
      "_options:",
      "  nova-api-uwsgi.ini:",
      "    uwsgi:",
      `      http-socket: 127.0.0.1:${port}`,
      `      wsgi-file: ${directory}/own.py`,
      `      stats: ${directory}/stats.sock`,
      "      procname-master: the model's own",
      "      env: [OWN=of the model]",
      "      need-app: ~",
    ].join("\n");
    writeFileSync(join(directory, "own.ini"), textOf({ says }, "nova-api-uwsgi.ini", "api"));
    const answer =
      "import os\ndef application(environ, start_response):\n  start_response('200 OK', [])\n  return [os.environ['OWN'].encode()]\n";
    writeFileSync(join(directory, "own.py"), answer);
  },
  command: (directory) => ["uwsgi", "--ini", join(directory, "own.ini")],
};

test("uWSGI takes the model's options", { skip: without(uwsgi) }, async () => {
  await during(uwsgi, async (server) => {
    let answer = "";
    await server.until(async () => {
      answer = await fetch(`http://127.0.0.1:${server.port}/`).then(
        (response) => response.text(),
        () => "",
      );
      return answer !== "";
    }, 30_000);
    assert.equal(answer, "of the model");
    assert.match(readFileSync(`/proc/${server.pid}/cmdline`, "utf8"), /the model's own/);
  });
});
