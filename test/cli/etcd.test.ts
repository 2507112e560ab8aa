import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Etcd, startEtcd, withoutEtcd } from "../support/etcd.ts";
import { bakeInto, plinth, plinthRunning, sampleEnvironment, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const image = bakeInto(work, "nova-controller", "2025.1");
const own = `${process.geteuid?.()}:${process.getegid?.()}`;
const configuration = (root: string): string => readFileSync(join(work, root, "etc/nova/nova.conf"), "utf8");

/** Waits until something holds, for 10 s at most. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (const limit = Date.now() + 10_000; !holds(); await sleep(20)) assert.ok(Date.now() < limit, what);
}

describe("with a real etcd", { skip: withoutEtcd }, () => {
  let etcd: Etcd;
  let env: Record<string, string>;
  before(async () => {
    etcd = await startEtcd();
    env = { PLINTH_ETCD_ENDPOINTS: etcd.urls.join(","), PLINTH_ETCD_TIMEOUT: "5" };
    for (const [name, value] of Object.entries(sampleEnvironment)) etcd.put(`/plinth/all/${name}`, value);
  });
  after(() => etcd.stop());

  const start = (root: string) => [
    "start",
    "conductor",
    "--image",
    image,
    "--root",
    join(work, root),
    "--no-wait",
    "--user",
    own,
    "--",
    "/usr/bin/env",
  ];

  test("a start needs only etcd's address; what it reads there is not in the service's environment", () => {
    const { status, stdout } = plinth(start("plain"), { env });
    assert.equal(status, 0);
    assert.match(
      configuration("plain"),
      /^connection = mysql\+pymysql:\/\/nova:sample-database-password@192\.0\.2\.10:3306\/nova$/m,
    );
    assert.doesNotMatch(stdout, /PLINTH|SERVICE_/);
  });

  test("the message for a missing value uses the keys' own prefix", () => {
    const { log } = plinth(start("prefix"), { env: { ...env, PLINTH_ETCD_PREFIX: "/site-a/" } });
    const missing = log.filter(({ code }) => code === "parameter-missing");
    assert.ok(missing.length > 0);
    for (const { fix } of missing)
      assert.match(fix ?? "", /etcd's key \/site-a\/nova-controller\/\w+ or \/site-a\/all\/\w+/);
  });

  test("the environment overrides etcd for this image, that etcd for all, that the pillar; explain shows it", () => {
    const port = (extra: Record<string, string> = {}) =>
      plinth(["explain", "--image", image, "database.port"], { env: { ...env, ...extra } }).stdout;
    assert.match(port(), /= 3306\n/);
    etcd.put("/plinth/all/SERVICE_DATABASE_PORT", "3307");
    assert.match(
      port(),
      /= 3307\n {2}\$SERVICE_DATABASE_PORT from etcd key: \/plinth\/all\/SERVICE_DATABASE_PORT\n {4}overrode pillar/,
    );
    etcd.put("/plinth/nova-controller/SERVICE_DATABASE_PORT", "3308");
    assert.match(
      port(),
      /= 3308\n.*from etcd key: \/plinth\/nova-controller\/SERVICE_DATABASE_PORT\n {4}overrode etcd key: \/plinth\/all/,
    );
    const all = port({ SERVICE_DATABASE_PORT: "3309" });
    assert.match(
      all,
      /= 3309\n.*environment variable.*\n.*overrode etcd key: \/plinth\/nova-controller.*\n.*overrode etcd key: \/plinth\/all.*\n.*overrode pillar/,
    );
    etcd.ctl(["del", "/plinth/all/SERVICE_DATABASE_PORT"]);
    etcd.ctl(["del", "/plinth/nova-controller/SERVICE_DATABASE_PORT"]);
  });

  test("a start reports keys that nobody reads with the name that was meant, and check reports those of all images", () => {
    // The names of what is missing are told by etcd's keys, too.
    etcd.put("/plinth/all/SERVICE_DATABSE_PORT", "3307");
    etcd.put("/plinth/nova-controller/SERVICE_DATABASE_PORTT", "3307");
    etcd.put("/plinth/nova-controler/SERVICE_DATABASE_PORT", "3307");
    etcd.put("/plinth/all/SERVICE_WEATHER_HOST", "sunny");
    const warned = (words: readonly string[]) => {
      const { status, log } = plinth(words, { env });
      assert.equal(status, 0);
      return log.flatMap(({ code = "", msg, fix }) => (/^etcd-(key|directory)/.test(code) ? [`${msg} ${fix}`] : []));
    };
    const told = warned(start("unread"));
    assert.equal(told.length, 2);
    assert.match(
      told[0] ?? "",
      /\/plinth\/all\/SERVICE_DATABSE_PORT.*did you mean \/plinth\/all\/SERVICE_DATABASE_PORT\?/,
    );
    assert.match(told[1] ?? "", /PORTT.*did you mean \/plinth\/nova-controller\/SERVICE_DATABASE_PORT\?/);
    const all = warned(["check", "--start", "--image", image]);
    assert.equal(all.length, 3);
    assert.match(all[2] ?? "", /nova-controler.*did you mean \/plinth\/nova-controller\/SERVICE_DATABASE_PORT\?/);
    for (const key of [
      "all/SERVICE_DATABSE_PORT",
      "nova-controller/SERVICE_DATABASE_PORTT",
      "nova-controler/SERVICE_DATABASE_PORT",
      "all/SERVICE_WEATHER_HOST",
    ])
      etcd.ctl(["del", `/plinth/${key}`]);
  });

  test("a service link does not override a parameter in etcd", () => {
    etcd.put("/plinth/all/SERVICE_DATABASE_PORT", "3307");
    const linked = { SERVICE_DATABASE_PORT: "tcp://10.96.0.10:3306" };
    const { stdout, log } = plinth(["explain", "--image", image, "database.port"], { env: { ...env, ...linked } });
    assert.match(stdout, /= 3307\n/);
    assert.deepEqual(
      log.map(({ code }) => code),
      ["service-link"],
    );
    etcd.ctl(["del", "/plinth/all/SERVICE_DATABASE_PORT"]);
  });

  test("a start without its etcd ends with 75 at the deadline, unless etcd is optional", () => {
    const gone = { PLINTH_ETCD_ENDPOINTS: "http://127.0.0.1:1", PLINTH_ETCD_TIMEOUT: "0.5" };
    assert.equal(plinth(start("gone"), { env: { ...gone, ...sampleEnvironment } }).status, 75);
    const optional = plinth(start("gone"), { env: { ...gone, ...sampleEnvironment, PLINTH_ETCD_OPTIONAL: "true" } });
    assert.deepEqual([optional.status, optional.log[0]?.code], [0, "etcd-skipped"]);
  });

  test("watch shows a change, rewrites the file, signals the service, and reports what needs a restart", async () => {
    plinth(start("watched"), { env });
    const service = join(work, "some-service");
    const hung = join(work, "hung-up");
    writeFileSync(service, `#!/bin/sh\ntrap 'echo got >> ${hung}' HUP\nwhile :; do sleep 0.1; done\n`);
    chmodSync(service, 0o755);
    const running = spawn(service, { stdio: "ignore" });
    const marker = join(work, "marker");
    const words = ["watch", "conductor", "--image", image, "--root", join(work, "watched"), "--user", own];
    const then = ["--signal", "SIGHUP", "--process", "some-service", "--", "/usr/bin/touch", marker];
    const { child, ended, stderr } = plinthRunning([...words, ...then], { env });
    try {
      await until(() => stderr().includes("following"), "follows");
      etcd.put("/plinth/all/DEBUG", "true");
      await until(() => existsSync(marker) && existsSync(hung), "ran the command and sent the signal");
      assert.match(configuration("watched"), /^debug = true$/m);
      assert.match(stderr(), /takes effect with a SIGHUP/);

      etcd.put("/plinth/nova-controller/SERVICE_DATABASE_PASSWORD", "a-new-secret");
      await until(() => configuration("watched").includes("a-new-secret"), "rewrote the file");
      await until(() => /a restart is due for .*\[database\] connection/.test(stderr()), "asks for a restart");

      etcd.put("/plinth/all/SERVICE_IMAGE_HOST", "");
      await until(() => stderr().includes("parameter-empty"), "reports the mistake");
      assert.match(configuration("watched"), /192\.0\.2\.15/);

      await etcd.member.kill();
      await sleep(300);
      etcd.member.start();
      await etcd.serving();
      etcd.put("/plinth/all/SERVICE_IMAGE_HOST", "203.0.113.9");
      await until(() => configuration("watched").includes("203.0.113.9"), "follows again after a restart of etcd");
    } finally {
      child.kill();
      running.kill("SIGKILL");
    }
    const { stdout, status } = await ended;
    assert.equal(status, 143);
    assert.match(stdout, /^-debug = false\n\+debug = true$/m);
    assert.doesNotMatch(stdout + stderr(), /a-new-secret|sample-database-password/);
  });
});
