/** What drives an upgrade by Docker Compose, with a script in the engine's place: what it asks, and what it makes of the answers. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, test } from "node:test";
import { driveCompose } from "../../../src/host/compose/driver.ts";
import { mustBe } from "../../support/must-be.ts";
import { workDirectory } from "../../support/plinth.ts";

const work = workDirectory();
const engine = join(work, "engine");
const calls = join(work, "calls");

/** Lays an engine that writes down what it is asked, and answers as these cases of a shell's `case "$*"` say. */
function lay(cases: string): void {
  const script = `#!/bin/bash\necho "$VERSION $*" >>${calls}\ncase "$*" in\n${cases}\n*) ;;\nesac\n`;
  writeFileSync(engine, script, { mode: 0o755 });
}
const asked = (): readonly string[] => readFileSync(calls, "utf8").trimEnd().split("\n");
beforeEach(() => writeFileSync(calls, ""));

const file = (release: string) => ({ release, imagePrefix: "plinth", path: `/srv/compose-${release}.yaml` });
const driver = driveCompose({
  project: { command: engine, name: "cloud", directory: "/srv", environment: [`PATH=${process.env["PATH"]}`] },
  files: { from: file("2025.1"), to: file("2026.1") },
  database: "mysql-server",
  shell: "plinth/debian-base:2025.1",
  within: 0,
});

const row = (name: string, more: object = {}) => ({
  Id: `id-${name}`,
  Config: { Image: `plinth/${name}:2025.1`, Labels: { "com.docker.compose.service": name } },
  State: { Status: "running" },
  ...more,
});
/** Containers that the engine lists and tells of. */
const containers = (...rows: readonly object[]): string =>
  `"ps --all --quiet --filter label=com.docker.compose.project=cloud") printf 'a\\nb\\n' ;;
"container inspect a b") echo '${JSON.stringify(rows)}' ;;`;

describe("the containers of a project", () => {
  test("are listed by the names of their services, without those of jobs", async () => {
    const job = { "com.docker.compose.service": "db-sync", "com.docker.compose.oneoff": "True" };
    const strange = { Config: { Image: "x", Labels: null } };
    lay(containers(row("nova-api"), row("x", { Config: { Image: "x", Labels: job } }), row("y", strange)));
    const seen = mustBe(await driver.look());
    assert.deepEqual([...seen.keys()], ["nova-api"]);
    assert.deepEqual(seen.get("nova-api")?.image, "plinth/nova-api:2025.1");
  });

  test("are an empty list if the engine lists none", async () => {
    lay("");
    assert.equal(mustBe(await driver.look()).size, 0);
  });

  for (const [what, run, wanted] of [
    ["restarted", () => driver.restart(["nova-api"]), ["restart id-nova-api"]],
    ["stopped", () => driver.stop(["nova-api"]), ["stop id-nova-api"]],
    ["stopped and removed", () => driver.remove(["nova-api"]), ["stop id-nova-api", "rm id-nova-api"]],
  ] as const) {
    test(`are ${what} by their ids`, async () => {
      lay(containers(row("nova-api")));
      mustBe(await run());
      assert.deepEqual(
        asked().filter((line) => /^ (restart|stop|rm)/.test(line)),
        wanted.map((words) => ` ${words}`),
      );
    });
  }

  test("that are already gone need not be stopped", async () => {
    lay("");
    mustBe(await driver.stop(["nova-api"]));
    assert.ok(!asked().some((line) => line.includes("stop")));
  });

  test("are replaced by those of the release's own file, with its release in VERSION", async () => {
    lay("");
    mustBe(await driver.replace(["nova-api"], "to"));
    const compose = "compose --project-name cloud --project-directory /srv --file /srv/compose-2026.1.yaml";
    assert.deepEqual(asked(), [`2026.1 ${compose} up --detach --no-build --pull never --no-deps nova-api`]);
  });
});

describe("images that the engine does not have", () => {
  test("are told", async () => {
    lay(`"image inspect"*) echo '["plinth/a:1"]'; exit 1 ;;`);
    assert.deepEqual(mustBe(await driver.absent(["plinth/a:1", "plinth/b:1"])), ["plinth/b:1"]);
  });
});

describe("a job", () => {
  const job = { workload: "nova-db-sync", service: "db-sync", command: ["--help"], of: "from" } as const;
  test("runs beside the rest, and its last lines are told with its status", async () => {
    lay(`*"run --rm"*) printf 'one\\n\\ntwo\\n' >&2; exit 3 ;;`);
    const ran = mustBe(await driver.runJob({ ...job, image: "plinth/nova-api:2025.1", accepts: [0] }));
    assert.deepEqual(ran, { status: 3, last: ["one", "two"] });
    assert.match(asked()[0] ?? "", /^2025\.1 .* run --rm --no-deps -T nova-db-sync db-sync -- --help$/);
  });
});

describe("a container", () => {
  const found = `"ps "*) echo id ;;`;
  for (const [what, cases, wanted] of [
    ["that answers its check serves", found, undefined],
    ["that is not there does not serve", "", { reason: "it is not there", restarts: 0 }],
    [
      "whose check fails is reported with the check's own words, and its restarts",
      `${found}\n"exec id "*) echo "no database" >&2; exit 1 ;;\n"container inspect"*) echo "running 2" ;;`,
      { reason: "no database", restarts: 2 },
    ],
    [
      "that has ended is reported in the engine's words",
      `${found}\n"exec id "*) exit 1 ;;\n"container inspect"*) echo "exited 1" ;;`,
      { reason: "it is exited", restarts: 1 },
    ],
    [
      "that went meanwhile is gone",
      `${found}\n"exec id "*) exit 1 ;;\n"container inspect"*) exit 1 ;;`,
      { reason: "it is gone", restarts: 0 },
    ],
    [
      "that the engine cannot list is reported in the engine's words",
      `"ps "*) echo "no daemon" >&2; exit 1 ;;`,
      {
        reason: `${engine} ps --all --quiet --filter label=com.docker.compose.project=cloud --filter label=com.docker.compose.service=nova-api --filter label=com.docker.compose.oneoff=False failed: no daemon`,
        restarts: 0,
      },
    ],
  ] as const) {
    test(what, async () => {
      lay(cases);
      assert.deepEqual(await driver.unready("nova-api"), wanted);
    });
  }

  test("has last words, and one that is gone has none", async () => {
    lay(`${containers(row("nova-api"))}\n"logs --tail 12 id-nova-api") echo bye ;;`);
    assert.deepEqual(await driver.lastWords("nova-api"), ["bye"]);
    assert.deepEqual(await driver.lastWords("nova-other"), []);
  });
});

describe("the database", () => {
  const its = containers(row("mysql-server"));
  const dump = join(work, "dumps/one.sql");

  test("is written into a file that only its owner reads, once the dump is whole", async () => {
    lay(`${its}\n"exec id-mysql-server mariadb-dump"*) echo "-- Dump completed on today" ;;`);
    assert.equal(mustBe(await driver.backUp(dump)), statSync(dump).size);
    assert.equal(statSync(dump).mode & 0o777, 0o600);
  });

  for (const [what, answer, path, said] of [
    ["a dump without its last line", "echo half", "two.sql", /the dump has no last line/],
    ["a client that fails", "echo denied >&2; exit 2", "three.sql", /denied$/],
    ["a client that fails without a word", "exit 2", "four.sql", /mariadb-dump ended with 2$/],
    ["a path that is not a directory", "true", "one.sql/five.sql", /one\.sql/],
  ] as const) {
    test(`has no backup after ${what}`, async () => {
      lay(`${its}\n"exec id-mysql-server mariadb-dump"*) ${answer} ;;`);
      const made = await driver.backUp(join(work, "dumps", path));
      assert.ok(!made.ok);
      assert.equal(made.diagnostics[0]?.code, "backup-failed");
      assert.match(made.diagnostics[0]?.what ?? "", said);
      assert.ok(!existsSync(join(work, "dumps", path)));
    });
  }

  test("tells the revisions of its schemas", async () => {
    lay(`${its}
*information_schema*) printf 'keystone\\nnova_api\\n' ;;
*UNION*) printf 'keystone\\tabc\\nnova_api\\tdef\\nnova_api\\tghi\\n' ;;`);
    const found = mustBe(await driver.schemas());
    assert.deepEqual(Object.fromEntries(found), { keystone: ["abc"], nova_api: ["def", "ghi"] });
  });

  test("has no revisions where no schema was made", async () => {
    lay(its);
    assert.equal(mustBe(await driver.schemas()).size, 0);
  });

  test("without a container is an error", async () => {
    lay("");
    const found = await driver.schemas();
    assert.ok(!found.ok && /no database server of its own/.test(found.diagnostics[0]?.what ?? ""));
  });

  test("has revisions of an image's migrations, one file or several", async () => {
    lay(`"run --rm"*keystone:1*) echo "INSERT INTO x VALUES ('abc')" ;;
"run --rm"*) printf "api.json:INSERT INTO x VALUES ('abc')\\ncell.json:INSERT INTO x VALUES ('def')\\n" ;;`);
    assert.deepEqual(Object.fromEntries(mustBe(await driver.schemasOf("keystone:1"))), { database: ["abc"] });
    assert.deepEqual(Object.fromEntries(mustBe(await driver.schemasOf("nova:1"))), { api: ["abc"], cell: ["def"] });
  });
});

describe("the lock", () => {
  const shell = `"run --rm --interactive"*) shift; while [ "$1" != -c ]; do shift; done; shift
  exec bash -c "\${1//\\/record/${work}}" ;;`;

  test("lasts until it is released, and keeps its notes", async () => {
    lay(shell);
    const first = mustBe(await driver.hold("one", () => {}));
    mustBe(await first.note("what was done"));
    await first.release();
    const second = mustBe(await driver.hold("two", () => {}));
    assert.match(second.record, /^what was done$/m);
    assert.equal(second.lost.aborted, false);
    await second.release();
  });

  test("of another upgrade is waited for, and its holder is reported", async () => {
    lay(`"run --rm"*) echo "the name is already in use" >&2; exit 125 ;;
"container inspect"*) echo "somebody, since noon" ;;`);
    const told: string[] = [];
    const held = await driver.hold("one", (holder) => told.push(holder));
    assert.ok(!held.ok);
    assert.equal(held.diagnostics[0]?.code, "upgrade-held");
    assert.deepEqual(told, ["somebody, since noon"]);
  });

  test("is reported in the engine's words if the engine cannot make it", async () => {
    lay(`"run --rm"*) echo "no such image" >&2; exit 125 ;;`);
    const held = await driver.hold("one", () => {});
    assert.ok(!held.ok && /no such image/.test(held.diagnostics[0]?.what ?? ""));
  });

  test("is lost when its container ends", async () => {
    lay(`"run --rm"*) echo held; read -r line ;;`);
    const held = mustBe(await driver.hold("one", () => {}));
    const noted = await held.note("x");
    assert.ok(!noted.ok);
    await new Promise((settle) => setImmediate(settle));
    assert.ok(held.lost.aborted);
  });
});

describe("the message for an engine that is not installed names --engine:", () => {
  const away = driveCompose({
    project: { command: "no-such-engine", name: "cloud", directory: "/srv", environment: ["PATH=/usr/bin"] },
    files: { from: file("2025.1"), to: file("2026.1") },
    ...{ database: undefined, shell: "x", within: 0 },
  });
  for (const [what, run] of [
    ["look", () => away.look()],
    ["absent", () => away.absent(["x"])],
    ["replace", () => away.replace(["x"], "to")],
    ["hold", () => away.hold("one", () => {})],
  ] as const) {
    test(what, async () => {
      const ran = await run();
      assert.ok(!ran.ok);
      assert.equal(ran.diagnostics[0]?.code, "engine-command-missing");
      assert.match(ran.diagnostics[0]?.fix ?? "", /--engine/);
    });
  }
});
