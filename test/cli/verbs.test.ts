import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { supportedNames } from "../../src/openstack/releases.ts";
import { parameters } from "../support/parameters.ts";
import { bakeInto, binary, plinth, sampleEnvironment, withoutBinary, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const image = bakeInto(work, "nova-controller", "2025.1");
const user = `${process.geteuid?.()}:${process.getegid?.()}`;
const fixtures = "test/fixtures/model";

const verbs = [
  ...["start", "render", "explain", "wait", "watch", "check", "healthcheck", "model", "bake", "completion"],
  ...["timeline", "keys", "keep", "catalog", "compose", "manifests", "graph", "secrets", "explain-error"],
];

test("--version names version, commit and Node", { skip: withoutBinary }, () => {
  const { status, stdout } = plinth(["--version"]);
  assert.equal(status, 0);
  assert.match(stdout, /^plinth \d+\.\d+\.\d+ \(commit [0-9a-f]{12}(-modified)?, Node v24\.\d+\.\d+\)$/m);
});

test("--help lists every verb", () => {
  const { status, stdout } = plinth(["--help"]);
  assert.equal(status, 0);
  for (const verb of verbs) assert.match(stdout, new RegExp(`plinth ${verb}`));
});

for (const verb of verbs) {
  test(`--help of ${verb} shows an example`, () => {
    const { status, stdout } = plinth([verb, "--help"]);
    assert.equal(status, 0);
    assert.match(stdout, new RegExp(`Examples:[^]*plinth ${verb}`));
  });
}

for (const [shell, syntax] of [
  ["bash", ["bash", "-n"]],
  ["zsh", ["zsh", "-n"]],
] as const) {
  test(`${shell} accepts the completion script`, (context) => {
    const { status, stdout } = plinth(["completion", shell]);
    assert.equal(status, 0);
    assert.match(stdout, /plinth/);
    const file = join(work, `completion.${shell}`);
    writeFileSync(file, stdout);
    const [command, ...words] = syntax;
    const parsed = spawnSync(command, [...words, file], { encoding: "utf8" });
    if ((parsed.error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
      if (process.env["CI"]) assert.fail(`${shell} is missing`);
      return context.skip(`${shell} is not installed`);
    }
    assert.equal(parsed.status, 0, parsed.stderr);
  });
}

test("bash completes verbs, options, and the services of the image", () => {
  const script = `
    PATH=${join(work, "bin")}:$PATH
    source <(plinth completion bash)
    complete_words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _plinth_yargs_completions 2>/dev/null; echo "\${COMPREPLY[@]}"; }
    complete_words plinth st
    complete_words plinth render --di
    complete_words plinth start con
  `;
  mkdirSync(join(work, "bin"), { recursive: true });
  spawnSync("ln", ["-s", binary, join(work, "bin/plinth")]);
  const { stdout } = spawnSync("bash", ["-c", script], {
    encoding: "utf8",
    env: { ...process.env, PLINTH_IMAGE: image },
  });
  const [first = "", second = "", third = ""] = stdout.split("\n");
  assert.match(first, /\bstart\b/);
  assert.match(second, /--diff\b/);
  assert.match(third, /\bconductor\b/);
});

test("render shows the files, with their names where there are several, masks secrets, and writes nothing", () => {
  const env = { ...sampleEnvironment, SERVICE_DATABASE_PASSWORD: "the-Db&secret1" };
  const root = join(work, "shown");
  const written = plinth(["render", "conductor", "--image", image, "--output", root, "--user", user], { env });
  assert.deepEqual([written.status, written.stdout], [0, ""]);
  const text = readFileSync(join(root, "etc/nova/nova.conf"), "utf8");
  assert.ok(text.includes(encodeURIComponent("the-Db&secret1")));

  const one = plinth(["render", "conductor", "--image", image], { env });
  assert.equal(one.status, 0);
  assert.doesNotMatch(one.stdout + one.stderr, /the-Db/);
  assert.match(one.stdout, /^connection = mysql\+pymysql:\/\/nova:\*{8}@192\.0\.2\.10:3306\/nova$/m);
  assert.match(one.stderr, /--show-secrets shows them/);
  const open = plinth(["render", "conductor", "--image", image, "--show-secrets"], { env });
  assert.equal(open.stdout, text);

  const all = plinth(["render", "--image", image], { env });
  assert.match(all.stdout, /^==> \/etc\/nova\/nova\.conf <==$/m);
  assert.ok(!existsSync("/etc/nova/nova.conf"));
});

for (const words of [["--output", ""], ["--output="], ["--root", ""], ["--output", "", "--diff"]]) {
  test(`render ${JSON.stringify(words)} asks for no directory, and least of all for the real file system`, () => {
    const ended = plinth(["render", "conductor", "--image", image, "--user", user, ...words], {
      env: sampleEnvironment,
    });
    assert.deepEqual([ended.status, ended.stdout, ended.log.map(({ code }) => code)], [64, "", ["usage"]]);
    assert.ok(!existsSync("/etc/nova/nova.conf"));
  });
}

test("render --diff shows what would change and changes nothing", () => {
  const root = join(work, "diff");
  const words = ["render", "--image", image, "--output", root, "--user", user];
  plinth(words, { env: sampleEnvironment });
  const before = readFileSync(join(root, "etc/nova/nova.conf"), "utf8");
  const unchanged = plinth([...words, "--diff"], { env: sampleEnvironment });
  assert.equal(unchanged.stdout, "nothing would change\n");
  const { stdout } = plinth([...words, "--diff"], {
    env: { ...sampleEnvironment, SERVICE_IMAGE_HOST: "203.0.113.7", DEBUG: "yes" },
  });
  assert.match(stdout, /^-debug = false$/m);
  assert.match(stdout, /^\+debug = true$/m);
  assert.match(stdout, /^\+endpoint_override = http:\/\/203\.0\.113\.7:9292$/m);
  assert.equal(readFileSync(join(root, "etc/nova/nova.conf"), "utf8"), before);
});

test("explain of an option names its file, its settings, and where each came from", () => {
  const { stdout, status } = plinth(["explain", "--image", image, "nova.conf", "database", "connection"], {
    env: sampleEnvironment,
  });
  assert.equal(status, 0);
  assert.match(stdout, /nova\.conf:\d+ \[database\] connection = mysql\+pymysql:\/\/nova:\*+@192\.0\.2\.10:3306\/nova/);
  assert.match(
    stdout,
    /database\.host = "192\.0\.2\.10"\n {2}\$SERVICE_DATABASE_HOST from environment variable: SERVICE_DATABASE_HOST/,
  );
  assert.match(stdout, /database\.name = "nova"\n {2}from pillar: model\/classes\/\S+\.yml:\d+:\d+\n/);
  const other = plinth(["explain", "--image", image, "nova.conf", "api_database", "connection"], {
    env: sampleEnvironment,
  });
  assert.match(other.stdout, /api_database\.name = "nova_api"\n {2}from default/);
});

test("the binary finds the templates of its checkout in every working directory", { skip: withoutBinary }, () => {
  const words = ["check", "--node", "nova-controller", "--model", resolve("model"), "--contract"];
  const { status, stdout, stderr } = spawnSync(binary, words, { cwd: work, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /\/etc\/nova\/nova\.conf \[DEFAULT\] transport_url/);
});

test("explain of a pillar path names the value that counts and what it overrode", () => {
  const { stdout } = plinth(["explain", "--image", image, "nova.controller.database.port"], {
    env: { ...sampleEnvironment, SERVICE_DATABASE_PORT: "3307" },
  });
  assert.match(
    stdout,
    /database\.port = 3307\n {2}\$SERVICE_DATABASE_PORT from environment variable: SERVICE_DATABASE_PORT\n {4}overrode pillar: model\/classes\/\S+\.yml:\d+:\d+/,
  );
});

test("explain of an unknown name suggests the nearest", () => {
  const { status, log } = plinth(["explain", "--image", image, "nova.conf", "database", "conection"], {
    env: sampleEnvironment,
  });
  assert.equal(status, 64);
  assert.match(log.at(-1)?.fix ?? "", /did you mean connection/);
});

test("the contract lists every parameter with type, secrecy and use, for people and for programs", () => {
  const { stdout } = plinth(["check", "--image", image, "--contract", "--format", "json"]);
  const contract = JSON.parse(stdout) as {
    name: string;
    kind: string;
    secret: boolean;
    required: boolean;
    options: { option: string }[];
  }[];
  const password = contract.find(({ name }) => name === "SERVICE_DATABASE_PASSWORD");
  assert.deepEqual([password?.kind, password?.secret, password?.required], ["string", true, true]);
  assert.ok(password?.options.some(({ option }) => option === "connection"));
  const port = contract.find(({ name }) => name === "SERVICE_DATABASE_PORT");
  assert.deepEqual([port?.kind, port?.secret, port?.required], ["port", false, false]);
  const people = plinth(["check", "--image", image, "--contract"]).stdout;
  for (const { name } of contract) assert.match(people, new RegExp(`^${name} {2}\\(`, "m"));
});

test("check --start tells whether the given values suffice", () => {
  assert.equal(plinth(["check", "--image", image, "--start"], { env: sampleEnvironment }).status, 0);
  assert.equal(plinth(["check", "--image", image, "--start"]).status, 78);
});

test("bake --link-root makes the files links into /run/plinth, and a second run changes nothing", () => {
  const root = join(work, "root");
  const words = [
    "bake",
    "--node",
    "keystone-server",
    "--templates",
    "config-templates",
    "--output",
    join(root, "image.json"),
    "--link-root",
    root,
  ];
  for (let times = 0; times < 2; times++) assert.equal(plinth(words).status, 0);
  const link = join(root, "etc/keystone/keystone.conf");
  assert.ok(lstatSync(link).isSymbolicLink());
  assert.equal(readlinkSync(link), "/run/plinth/etc/keystone/keystone.conf");
});

for (const release of supportedNames) {
  test(`the model's nodes bake for ${release}, and the seed's own as it stands`, () => {
    for (const node of ["nova-controller", "nova-compute", "keystone-server"]) {
      bakeInto(work, node, release, { name: `${release}.json` });
    }
    bakeInto(work, "seed-nova-controller", release, { name: `${release}.json`, model: fixtures });
  });
}

for (const [title, words, env] of [
  ["--model", ["--model", fixtures], {}],
  ["PLINTH_MODEL", [], { PLINTH_MODEL: fixtures }],
  ["--model rather than PLINTH_MODEL", ["--model", fixtures], { PLINTH_MODEL: "/no/such" }],
] as const) {
  test(`a node is taken in place of a baked image, from the model that ${title} names`, () => {
    const own = ["--node", "nova-controller", "--templates", "config-templates", ...words];
    const given = { ...parameters, ...env };
    const explained = plinth(["explain", ...own, "workers"], { env: given });
    assert.equal(explained.stdout, "workers = 2\n  from pillar: test/fixtures/model/nodes/nova-controller.yml:29:16\n");
    const root = join(work, `node-${title}`);
    assert.equal(plinth(["render", ...own, "--output", root, "--user", user], { env: given }).status, 0);
    const golden = readFileSync("test/golden/2025.1/nova-controller/etc/nova/nova.conf", "utf8");
    assert.equal(readFileSync(join(root, "etc/nova/nova.conf"), "utf8"), golden);
  });
}

test("the release is a parameter of the model, and --release overrides it for one run", () => {
  const check = (...words: string[]) =>
    plinth(["check", "--node", "keystone-server", "--templates", "config-templates", ...words], {
      env: { PLINTH_MODEL: fixtures },
    }).stdout;
  assert.match(check(), /^keystone-server 2025\.1: /);
  assert.match(check("--release", "liberty"), /^keystone-server liberty: /);
});

test("the seed's pillar starts with the four values it names", () => {
  const seed = bakeInto(work, "seed-nova-controller", "kilo", { name: "seed.json", model: fixtures });
  const env = {
    SERVICE_DATABASE_HOST: "192.168.50.50",
    SERVICE_DATABASE_PASSWORD: "one",
    SERVICE_IDENTITY_HOST: "192.168.50.51",
    SERVICE_IDENTITY_PASSWORD: "two",
  };
  const root = join(work, "seed");
  const { status, stdout } = plinth(
    ["start", "api", "--image", seed, "--root", root, "--no-wait", "--user", user, "--", "/bin/echo", "became"],
    { env },
  );
  assert.deepEqual([status, stdout], [0, "became\n"]);
  assert.match(
    readFileSync(join(root, "etc/nova/nova.conf"), "utf8"),
    /^connection = mysql:\/\/nova:one@192\.168\.50\.50:3306\/nova$/m,
  );
});

test("wait takes several URLs", () => {
  const { status, log } = plinth(["wait", "tcp://127.0.0.1:1", "file:///no/such", "--timeout", "0.2"]);
  assert.equal(status, 75);
  assert.equal(log.filter((line) => line.level === "error").length, 2);
});

test("a secret that only a job uses need not be given to the services", () => {
  const keystone = bakeInto(work, "keystone-server", "2025.1", { name: "keystone.json" });
  const env = {
    SERVICE_DATABASE_HOST: "a",
    SERVICE_DATABASE_PASSWORD: "b",
    SERVICE_IDENTITY_HOST: "c",
    SERVICE_MEMCACHED_HOST: "d",
  };
  const words = (service: string) => [
    "start",
    service,
    "--image",
    keystone,
    "--root",
    join(work, service),
    "--no-wait",
    "--user",
    user,
  ];
  assert.equal(plinth([...words("server"), "--", "/bin/true"], { env }).status, 0);
  const job = plinth([...words("bootstrap"), "--", "/bin/true"], { env });
  assert.equal(job.status, 78);
  assert.match(job.log[0]?.msg ?? "", /SERVICE_IDENTITY_ADMIN_PASSWORD is not set/);
  const given = plinth([...words("bootstrap"), "--", "/usr/bin/env"], {
    env: { ...env, SERVICE_IDENTITY_ADMIN_PASSWORD: "secret" },
  });
  assert.match(given.stdout, /^OS_BOOTSTRAP_PASSWORD=secret$/m);
});

test("timeline reads a log from a pipe that is filled in small pieces", () => {
  const { stderr } = plinth(
    [
      ...["start", "conductor", "--image", image, "--root", join(work, "timeline"), "--no-wait", "--user", user],
      "--",
      "/bin/true",
    ],
    { env: sampleEnvironment },
  );
  const start = stderr.split("\n").find((line) => line.includes("becoming")) ?? assert.fail(stderr);
  const script = `i=0; while [ $i -lt 4000 ]; do echo "nova-api-1  | a line of the service's own, number $i"; i=$((i + 1)); done; echo "$1"`;
  for (let round = 0; round < 5; round += 1) {
    const words = ["-c", `(${script}) | "$2" timeline`, "sh", `nova-conductor-1  | ${start}`, binary];
    const { status, stdout, stderr: said } = spawnSync("sh", words, { encoding: "utf8" });
    assert.equal(status, 0, said);
    assert.match(stdout, /^nova-controller +conductor /m);
  }
});
