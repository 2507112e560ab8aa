import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { bakeInto, plinth, workDirectory } from "../support/plinth.ts";
import { freePort, mariadb, memcached, Server, without } from "../support/servers.ts";

const password = "geheim-1f9a";
const database = mariadb(password, [
  "CREATE DATABASE IF NOT EXISTS keystone;",
  "CREATE TABLE IF NOT EXISTS keystone.alembic_version (version_num VARCHAR(32));",
  "INSERT INTO keystone.alembic_version VALUES ('1');",
  `CREATE USER IF NOT EXISTS keystone@'127.0.0.1' IDENTIFIED BY '${password}';`,
  "GRANT ALL ON keystone.* TO keystone@'127.0.0.1';",
]);

const work = workDirectory();
const model = join(work, "model");
cpSync("model", model, { recursive: true });
mkdirSync(join(work, "keys"));
writeFileSync(join(work, "keys/0"), "key");

/** keystone, with what its pillar says of tokens. */
function keystone(name: string, release: string, tokens: Readonly<Record<string, string>>): string {
  const own = JSON.stringify({ keystone: { server: { tokens: { location: join(work, "keys"), ...tokens } } } });
  const node = join(model, "nodes/keystone-server.yml");
  cpSync("model/nodes/keystone-server.yml", node);
  appendFileSync(node, `parameters: ${own}\n`);
  return bakeInto(work, "keystone-server", release, { name: `${name}.json`, model });
}

describe("a keystone whose database is there and whose cache is not", { skip: without(database) }, () => {
  let server: Server;
  let cachePort = 0;
  before(async () => {
    server = new Server(database, await freePort());
    server.start();
    await server.until(() => server.log.includes("ready for connections"));
    cachePort = await freePort();
  });
  after(() => server.stop());

  const start = (image: string) => {
    const own = `${process.geteuid?.()}:${process.getegid?.()}`;
    const words = ["start", "server", "--image", image, "--root", join(work, "root"), "--user", own, "--timeout", "4"];
    const env = {
      SERVICE_DATABASE_HOST: "127.0.0.1",
      SERVICE_DATABASE_PORT: `${server.port}`,
      SERVICE_DATABASE_PASSWORD: password,
      SERVICE_MEMCACHED_HOST: "127.0.0.1",
      SERVICE_MEMCACHED_PORT: `${cachePort}`,
    };
    return plinth([...words, "--", "/bin/true"], { env });
  };

  test("starts at once, and a warning names what is missing", () => {
    const { status, log, stderr } = start(keystone("fernet", "2025.1", {}));
    assert.equal(status, 0, stderr);
    const warnings = log.filter(({ level }) => level === "warn");
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ["dependency-spared"],
    );
    assert.match(
      warnings[0]?.msg ?? "",
      new RegExp(`the service starts without memcached 127.0.0.1:${cachePort}: .*ECONNREFUSED`),
    );
    const waited = log.find(({ msg }) => msg.startsWith("becoming"))?.["waited_ms"];
    assert.ok(Number(waited) < 3000, `${waited} ms`);
  });

  test("waits for the cache where its tokens are kept in it", () => {
    const { status, log } = start(keystone("cached", "liberty", { engine: "cache" }));
    assert.equal(status, 75);
    assert.deepEqual(
      log.flatMap(({ level, msg }) => (level === "error" ? [msg.replace(/:\d+:.*/, "")] : [])),
      ["memcached 127.0.0.1"],
    );
  });

  test("starts without a warning if the cache answers", { skip: without(memcached) }, async () => {
    const cache = new Server(memcached, cachePort);
    cache.start();
    try {
      await cache.until(() => plinth(["wait", `tcp://127.0.0.1:${cachePort}`, "--timeout", "1"]).status === 0);
      const { status, log } = start(keystone("again", "2025.1", {}));
      assert.equal(status, 0);
      assert.deepEqual(
        log.filter(({ level }) => level !== "info"),
        [],
      );
    } finally {
      await cache.stop();
    }
  });
});
