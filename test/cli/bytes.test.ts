import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Etcd, startEtcd, withoutEtcd } from "../support/etcd.ts";
import { bakeInto, binary, plinth, sampleEnvironment, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const image = bakeInto(work, "nova-controller", "2025.1");
const name = "SERVICE_IDENTITY_PASSWORD";
const { [name]: _replaced, ...others } = sampleEnvironment;
const check = ["check", "--image", image, "--start"];

const file = (title: string, bytes: string | Uint8Array): string => {
  const path = join(work, title);
  writeFileSync(path, bytes);
  return path;
};

/** What plinth says of a secret in this file, the first line of its log. */
function said(path: string, as: { readonly uid?: number; readonly gid?: number } = {}) {
  const began = performance.now();
  const { status, log } = plinth(check, { env: { ...others, [`${name}_FILE`]: path }, ...as });
  assert.ok(performance.now() - began < 20_000, "it waits for nobody");
  return { status, code: log[0]?.code, msg: log[0]?.msg ?? "", fix: log[0]?.fix ?? "" };
}

const fifo = join(work, "fifo");
execFileSync("mkfifo", [fifo]);
const socket = join(work, "socket");
const listening = createServer().listen(socket);
after(() => listening.close());

for (const [title, path, flaw] of [
  ["Latin-1", file("latin-1", Buffer.from("pässword", "latin1")), /is not UTF-8/],
  ["a byte order mark", file("bom", "\ufeffpassword"), /begins with a byte order mark/],
  ["UTF-16", file("utf-16", Buffer.from("\ufeffpassword", "utf16le")), /is UTF-16/],
  ["half a character at its end", file("half", Buffer.from("pä").subarray(0, 2)), /is not UTF-8/],
  ["a NUL byte", file("nul", "pass\0word"), /holds a NUL byte/],
  ["a NUL byte at its end", file("nul-end", "password\0"), /holds a NUL byte/],
  ["more than 1 MiB", file("large", "x".repeat(1024 * 1024 + 1)), /is larger than 1 MiB/],
  ["a FIFO", fifo, /is a FIFO or pipe, not a file/],
  ["a socket", socket, /is a socket, not a file/],
  ["a directory", work, /is a directory, not a file/],
  ["a device without an end", "/dev/zero", /is a device, not a file/],
  ["an empty device", "/dev/null", /is a device, not a file/],
] as const) {
  test(`a secret file that is or holds ${title} is an error that names it`, () => {
    const { status, code, msg, fix } = said(path);
    assert.deepEqual([status, code], [78, "secret-unfit"], msg);
    assert.match(msg, flaw);
    assert.ok(msg.includes(path) && msg.includes(`${name}_FILE`), msg);
    assert.notEqual(fix, "");
  });
}

for (const [title, bytes, expected] of [
  ["1 MiB", "x".repeat(1024 * 1024), "x".repeat(1024 * 1024)],
  ["one newline of Unix at its end", "pw\n", "pw"],
  ["one newline of Windows at its end", "pw\r\n", "pw"],
  ["a real U+FFFD", "p\ufffdw", "p\ufffdw"],
] as const) {
  test(`a secret file with ${title} is taken`, () => {
    const path = file(`good ${title}`, bytes);
    const directory = join(work, `root ${title}`);
    const own = `${process.geteuid?.()}:${process.getegid?.()}`;
    const words = ["render", "--image", image, "--output", directory, "--user", own, "conductor"];
    const { status, stderr } = plinth(words, { env: { ...others, [`${name}_FILE`]: path } });
    assert.equal(status, 0, stderr.slice(0, 2000));
    const text = readFileSync(join(directory, "etc/nova/nova.conf"), "utf8");
    assert.ok(text.includes(`password = ${expected}\n`));
  });
}

test("a secret file that ends in two newlines is an error: one of them belongs to the value", () => {
  assert.equal(said(file("two", "pw\n\n")).code, "parameter-control");
});

test("a secret that Kubernetes mounts, behind two links, is taken", () => {
  const directory = join(work, "projected");
  mkdirSync(join(directory, "..2026"), { recursive: true });
  writeFileSync(join(directory, "..2026/password"), "pw");
  symlinkSync("..2026", join(directory, "..data"));
  symlinkSync("..data/password", join(directory, "password"));
  assert.equal(said(join(directory, "password")).status, 0);
});

for (const [title, value, looks] of [
  ["the secret itself", "hunter2-S3cret!", /no absolute path; is it the value itself/],
  ["a secret that begins like a path", "/hunter2/S3cret", /looks like a path, in a directory that is not there/],
  ["a wrong name in a directory that exists", join(work, "hunter2"), /in a directory that is there/],
  ["a name that is too long", `/${"hunter2".repeat(1000)}`, /looks like a path/],
] as const) {
  test(`what ${name}_FILE holds is not shown when no file is there: ${title}`, () => {
    const { status, stdout, stderr } = plinth(check, { env: { ...others, [`${name}_FILE`]: value } });
    assert.equal(status, 78);
    assert.ok(!(stdout + stderr).includes("hunter2"), stderr);
    assert.match(stderr, looks);
    assert.ok(stderr.includes(`${name}_FILE`));
  });
}

test("the same applies to URLs to wait for, and to etcd's password and certificates", () => {
  for (const [words, env] of [
    [["wait", "mysql://nova:$PW@127.0.0.1:1/nova", "--timeout", "0"], { PW_FILE: "hunter2-S3cret" }],
    [["healthcheck", "mysql://nova:$PW@127.0.0.1:1/nova"], { PW_FILE: "hunter2-S3cret" }],
    [
      check,
      {
        ...sampleEnvironment,
        PLINTH_ETCD_ENDPOINTS: "https://127.0.0.1:1",
        PLINTH_ETCD_USER: "u",
        PLINTH_ETCD_PASSWORD_FILE: "hunter2-S3cret",
        PLINTH_ETCD_CA: "hunter2-S3cret",
      },
    ],
  ] as const) {
    const { status, stderr } = plinth(words, { env });
    assert.equal(status, 78, stderr);
    assert.ok(!stderr.includes("hunter2"), stderr);
    assert.match(stderr, /secret-absent/);
  }
});

const isRoot = process.geteuid?.() === 0;

describe("a secret that is mounted and cannot be read", { skip: isRoot ? false : "needs root, to be another" }, () => {
  const nobody = { uid: 65534, gid: 65534 };
  before(() => chmodSync(work, 0o755));

  test("names the account, the file it cannot read, and what to change", () => {
    const path = file("private", "pw");
    chmodSync(path, 0o440);
    chownSync(path, 0, 42);
    const { status, code, msg, fix } = said(path, nobody);
    assert.deepEqual([status, code], [78, "secret-denied"], msg);
    assert.match(msg, /uid 65534, gid 65534, groups [\d ]+ may not read .*private \(mode 0440, owner 0:42\)/);
    assert.match(fix, /chmod o\+r, or chgrp 65534 and chmod g\+r, or chown 65534.*fsGroup.*Docker/);
    assert.doesNotMatch(fix, /mount it/);
  });

  test("names the directory that denies access, also behind a link, and shows nothing of its contents", () => {
    const directory = join(work, "closed");
    mkdirSync(directory, { mode: 0o700 });
    writeFileSync(join(directory, "hunter2"), "pw");
    const link = join(work, "link-to-closed");
    symlinkSync(directory, link);
    for (const path of [join(directory, "hunter2"), join(link, "hunter2")]) {
      const { code, msg, fix } = said(path, nobody);
      assert.equal(code, "secret-denied", msg);
      assert.match(msg, /may not enter the directory .*\/closed \(mode 0700, owner 0:0\)/);
      assert.doesNotMatch(msg, /hunter2/);
      assert.match(fix, /chmod o\+x/);
    }
  });
});

test("an environment value that is not UTF-8 is an error; a real U+FFFD is not", () => {
  const run = (bytes: string) => {
    const words = [...check, "--format", "text"].map((word) => `'${word}'`).join(" ");
    const env = Object.entries(others).map(([key, value]) => `${key}='${value}'`);
    const script = `export ${env.join(" ")} PLINTH_LOG_FORMAT=json; ${name}=$(printf '${bytes}') '${binary}' ${words}`;
    return spawnSync("/bin/bash", ["-c", script], { encoding: "utf8" });
  };
  const latin = run("p\\344ssword");
  assert.equal(latin.status, 78, latin.stderr);
  assert.match(latin.stderr, /"code":"parameter-control"/);
  assert.equal(run("p\\357\\277\\275ssword").status, 0);
});

describe("a value of etcd that is not UTF-8", { skip: withoutEtcd }, () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await startEtcd();
  });
  after(() => etcd.stop());

  test("is an error that names the key", () => {
    const key = `/plinth/all/${name}`;
    const port = new URL(etcd.member.url).port;
    const body = (value: Uint8Array) =>
      JSON.stringify({ key: Buffer.from(key).toString("base64"), value: Buffer.from(value).toString("base64") });
    const put = (value: Uint8Array) =>
      execFileSync("curl", ["-sf", `http://127.0.0.1:${port}/v3/kv/put`, "-d", body(value)], { stdio: "pipe" });
    const env = { ...others, PLINTH_ETCD_ENDPOINTS: etcd.member.url };
    put(Buffer.from("pässword", "latin1"));
    const { status, log } = plinth(check, { env });
    assert.equal(status, 78);
    assert.equal(log[0]?.code, "parameter-control");
    assert.equal(log[0]?.["at"], `etcd key ${key}`);
    put(Buffer.from("pässword"));
    assert.equal(plinth(check, { env }).status, 0);
  });
});
