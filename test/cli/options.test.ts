import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { bakeInto, plinth, sampleEnvironment, workDirectory } from "../support/plinth.ts";

const directory = workDirectory();
const model = join(directory, "model");
cpSync("model", model, { recursive: true });
appendFileSync(
  join(model, "nodes/nova-controller.yml"),
  `
parameters:
  _options:
    nova.conf:
      DEFAULT: {report_interval: 7}
      wsgi: {keep_alive: false}
      scheduler: {max_attempts: $ATTEMPTS}
  _service_options:
    scheduler:
      nova.conf: {DEFAULT: {report_interval: 8}}
  _files:
    /etc/nova/own.yaml: {content: {"a:b": "$ATTEMPTS"}}
`,
);
const templates = ["--templates", "config-templates"];
const image = bakeInto(directory, "nova-controller", "2025.1", { model });
const env = { ...sampleEnvironment, ATTEMPTS: "5" };
const on = ["--image", image];

describe("what the model says of files, through the binary", () => {
  test("explain names the place in the model, the value it replaced, and the services", () => {
    const { stdout, status } = plinth(["explain", "nova.conf", "DEFAULT", "report_interval", ...on], { env });
    assert.equal(status, 0);
    assert.match(stdout, /\[DEFAULT\] report_interval = 7 {2}\(api, /);
    assert.match(stdout, /_options:nova\.conf:DEFAULT:report_interval \(.*nodes\/nova-controller\.yml:8:17\)/);
    assert.match(stdout, /in place of the template's 60/);
    assert.match(stdout, /report_interval = 8 {2}\(scheduler\)/);
    const yaml = plinth(["explain", "own.yaml", "a:b", ...on], { env });
    assert.match(
      yaml.stdout,
      /a:b = "5"[\s\S]*_files:\/etc\/nova\/own\.yaml[\s\S]*\$ATTEMPTS from environment variable: ATTEMPTS/,
    );
  });

  test("plinth refuses to write files for all services at once where they differ", () => {
    const output = join(directory, "all");
    const { status, log } = plinth(["render", "--output", output, ...on], { env });
    assert.deepEqual([status, log.at(-1)?.code], [64, "file-of-which-service"]);
    const user = `${process.getuid?.()}:${process.getgid?.()}`;
    assert.equal(plinth(["render", "scheduler", "--output", output, "--user", user, ...on], { env }).status, 0);
    assert.match(readFileSync(join(output, "etc/nova/nova.conf"), "utf8"), /^report_interval = 8$/m);
  });

  test("drop-in files are reported at start, explained as what counts, and listed by check", () => {
    const root = join(directory, "root");
    mkdirSync(join(root, "etc/nova/nova.conf.d"), { recursive: true });
    const file = join(root, "etc/nova/nova.conf.d/50-now.conf");
    writeFileSync(
      file,
      "[DEFAULT]\nreport_interval = 9\n[keystone_authtoken]\npassword = hunter2\n[api]\nmax_limit = 3\n",
    );
    writeFileSync(join(root, "etc/nova/nova.conf.d/README"), "[DEFAULT]\nreport_interval = 10\n");
    const user = `${process.getuid?.()}:${process.getgid?.()}`;
    const start = ["start", "conductor", "--no-wait", "--root", root, "--user", user, ...on, "--", "/bin/true"];
    const started = plinth(start, { env });
    const told = started.log.filter(({ msg }) => msg.startsWith("drop-in files count more"));
    assert.deepEqual(
      told.map(({ level, files }) => [level, files]),
      [["warn", [file]]],
    );
    const explained = plinth(["explain", "nova.conf", "DEFAULT", "report_interval", "--root", root, ...on], { env });
    assert.ok(
      explained.stdout.startsWith(`${file}:2 [DEFAULT] report_interval = 9\na drop-in file says it`),
      explained.stdout,
    );
    const alone = plinth(["explain", "nova.conf", "api", "max_limit", "--root", root, ...on], { env });
    assert.match(alone.stdout, /max_limit = 3\na drop-in file says it, and nothing else does/);
    const secret = plinth(["explain", "nova.conf", "keystone_authtoken", "password", "--root", root, ...on], { env });
    assert.doesNotMatch(secret.stdout + secret.stderr, /hunter2/);
    const checked = plinth(["check", "--root", root, ...on], { env });
    assert.equal(checked.status, 0);
    assert.deepEqual(
      checked.log
        .filter(({ code }) => code === "option-dropped-in")
        .map(({ fix }) => /_options:\S+(?=,)/.exec(fix ?? "")?.[0]),
      [
        "_options:nova.conf:DEFAULT:report_interval",
        "_options:nova.conf:keystone_authtoken:password",
        "_options:nova.conf:api:max_limit",
      ],
    );
  });
});

describe("plinth options", () => {
  const options = (...words: readonly string[]) => plinth(["options", ...words, ...templates, "--model", model]);
  for (const [what, words, says] of [
    [
      "shows what the items of a list may be",
      ["glance-api.conf", "import_filtering_opts", "allowed_ports", "--release", "2025.2"],
      /type: List of Int, 1 to 65535\n {2}default: 80,443/,
    ],
    [
      "shows the default of a list of dictionaries",
      ["neutron.conf", "DEFAULT", "allowed_conntrack_helpers", "--release", "zed"],
      /type: List of Dict\n {2}default: tftp:udp,ftp:tcp/,
    ],
    [
      "shows an expression and a length",
      ["nova.conf", "ironic", "shard", "--release", "2026.2"],
      /type: Str, 255 characters at most, fits \^\[a-zA-Z0-9_\.-\]\+\$/,
    ],
    [
      "shows an option whole",
      ["nova.conf", "DEFAULT", "debug"],
      /type: Bool\n {2}default: false\n {2}a change: taken over with a SIGHUP\n {2}help: /,
    ],
    ["lists sections", ["nova.conf"], /nova\.conf of 2025\.1: \d+ options in \d+ sections\n\[DEFAULT\]/],
    ["lists a section", ["nova.conf", "scheduler"], /^\[scheduler\] max_attempts {2}Int, default 3$/m],
    ["finds a word in names", ["nova.conf", "max_attempts"], /\[scheduler\] max_attempts/],
    ["takes another release", ["nova.conf", "--release", "2026.1"], /nova\.conf of 2026\.1/],
    ["says of a secret that it is one", ["nova.conf", "keystone_authtoken", "password"], /secret: yes/],
    ["goes by the file's component", ["ml2_conf.ini", "ml2", "type_drivers"], /\[ml2\] type_drivers/],
    [
      "tells what differs, and what of the model that concerns",
      ["diff", "--from", "2025.1", "--to", "2026.1", "nova.conf"],
      /- \[wsgi\] keep_alive[\s\S]*of the model's own options:\n {2}- \[wsgi\] keep_alive {2}\(nova-controller, .*nova-controller\.yml:9:14\)/,
    ],
  ] as const) {
    test(what, () => {
      const { status, stdout, stderr } = options(...words);
      assert.equal(status, 0, stderr);
      assert.match(stdout, says);
    });
  }

  for (const [what, words, code] of [
    ["an unknown file", ["nova.con"], "options-file-unknown"],
    ["an unknown section", ["nova.conf", "schedulr", "x"], "options-section-unknown"],
    ["nothing", ["nova.conf", "scheduler", "zzzzz"], "options-none"],
    ["an unknown release", ["nova.conf", "--release", "2025.9"], "options-release-unknown"],
    ["half a comparison", ["diff", "--from", "2025.1"], "usage"],
  ] as const) {
    test(`names ${what}`, () => {
      const { status, log } = options(...words);
      assert.deepEqual([status, log.at(-1)?.code], [64, code]);
    });
  }
});
