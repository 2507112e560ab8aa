import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { load, YAML11_SCHEMA } from "js-yaml";
import { composeEnvironment, deploymentOf, secretsDirectory } from "../../../scripts/stack/deployment.ts";
import { featuresOf } from "../../../src/openstack/features.ts";
import { calls, logIn, type Surroundings } from "../../support/cloud-calls.ts";
import { dockerOutput, requireEngine, until } from "../../support/docker.ts";
import { buildImages } from "../../support/keystone.ts";
import { keptUnder, keysOf } from "../../support/memcached.ts";
import { rotations } from "../../support/rotations.ts";

/** `make e2e VERSION=zed` takes another. */
const release = process.env["VERSION"] ?? "2025.1";
const name = `plinth-e2e-${randomBytes(3).toString("hex")}`;
const deployment = deploymentOf({ ...process.env, STACK: name, VERSION: release });
const directory = secretsDirectory(deployment);
const override = join(deployment.directory, "override.yaml");

/** A control plane; of what has no secret only what these stand on. */
const jobs = ["keystone-db-sync", "keystone-keys", "keystone-bootstrap", "keystone-catalog", "glance-db-sync"].concat([
  "placement-db-sync",
  "nova-db-sync",
  "nova-cell-setup",
  "neutron-db-sync",
  "cinder-db-sync",
  "heat-db-sync",
]);
const services = ["mysql-server", "rabbitmq-server", "memcached-server", "keystone-server", "glance-server"].concat(
  ["placement-server", "nova-api", "nova-metadata", "nova-conductor", "nova-scheduler", "neutron-server"],
  [
    "ovn-northbound",
    "ovn-southbound",
    "ovn-northd",
    "cinder-api",
    "cinder-scheduler",
    "heat-api",
    "heat-engine",
    "horizon-server",
  ],
);

/** Without published ports: beside another stack. */
const compose = (...words: readonly string[]): string =>
  execFileSync(
    deployment.engine,
    ["compose", "--project-name", name, "--file", "compose.yaml", "--file", override, ...words],
    { encoding: "utf8", env: composeEnvironment(deployment), stdio: ["ignore", "pipe", "pipe"], maxBuffer: 1 << 28 },
  );

/**
 * What URLs, files, shells, SQL, templates and cells' templates could trip over, at both ends, too. `first` and `second` are what a
 * secret has before and after; each service's own is another, so that none opens what it should not.
 */
const signs = {
  first: `-%41 % %% %s $ $$ \${x} @:/#?&;'"\\ {x}{password}[x],=`,
  second: ` "x' %2f%zz%(user)s $(x)s é\\n\\\\ \` ! * ~ | <> ^ {0} {scheme} " `,
};

/** Some secrets cannot hold every sign, and plinth says so (docs/secrets.md). */
function fitted(secret: string, text: string): string {
  if (secret.startsWith("database-")) return text.replace("é", "e");
  if (secret === "message-queue") return text.replace("/", "");
  if (secret === "orchestration-encryption-key") return text.replace("é", "e").slice(-32);
  return text;
}

const values = (secret: string) => {
  // Within the 72 bytes that keystone takes.
  const own = randomBytes(2).toString("hex");
  const sign = (text: string): string => fitted(secret, `${text.slice(0, 1)}${own}${text.slice(1)}`);
  return { first: sign(signs.first), second: sign(signs.second) };
};

const now = new Map<string, string>();

/** In place: a file that is mounted alone stays the one that was there when its container was made. */
function write(secret: string, value: string): void {
  const path = join(directory, secret);
  chmodSync(path, 0o644);
  writeFileSync(path, value, { flag: "r+" });
  execFileSync("truncate", ["--size", String(Buffer.byteLength(value)), path]);
  now.set(secret, value);
}

const addresses = new Map<string, string>();
const cloud: Surroundings = {
  address: (container) => addresses.get(container) ?? "",
  secret: (secret) => now.get(secret) ?? "",
};

async function findAddresses(): Promise<void> {
  for (const service of services) {
    const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    addresses.set(service, await dockerOutput(["inspect", "--format", format, `${name}-${service}-1`]));
  }
}

const logsOf = (what: readonly string[]): string => compose("logs", "--no-color", "--tail", "15", ...what);

/** Waits until jobs have ended well, and services answer their own health question. */
async function settled(names: readonly string[]): Promise<void> {
  for (const one of names) {
    const container = `${name}-${one}-1`;
    await until(
      `${one} to be done or healthy`,
      async () => {
        const state = JSON.parse(await dockerOutput(["inspect", "--format", "{{json .State}}", container]));
        if (jobs.includes(one)) return !state.Running && state.ExitCode === 0 ? true : undefined;
        const health = ["exec", container, "/opt/plinth/bin/plinth", "healthcheck"];
        return spawnSync("docker", health, { stdio: "ignore" }).status === 0 ? true : undefined;
      },
      600_000,
    ).catch((error) => {
      throw new Error(`${error.message}\n${logsOf([one])}`);
    });
  }
  await findAddresses();
}

/** Statements by the account that MariaDB has for its own Unix account. */
const sql = (statements: string): Promise<string> =>
  dockerOutput(
    ["exec", `${name}-mysql-server-1`, "mariadb", "--user", "mysql", "--batch", "--skip-column-names"].concat([
      "--socket",
      "/run/mysqld.sock",
      "--execute",
      statements,
    ]),
  );

describe(`the secrets of a whole control plane of ${release}`, () => {
  before(async () => {
    await requireEngine();
    const images = [
      "keystone",
      "glance",
      "placement",
      "neutron",
      "heat",
      "horizon",
      "mysql",
      "rabbitmq",
      "memcached",
      "ovn",
    ];
    buildImages(release, [...images.map((image) => `${image}-server`), "nova-controller", "cinder-controller"]);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const { secret } of rotations) {
      writeFileSync(join(directory, secret), "");
      write(secret, values(secret).first);
    }
    const file = load(readFileSync("compose.yaml", "utf8"), { schema: YAML11_SCHEMA }) as {
      readonly services: Readonly<Record<string, { readonly ports?: unknown }>>;
    };
    const published = Object.keys(file.services).filter((service) => file.services[service]?.ports);
    const all = published.map((service) => `  ${service}: { ports: !reset [] }\n`);
    writeFileSync(override, `services:\n${all.join("")}`);
    compose("up", "--detach", "--no-build", "--pull", "never", ...jobs, ...services);
  });
  const remove = (): void => {
    spawnSync(deployment.engine, ["compose", "--project-name", name, "down", "--volumes", "--timeout", "1"], {
      stdio: "ignore",
    });
    rmSync(deployment.directory, { recursive: true, force: true });
  };
  after(remove);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      remove();
      process.exit(1);
    });
  }

  test("all jobs succeed and every service works with every character in every secret", async () => {
    await settled([...jobs, ...services]);
    for (const [what, call] of Object.entries(calls))
      await call(cloud).catch((error) => assert.fail(`${what}: ${error}`));
  });

  test("no password is in nova's list of cells", async () => {
    const urls = await sql("SELECT database_connection, transport_url FROM nova_api.cell_mappings");
    assert.equal(urls.split("\n").length, 2);
    for (const url of urls.split(/\s+/)) assert.match(url, /^(\{scheme\}:\/\/\{username\}:\{password\}@|none:\/\/\/)/);
  });

  for (const { secret, again, restart, shows } of rotations) {
    test(`${secret} is changed: ${[...again, ...restart].join(" ")} begin again, and calls go through`, async (t) => {
      const began = performance.now();
      if (secret === "database-nova") {
        // As plinth mapped cells before: with the password of that time.
        const url = "'mysql+pymysql://nova:old@mysql-server:3306/nova'";
        await sql(
          `UPDATE nova_api.cell_mappings SET database_connection = ${url}, transport_url = 'rabbit://a:b@c:1/d' WHERE name = 'cell1'`,
        );
      }
      write(secret, values(secret).second);
      const here = [...again, ...restart].filter((one) => jobs.includes(one) || services.includes(one));
      compose("restart", "--timeout", "2", ...here);
      await settled(here);
      for (const call of shows) await calls[call]?.(cloud);
      if (secret.startsWith("identity-")) await logIn(cloud, secret.slice("identity-".length), cloud.secret(secret));
      t.diagnostic(`${((performance.now() - began) / 1000).toFixed(0)} s`);
    });
  }

  test("tokens cannot be read from memcached, where only servers without uWSGI keep them", async () => {
    const { auth } = await logIn(cloud);
    for (const call of Object.values(calls)) await call(cloud);
    const host = cloud.address("memcached-server");
    const all = await keysOf(host);
    assert.ok(all.length > 0, "keystone uses it");
    const kept = all.filter((key) => key.startsWith("tokens/"));
    assert.equal(kept.length > 0, featuresOf(release).neutron_server);
    for (const key of kept) {
      const value = await keptUnder(host, key);
      // A signature of 64 signs, then what is encrypted (keystonemiddleware/auth_token/_memcache_crypt.py).
      const data = `${value}${Buffer.from(value.slice(64), "base64").toString("latin1")}`;
      for (const open of ["admin", "roles", "expires", auth["X-Auth-Token"].slice(0, 20)])
        assert.ok(!data.includes(open), key);
    }
  });

  test("an API asks keystone about a token once, also while memcached is away", async () => {
    const { auth } = await logIn(cloud);
    const url = `http://${cloud.address("placement-server")}:8778/resource_classes`;
    const call = async (): Promise<void> => {
      const answer = await fetch(url, { headers: { ...auth, "OpenStack-API-Version": "placement 1.39" } });
      assert.equal(answer.status, 200);
    };
    /** How often placement asked keystone about a token. */
    const asked = (): number => {
      const line = `${cloud.address("placement-server")} .*GET /v3/auth/tokens`;
      return compose("logs", "--no-color", "keystone-server")
        .split("\n")
        .filter((one) => new RegExp(line).test(one)).length;
    };
    const before = asked();
    await call();
    assert.equal(asked() - before, 1);
    compose("stop", "--timeout", "1", "memcached-server");
    for (let round = 0; round < 8; round++) await call();
    compose("start", "memcached-server");
    await settled(["memcached-server"]);
    for (let round = 0; round < 8; round++) await call();
    assert.equal(asked() - before, 1);
  });

  test("in the end every service works without any of the first secrets", async () => {
    for (const [what, call] of Object.entries(calls))
      await call(cloud).catch((error) => assert.fail(`${what}: ${error}`));
  });
});
