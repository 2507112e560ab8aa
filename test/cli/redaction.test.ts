import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { withoutNamespaces } from "../support/namespace.ts";
import {
  bakeInto,
  binary,
  type Ended,
  plinth,
  plinthRunning,
  sampleEnvironment,
  workDirectory,
} from "../support/plinth.ts";

const work = workDirectory();
const image = bakeInto(work, "nova-controller", "2025.1");
const own = `${process.geteuid?.()}:${process.getegid?.()}`;
const mask = "********";
const names = Object.keys(sampleEnvironment).filter((name) => name.endsWith("_PASSWORD"));
const withPassword = (secret: string) => ({
  ...sampleEnvironment,
  // The broker's takes no slash, and is refused.
  ...Object.fromEntries(
    names.map((name) => [name, name === "SERVICE_MESSAGE_QUEUE_PASSWORD" ? secret.replaceAll("/", "-") : secret]),
  ),
});

/** Passwords that are words, or pieces, of what plinth itself writes. */
const words = [
  ...'service nova info time 1 e " level msg pid 2 : plinth becoming name 2026 true conductor , } { \\ / nova-controller'.split(
    " ",
  ),
  "waiting for",
  "nova.conf",
  "/etc/nova/nova.conf",
  "2025.1",
];

const started = (secret: string, format: string, root: string): Ended =>
  plinth(
    ["start", "conductor", "--image", image, "--root", join(work, root), "--user", own, "--no-wait", "--", "/bin/true"],
    { env: { ...withPassword(secret), PLINTH_LOG_FORMAT: format } },
  );

/** What differs from run to run. */
const steady = (line: string): string =>
  line.replace(/"(?:time|began)":"[^"]*"|"(?:pid|\w+_ms)":\d+|root-\w+|\d\d:\d\d:\d\d\.\d+|began=\S+|\w+_ms=\d+/g, "#");

const plain = started("aVery-L0ng&distinct!one", "json", "root-plain");
const plainText = started("aVery-L0ng&distinct!one", "text", "root-plaintext");

for (const [index, secret] of words.entries()) {
  test(`a password ${JSON.stringify(secret)} neither breaks the log nor gives itself away`, () => {
    const json = started(secret, "json", `root-j${index}`);
    assert.equal(json.status, 0, json.stderr);
    for (const line of json.stderr.trim().split("\n")) {
      const { level, time, name, msg } = JSON.parse(line) as Record<string, string>;
      assert.deepEqual([level, name, typeof msg], ["info", "plinth", "string"]);
      assert.match(time ?? "", /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    }
    // Alike, whatever the password is: nothing can be told from it.
    assert.equal(steady(json.stderr), steady(plain.stderr));
    const text = started(secret, "text", `root-t${index}`);
    assert.equal(steady(text.stderr), steady(plainText.stderr));
  });
}

/** A MariaDB that refuses everybody in words of its own. @returns what plinth logs of it. */
async function refusedWith(said: string, secret: string, format = "json"): Promise<Ended> {
  const message = Buffer.from(said);
  const packet = Buffer.concat([Buffer.from([message.length + 3, 0, 0, 0, 0xff, 0x15, 0x04]), message]);
  const server = createServer((socket) => void socket.on("error", () => {}).end(packet)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const env = {
    ...withPassword(secret),
    SERVICE_DATABASE_HOST: "127.0.0.1",
    SERVICE_DATABASE_PORT: String(port),
    SERVICE_MESSAGE_QUEUE_HOST: "127.0.0.1",
    SERVICE_MESSAGE_QUEUE_PORT: "1",
    PLINTH_LOG_FORMAT: format,
  };
  const ended = await plinthRunning(["wait", "conductor", "--image", image, "--timeout", "2"], { env }).ended;
  server.close();
  return ended;
}

test("a server that repeats a password is shown with a mask of one length, or not at all where the password is a word", async () => {
  for (const secret of ["Tr0ub4dor&3", `Tr0ub4dor&3${"x".repeat(40)}`]) {
    const { stderr } = await refusedWith(`no, ${secret} is wrong`, secret);
    assert.match(stderr, /no, \*{8} is wrong/);
    assert.ok(!stderr.includes(secret));
  }
  for (const secret of ["swordfish", "abc", "1", "wrong"]) {
    const { stderr } = await refusedWith(`no '${secret}' is what you said`, secret);
    assert.match(stderr, /its words are not shown/);
    assert.ok(!stderr.includes(`'${secret}'`) && !stderr.includes(mask), stderr);
  }
});

test("what a server says of the user stays, also when the password is called the same", async () => {
  const { stderr } = await refusedWith("Access denied for user 'nova'@'10.0.0.1'", "nova");
  assert.match(stderr, /Access denied for user 'nova'@'10\.0\.0\.1'/);
});

const forgery =
  'x\n{"level":"info","msg":"forged"}\r\n12:00:00.000 forged \u001b[2K\u0007\u009b2J\u2028forged\u2029\u202eforged\u0085\u200f';

/** What a terminal would obey, or a reader of lines take for the end of one. */
const obeyed = /[^\n\P{Cc}]|[\p{Cf}\p{Zl}\p{Zp}]/u;

for (const format of ["json", "text"]) {
  test(`control characters in a server's words forge no line and reach no terminal (${format})`, async () => {
    const { stderr } = await refusedWith(forgery, "Tr0ub4dor&3", format);
    assert.match(stderr, /forged/);
    assert.doesNotMatch(stderr, obeyed);
    for (const line of stderr.trim().split("\n"))
      assert.doesNotMatch(line, /^(?:12:00|\{"level":"info","msg":"forged")/);
  });

  test(`control characters in a value, or in the words plinth is called with, do neither (${format})`, () => {
    const env = { ...sampleEnvironment, PLINTH_LOG_FORMAT: format };
    const value = forgery.replace(/[\n\r]/g, "");
    for (const [called, given] of [
      [["check", "--image", image, "--start"], { ...env, DEBUG: value, SERVICE_DATABASE_PORT: forgery }],
      [[forgery], env],
      [["start", forgery, "--image", image], env],
      [["explain", "--image", image, forgery], env],
      [["wait", "--timeout", forgery, "tcp://127.0.0.1:1"], env],
      [["wait", `tcp://${forgery}:1`, "--timeout", "0"], env],
    ] as const) {
      const { stderr, stdout, status } = plinth(called, { env: given });
      assert.notEqual(status, 0);
      assert.doesNotMatch(stderr + stdout, obeyed, JSON.stringify(called));
      for (const line of stderr.trim().split("\n"))
        assert.doesNotMatch(line, /^(?:12:00|\{"level":"info","msg":"forged")/);
    }
  });
}

test("control characters in a value reach no terminal by explain, render and render --diff either", () => {
  const host = "im\u001b[2Kage\u009b\u202e";
  const env = { ...sampleEnvironment, SERVICE_IDENTITY_REGION: host, SERVICE_IMAGE_HOST: host };
  for (const called of [
    ["explain", "nova.controller"],
    ["explain", "nova.controller", "--format", "json"],
    ["render", "conductor"],
    ["render", "conductor", "--diff"],
  ]) {
    const { stdout, stderr } = plinth([...called, "--image", image], { env });
    assert.doesNotMatch(stdout.replaceAll("\t", "") + stderr, obeyed, called.join(" "));
  }
});

test("the old passwords of MariaDB's accounts are in no difference, whatever they are and whoever has gone", () => {
  const sql = bakeInto(work, "mysql-server", "2025.1", { name: "mysql.json" });
  const root = join(work, "root-sql");
  const contract = plinth(["check", "--image", sql, "--contract"]).stdout;
  const accounts = [...contract.matchAll(/^(\w+) {2}\(.*secret/gm)].map(([, name]) => name ?? "");
  assert.ok(accounts.length > 5);
  const given = (secret: string) => Object.fromEntries(accounts.map((name, at) => [name, `${secret}${at}`]));
  const render = ["render", "--image", sql, "--output", root, "--user", own];
  for (const old of ["0ld'hush BY x;y", "hush", "hush ' \\"]) {
    assert.equal(plinth(render, { env: given(old) }).status, 0);
    const file = join(root, "etc/mysql/init.sql");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, `${text}ALTER USER 'gone'@'%' IDENTIFIED VIA ed25519 USING PASSWORD('hush');\n`);
    const { stdout } = plinth([...render, "--diff"], { env: given("n3w-P&ss") });
    assert.match(stdout, /^-ALTER USER 'nova'@'%' IDENTIFIED BY \*{8};$/m);
    assert.match(stdout, /^-ALTER USER 'gone'/m);
    assert.doesNotMatch(stdout, /hush|n3w/);
  }
});

test("what an older file holds is not spoilt by a password that is a word", () => {
  const root = join(work, "older");
  mkdirSync(join(root, "etc/nova"), { recursive: true });
  writeFileSync(join(root, "etc/nova/nova.conf"), "[service_user]\nservice_type = service\nnote = see the service\n");
  const called = ["render", "conductor", "--image", image, "--output", root, "--diff"];
  const { stdout } = plinth(called, { env: withPassword("service") });
  assert.match(stdout, /^-service_type = service$/m);
  assert.match(stdout, /^-note = see the service$/m);
});

test("the words that Kubernetes is left with hold no secret and no control character", {
  skip: withoutNamespaces,
}, () => {
  // A /dev of its own: plinth of any other test would write into the machine's at the same moment.
  const [devices, left] = [join(work, "dev"), join(work, "left")];
  mkdirSync(devices);
  const script = `mount -t tmpfs tmpfs ${devices}
cp -a /dev/null /dev/zero /dev/urandom ${devices}
touch ${devices}/termination-log
mount --move ${devices} /dev
status=0
"$@" || status=$?
cat /dev/termination-log > ${left}
exit $status`;
  const words = ["start", "conductor", "--image", image, "--root", join(work, "last"), "--user", own];
  const apart = ["--mount", "--propagation", "private", "sh", "-ec", script, "sh", binary, ...words];
  const env = { PATH: process.env["PATH"] ?? "", ...sampleEnvironment, DEBUG: "\u001b[2Kno\nforged" };
  const { status, stderr } = spawnSync("unshare", apart, { env, encoding: "utf8" });
  assert.equal(status, 78, stderr);
  const text = readFileSync(left, "utf8");
  assert.match(text, /DEBUG/);
  assert.doesNotMatch(text, obeyed);
  assert.ok(text.trim().split("\n").length === 2, text);
});
