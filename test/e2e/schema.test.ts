import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { imageName, imagesOf } from "../../src/openstack/images.ts";
import { inRange } from "../../src/openstack/releases.ts";
import { dockerOutput, dockerScope, ended, logsOf, requireEngine, until } from "../support/docker.ts";
import { buildImages, locked } from "../support/keystone.ts";
import { parameters } from "../support/parameters.ts";

/** `make e2e VERSION=zed` takes another. */
const release = process.env["VERSION"] ?? "2025.1";
const deploy = process.env["DEPLOY_NAME"] || "plinth";
const imageOf = (name: string): string => `${deploy}/${name}:${release}`;
const rows = imagesOf(release).filter(
  (row) => inRange(row, release) && Object.values(row.services).some(({ schemas }) => schemas !== undefined),
);

const scope = dockerScope("schema");
const password = "a@b/c:d%e$f #;'\"\\";
/** Where no schema is, the job runs its migrations: an empty directory in the place of what the image has. */
const withoutBaked = ["--tmpfs", "/etc/plinth/schema"];

/** The default of plinth's own databases, and that of a database which an administrator made: tables that say nothing take it. */
const collations = ["utf8mb3_general_ci", "utf8mb4_unicode_520_ci"];

/**
 * What differs between any two deployments, by migrations, too: a table's secondary keys come in the order of a Python set, and
 * rows whose key is random in any.
 */
const anonymous = (dump: string): string =>
  dump
    .replace(/(^ {2}(UNIQUE )?KEY .*\n)+/gm, (keys) => keys.replaceAll(/,$/gm, "").split("\n").sort().join("\n"))
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/g, "UUID")
    .replace(/'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?'/g, "'TIME$1'")
    .replace(/(^INSERT INTO .*\n)+/gm, (rows) => rows.split("\n").sort().join("\n"));

describe(`the schema that an image of ${release} was built with is what its migrations make`, () => {
  let network: string;

  before(async () => {
    await requireEngine();
    buildImages(release, [...rows.map(imageName), "mysql-server"]);
    network = await scope.network();
  });

  /** A server with every component's database, empty. */
  async function startServer(name: string, collation: string) {
    const passwords = rows.map(({ component }) => [`SERVICE_DATABASE_${component.toUpperCase()}_PASSWORD`, password]);
    const flags = [...locked, "--user", "42434:42434", "--network", network, "--network-alias", name];
    const container = await scope.start(name, {
      image: imageOf("mysql-server"),
      flags: [...flags, "--tmpfs", "/run/mysqld", "--tmpfs", "/var/lib/mysql:uid=42434,gid=42434,mode=0700"],
      env: Object.fromEntries(passwords),
      words: ["server"],
    });
    const tell = (program: string, ...words: string[]): Promise<string> =>
      dockerOutput(["exec", container, program, "--socket", "/run/mysqld.sock", ...words]);
    const query = (sql: string): Promise<string> => tell("mariadb", "--batch", "--skip-column-names", "--execute", sql);
    await until(`${name} to answer`, () => query("SELECT 1").catch(() => undefined));
    const own = "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN";
    const names = (await query(`${own} ('mysql', 'sys', 'information_schema', 'performance_schema', 'plinth')`)).split(
      "\n",
    );
    for (const database of names) await query(`ALTER DATABASE ${database} COLLATE ${collation}`);
    return {
      names,
      /** All that is in a database: its own defaults, its tables, their rows. */
      async dump(database: string): Promise<string> {
        const words = ["--no-tablespaces", "--skip-comments", "--skip-extended-insert", "--databases", database];
        return anonymous(await tell("mariadb-dump", ...words));
      },
    };
  }

  /** Runs a job to its end. @returns what plinth said. */
  async function run(row: (typeof rows)[number], service: string, host: string, flags: readonly string[] = []) {
    const image = imageOf(imageName(row));
    const format = '{{index .Config.Labels "io.plinth.contract"}}';
    const contract = JSON.parse(await dockerOutput(["image", "inspect", "--format", format, image]));
    const wanted = (contract as readonly { name: string; required: boolean }[]).filter(({ required }) => required);
    const { uid, gid } = row.account;
    const container = await scope.start(`${host}-${row.component}-${service}`, {
      image,
      flags: [...locked, "--user", `${uid}:${gid}`, "--network", network, ...flags],
      env: {
        ...Object.fromEntries(wanted.map(({ name }) => [name, parameters[name] ?? "somewhere"])),
        SERVICE_DATABASE_HOST: host,
        SERVICE_DATABASE_PASSWORD: password,
      },
      words: [service],
    });
    const { status } = await ended(container, 300_000);
    const { text, log } = await logsOf(container);
    assert.equal(status, 0, text);
    return log.map(({ msg }) => msg).join("\n");
  }

  for (const collation of collations) {
    test(`in databases of ${collation}: every table, key, default and row of every component`, async () => {
      const [loaded, migrated] = await Promise.all([
        startServer(`loaded-${collation}`, collation),
        startServer(`migrated-${collation}`, collation),
      ]);
      assert.deepEqual(loaded.names, migrated.names);
      for (const row of rows) {
        const said = await run(row, "db-sync", `loaded-${collation}`);
        assert.match(said, /loaded the schema that the image was built with into/);
        const other = await run(row, "db-sync", `migrated-${collation}`, withoutBaked);
        assert.doesNotMatch(other, /loaded the schema/);
        // nova's maps cell0 as it migrates; the loaded one leaves that to the job that maps all cells.
        if (!("cell-setup" in row.services)) continue;
        for (const server of ["loaded", "migrated"]) await run(row, "cell-setup", `${server}-${collation}`);
      }
      for (const name of loaded.names) {
        const own = (text: string): string => text.replaceAll(`@loaded-${collation}`, `@migrated-${collation}`);
        assert.equal(own(await loaded.dump(name)), await migrated.dump(name), name);
      }
    });
  }
});
