/** make openstack, with a script in Docker's place that writes down what it is given: what words and directories reach the client. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { calledIn, directoriesOf } from "../../scripts/stack/called-in.ts";
import { mountsFor, mountWord } from "../../scripts/stack/mounts.ts";
import { workDirectory } from "../support/plinth.ts";

const directory = realpathSync(workDirectory());
const checkout = process.cwd();
const stack = `client-test-${process.pid}`;
const record = join(directory, "record");

const fake = `#!/bin/bash
case $1 in
  ps) printf 'id\\tkeystone-server\\timage\\trunning\\t${checkout}\\tFalse\\n' ;;
  image) echo '["plinth/openstack-client:2025.1"]' ;;
  run) printf '%s\\0' "$@" >${record} ;;
esac
`;

before(() => {
  mkdirSync(join(directory, "bin"));
  writeFileSync(join(directory, "bin/docker"), fake, { mode: 0o755 });
  mkdirSync(`build/stack/${stack}/secrets`, { recursive: true });
  writeFileSync(`build/stack/${stack}/secrets/admin`, "password");
  mkdirSync(join(directory, "its files"));
});
after(() => rmSync(`build/stack/${stack}`, { recursive: true, force: true }));

/** Calls make in a directory, as a shell would. @returns what the engine was given. */
function call(cwd: string, words: readonly string[]) {
  rmSync(record, { force: true });
  const env = { ...process.env, PATH: `${directory}/bin:${process.env["PATH"]}`, PWD: cwd, STACK: stack };
  const run = spawnSync("make", words, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  assert.ok(existsSync(record), run.stderr);
  const given = readFileSync(record, "utf8").split("\0").slice(0, -1);
  const image = given.indexOf("plinth/openstack-client:2025.1");
  const option = (name: string): readonly string[] =>
    given.slice(0, image).flatMap((word, index) => (given[index - 1] === name ? [word] : []));
  return { words: given.slice(image + 1), option, flags: given.slice(0, image), stderr: run.stderr };
}

describe("make openstack", () => {
  for (const [args, words] of [
    ["server list", ["server", "list"]],
    [`server create --name "my server" 'a  b'`, ["server", "create", "--name", "my server", "a  b"]],
    [`user set --password 'a$b$$c' x`, ["user", "set", "--password", "a$b$$c", "x"]],
    [`"it's" '"' a\\ b \\$x`, ["it's", '"', "a b", "$x"]],
    ["note 'two\nlines' end", ["note", "two\nlines", "end"]],
    ["a ''", ["a", ""]],
    ["list '*' '#1' 'a;b' 'x>y'", ["list", "*", "#1", "a;b", "x>y"]],
    ["", []],
  ] as const) {
    test(`gives the client ${JSON.stringify(args)} as a shell would`, () => {
      assert.deepEqual(call(checkout, ["openstack", `ARGS=${args}`]).words, words);
    });
  }

  test("takes ARGS from the environment as well", () => {
    const env = { ...process.env, PATH: `${directory}/bin:${process.env["PATH"]}`, STACK: stack, ARGS: "note 'a $b'" };
    spawnSync("make", ["openstack"], { env, stdio: "ignore" });
    assert.deepEqual(readFileSync(record, "utf8").split("\0").slice(-3, -1), ["note", "a $b"]);
  });

  test("runs the client as the caller, without a terminal where there is none", () => {
    const { option, flags } = call(checkout, ["openstack", "ARGS=x"]);
    assert.deepEqual(option("--user"), [`${process.geteuid?.()}:${process.getegid?.()}`]);
    assert.ok(flags.includes("--interactive") && !flags.includes("--tty"));
    assert.ok(!flags.some((word) => word.includes("password")), "a password in the argument vector");
  });

  for (const [how, cwd, words] of [
    ["in the checkout", checkout, []],
    ["in another directory", join(directory, "its files"), ["-C", checkout]],
    ["in another directory, silently", join(directory, "its files"), ["-sC", checkout]],
    [
      "in another directory, the long way",
      join(directory, "its files"),
      ["--no-print-directory", `--directory=${checkout}`],
    ],
  ] as const) {
    test(`called ${how}: the client runs there`, () => {
      const { option } = call(cwd, [...words, "openstack", "ARGS=x"]);
      assert.deepEqual(option("--workdir"), [cwd]);
      assert.deepEqual(option("--mount"), [`type=bind,source=${cwd},target=${cwd}`]);
    });
  }
});

test("the directory that make was called in: PWD, if make's words lead from there to where make is", () => {
  const [one, here] = [join(directory, "one"), join(directory, "two")];
  for (const path of [one, here]) mkdirSync(path);
  for (const [pwd, words, expected] of [
    [here, ["make", "x"], here],
    [one, ["make", "-C", here], one],
    [one, ["make", "-C", "../two"], one],
    [one, ["make", "--directory", "..", "-Ctwo"], one],
    // Left over from the program that started make here.
    [one, ["make", "x"], here],
    ["", ["make", "x"], here],
    ["relative", ["make", "-C", here], here],
  ] as const) {
    assert.equal(calledIn(here, pwd, words), expected, `${pwd} ${words.join(" ")}`);
  }
  assert.deepEqual(directoriesOf(["make", "-j", "ARGS=-C x", "-kC", "a", "-Cb", "--directory=c"]), ["a", "b", "c"]);
});

describe("the client finds these paths of the machine", () => {
  const own = join(directory, "own");
  const data = join(directory, "data");
  before(() => {
    for (const path of [own, join(own, "deep"), data]) mkdirSync(path);
    for (const path of [join(own, "deep/a"), join(data, "disk.img")]) writeFileSync(path, "");
    symlinkSync(join(data, "disk.img"), join(own, "link"));
  });
  const rows: readonly (readonly [string, readonly string[], readonly string[], readonly string[]])[] = [
    ["no file", ["server", "list"], [], []],
    ["a file of the directory", ["--file", "deep/a", "x"], [], []],
    ["the same by its absolute path", ["--file", join(own, "deep/a")], [], []],
    ["a file elsewhere", ["--file", join(data, "disk.img")], [join(data, "disk.img")], []],
    ["a file elsewhere, behind =", [`--file=${data}/disk.img`], [join(data, "disk.img")], []],
    ["a file elsewhere, relative", ["--file", "../data/disk.img"], [join(data, "disk.img")], []],
    ["what a link leads to", ["--file", "link"], [join(data, "disk.img")], []],
    ["a new file elsewhere", ["--file", join(data, "new")], [data], []],
    ["a new file and an old one elsewhere", [`${data}/new`, `${data}/disk.img`], [data], []],
    ["a directory that there is not", ["--file", "/nowhere/x/y"], [], []],
    ["what is not a file", ["192.0.2.0/24", "http://one/two", "key=value", "--property", "a=b"], [], []],
    ["a file of the image's own directories", ["--file", "/etc/hostname"], [], ["/etc/hostname"]],
    ["a new file there", ["--file=/usr/share/x"], [], ["/usr/share/x"]],
    ["standard input", ["--file", "/dev/stdin"], [], []],
  ];
  for (const [what, words, more, hidden] of rows) {
    test(`${what}: ${words.map((word) => word.replace(directory, "")).join(" ")}`, () => {
      const mounts = mountsFor(own, words);
      assert.deepEqual(mounts.mounted, [own, ...more].sort());
      assert.deepEqual(mounts.hidden, hidden);
    });
  }

  test("a working directory of the system is not mounted", () => {
    for (const path of ["/", "/usr", "/etc", "/usr/bin"]) assert.deepEqual(mountsFor(path, []).mounted, []);
    for (const path of ["/tmp", "/var", "/home"]) assert.deepEqual(mountsFor(path, []).mounted, [path]);
  });

  test("a path with a comma or a quote is mounted", () => {
    assert.equal(mountWord('/a,b"c'), 'type=bind,"source=/a,b""c","target=/a,b""c"');
    assert.equal(mountWord("/a:b c"), "type=bind,source=/a:b c,target=/a:b c");
  });
});
