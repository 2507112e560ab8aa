import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bakeInto, plinth, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const own = `${process.geteuid?.()}:${process.getegid?.()}`;

const start = (image: string, env: Readonly<Record<string, string>>) =>
  plinth(
    ["start", "server", "--image", image, "--root", join(work, "root"), "--no-wait", "--user", own, "--", "/bin/true"],
    {
      env,
    },
  );

const rabbitmq = bakeInto(work, "rabbitmq-server", "2025.1", { name: "rabbitmq.json" });
const memcached = bakeInto(work, "memcached-server", "2025.1", { name: "memcached.json" });

for (const [title, node] of [
  ["a second word", "rabbit@localhost /usr/bin/touch"],
  ["a command", "rabbit@localhost;touch"],
  ["a substitution", "$(touch)@localhost"],
  ["an option of Erlang's", "-eval@localhost"],
] as const) {
  test(`a node's name with ${title} is refused, and nothing is run or written`, () => {
    const pwned = join(work, "pwned");
    const ended = start(rabbitmq, {
      SERVICE_MESSAGE_QUEUE_PASSWORD: "p",
      SERVICE_MESSAGE_QUEUE_NODE: node.replace("touch", `touch ${pwned}`),
    });
    assert.deepEqual([ended.status, ended.log.at(-1)?.code], [78, "parameter-wrong"]);
    assert.ok(!existsSync(pwned));
    assert.ok(!existsSync(join(work, "root/etc/rabbitmq/rabbitmq-env.conf")));
  });
}

test("a valid node name is written", () => {
  const ended = start(rabbitmq, {
    SERVICE_MESSAGE_QUEUE_PASSWORD: "p w'\"#",
    SERVICE_MESSAGE_QUEUE_NODE: "mq-1@mq.example.org",
  });
  assert.equal(ended.status, 0, ended.stderr);
  const text = readFileSync(join(work, "root/etc/rabbitmq/rabbitmq-env.conf"), "utf8");
  assert.match(text, /^NODENAME=mq-1@mq\.example\.org$/m);
});

/** A model of one node, baked. */
function bakeText(name: string, text: string): string {
  const model = join(work, name);
  mkdirSync(join(model, "nodes"), { recursive: true });
  mkdirSync(join(model, "classes"), { recursive: true });
  writeFileSync(join(model, "nodes", `${name}.yml`), text);
  return bakeInto(work, name, "2025.1", { name: `${name}.json`, model });
}

const mysql = bakeText(
  "mysql-server",
  'parameters:\n  mysql:\n    server:\n      version: "2025.1"\n      innodb_buffer_pool_size: $SERVICE_DATABASE_BUFFER_POOL_SIZE\n',
);

for (const size of ["x128Mhello world", "128M world", "128M # x", "128M\t", "1x28M"]) {
  test(`${JSON.stringify(size)} is no number of bytes`, () => {
    const ended = start(mysql, { SERVICE_DATABASE_BUFFER_POOL_SIZE: size });
    assert.deepEqual([ended.status, ended.log.at(-1)?.code], [78, "parameter-wrong"]);
  });
}

test("a secret file must match the same pattern", () => {
  const file = join(work, "node");
  writeFileSync(file, "rabbit@localhost /usr/bin/touch x\n");
  const ended = start(rabbitmq, { SERVICE_MESSAGE_QUEUE_PASSWORD: "p", SERVICE_MESSAGE_QUEUE_NODE_FILE: file });
  assert.deepEqual([ended.status, ended.log.at(-1)?.code], [78, "parameter-wrong"]);
});

const haproxy = bakeText(
  "haproxy-server",
  'parameters:\n  haproxy:\n    server:\n      version: "2025.1"\n      listen: {keystone: {port: 5000, servers: $SERVICE_IDENTITY_SERVERS}}\n',
);

test("HAProxy without the servers that its template loops over is refused, and the contract says that they are required", () => {
  const ended = start(haproxy, {});
  assert.deepEqual([ended.status, ended.log.at(-1)?.code], [78, "parameter-missing"]);
  const { stdout } = plinth(["check", "--image", haproxy, "--contract"]);
  assert.match(stdout, /SERVICE_IDENTITY_SERVERS {2}\(list, required\)/);
});

test("HAProxy gets each of its servers, and no word beside them", () => {
  assert.equal(start(haproxy, { SERVICE_IDENTITY_SERVERS: "a, 10.0.0.2" }).status, 0);
  const text = readFileSync(join(work, "root/etc/haproxy/haproxy.cfg"), "utf8");
  assert.match(text, /^server keystone-1 a:5000\nserver keystone-2 10\.0\.0\.2:5000$/m);
  for (const servers of ["a backup", "a:80,b", "unix@/x", "a#", "a;b", "a/b?c", "a,,b"]) {
    assert.equal(start(haproxy, { SERVICE_IDENTITY_SERVERS: servers }).status, 78, servers);
  }
});

test("a shell in the words of a service gets no value as an option or a second word", () => {
  const bind = bakeText(
    "memcached-two",
    'parameters:\n  memcached:\n    server:\n      version: "2025.1"\n      bind: {address: $ADDRESS}\n',
  );
  for (const address of ["-vv", "0.0.0.0,10.0.0.1", "0.0.0.0 --enable-shutdown", "0.0.0.0:1"]) {
    assert.equal(start(bind, { ADDRESS: address }).status, 78, address);
  }
  assert.equal(start(memcached, {}).status, 0);
});
