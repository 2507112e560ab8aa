import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bakeInto, type Ended, plinth, sampleEnvironment, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const image = bakeInto(work, "nova-controller", "2025.1");
const own = `${process.geteuid?.()}:${process.getegid?.()}`;

let number = 0;
/** Starts with an environment in a fresh directory. @returns how it ended, and whether a file or part of one was left. */
function startWith(env: Readonly<Record<string, string>>): Ended & { readonly root: string } {
  const root = join(work, `root-${number++}`);
  const words = [
    "start",
    "conductor",
    "--image",
    image,
    "--root",
    root,
    "--no-wait",
    "--user",
    own,
    "--",
    "/bin/echo",
    "ran",
  ];
  return { ...plinth(words, { env }), root };
}

const { SERVICE_DATABASE_HOST: _host, SERVICE_IDENTITY_PASSWORD: _password, ...incomplete } = sampleEnvironment;

for (const [title, env, expected] of [
  [
    "everything missing is reported at once",
    incomplete,
    { "parameter-missing": ["SERVICE_DATABASE_HOST", "SERVICE_IDENTITY_PASSWORD"] },
  ],
  [
    "an empty value is a mistake where it can mean nothing",
    { ...sampleEnvironment, SERVICE_DATABASE_HOST: "" },
    { "parameter-empty": ["SERVICE_DATABASE_HOST"] },
  ],
  [
    "a text where a port belongs",
    { ...sampleEnvironment, SERVICE_DATABASE_PORT: "many" },
    { "parameter-wrong": ["SERVICE_DATABASE_PORT"] },
  ],
  [
    "a port out of range",
    { ...sampleEnvironment, SERVICE_DATABASE_PORT: "65536" },
    { "parameter-wrong": ["SERVICE_DATABASE_PORT"] },
  ],
  ["a text where a boolean belongs", { ...sampleEnvironment, DEBUG: "perhaps" }, { "parameter-wrong": ["DEBUG"] }],
  [
    "a newline would add options",
    { ...sampleEnvironment, SERVICE_IMAGE_HOST: "a\ntransport_url = evil" },
    { "parameter-control": ["SERVICE_IMAGE_HOST"] },
  ],
  [
    "a name and its file twin",
    { ...sampleEnvironment, SERVICE_DATABASE_PASSWORD_FILE: "/etc/hostname" },
    { "parameter-twice": ["SERVICE_DATABASE_PASSWORD"] },
  ],
] as const) {
  test(`${title}: 78, no service, no file`, () => {
    const ended = startWith(env);
    assert.equal(ended.status, 78, ended.stderr);
    assert.equal(ended.stdout, "");
    assert.ok(!existsSync(join(ended.root, "etc")));
    const errors = ended.log.filter((line) => line.level === "error");
    for (const [code, names] of Object.entries(expected)) {
      for (const name of names)
        assert.ok(
          errors.some((line) => line.code === code && line.msg.includes(name)),
          `${code} ${name} in ${ended.stderr}`,
        );
    }
    assert.ok(errors.every((line) => (line.fix ?? "") !== ""));
  });
}

test("mistakes of several kinds are reported together", () => {
  const ended = startWith({ ...incomplete, DEBUG: "perhaps", SERVICE_DATABASE_PORT: "many" });
  const codes = ended.log.filter((line) => line.level === "error").map((line) => line.code);
  assert.deepEqual(codes.toSorted(), ["parameter-missing", "parameter-missing", "parameter-wrong", "parameter-wrong"]);
});

test("the message for an unknown service lists the known ones", () => {
  const { status, log } = plinth(["start", "conducter", "--image", image]);
  assert.equal(status, 64);
  assert.match(`${log[0]?.msg} ${log[0]?.fix}`, /conducter.*did you mean conductor.*scheduler/);
});

for (const [title, words, expected] of [
  ["an unknown verb", ["strat"], /unknown verb strat.*did you mean start/],
  ["an unknown option", ["render", "--dif"], /dif/],
  ["no verb", [], /which verb/],
  ["a service's own words after start without --", ["start", "api", "extra"], /extra/],
] as const) {
  test(`${title} is a usage mistake: 64`, () => {
    const { status, log } = plinth(words);
    assert.equal(status, 64);
    assert.match(`${log[0]?.msg} ${log[0]?.fix}`, expected);
  });
}

test("a missing baked image is a configuration error that says how to make one", () => {
  const { status, log } = plinth(["start", "api", "--image", join(work, "none.json")]);
  assert.deepEqual([status, log[0]?.code], [78, "file-unreadable"]);
  assert.match(log[0]?.fix ?? "", /plinth bake/);
});

test("a baked image that is truncated or of another format is a configuration error", () => {
  for (const text of ["", "{", '{"format":99}\n{}\n', readFileSync(image, "utf8").slice(0, 500)]) {
    const path = join(work, "broken.json");
    writeFileSync(path, text);
    assert.equal(plinth(["start", "api", "--image", path]).status, 78, JSON.stringify(text.slice(0, 20)));
  }
});

const controller = readFileSync("test/fixtures/model/nodes/nova-controller.yml", "utf8");

/** Bakes nova-controller from a copy of the tests' model, with another text for a file or none at all. */
function bakeWith(
  files: Readonly<Record<string, string>>,
  words: readonly string[] = ["--node", "nova-controller"],
): Ended {
  const model = join(work, `model-${number++}`);
  cpSync("test/fixtures/model", model, { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(model, path), text);
  const where = ["--model", model, "--templates", "config-templates", "--output", join(work, "unused.json")];
  return plinth(["bake", ...words, ...where]);
}
const bakeText = (text: string): Ended => bakeWith({ "nodes/nova-controller.yml": text });

test("broken YAML is shown with line, column and the line itself", () => {
  const { status, log } = bakeText("parameters:\n  nova:\n    controller:\n      version: [kilo\n      bind: {}\n");
  assert.equal(status, 78);
  assert.match(String(log[0]?.["at"]), /model-\d+\/nodes\/nova-controller\.yml:\d+:\d+$/);
  assert.match(String(log[0]?.["frame"]), /\d+ \| .+\n.*\^/s);
});

test("an unknown key is an error with the nearest known one and its place", () => {
  const text = controller.replace("port: $SERVICE_DATABASE_PORT", "prot: $SERVICE_DATABASE_PORT");
  const { status, log } = bakeText(text);
  assert.equal(status, 78);
  const wrong = log.find((line) => line.code === "key-unknown");
  assert.match(`${wrong?.msg} ${wrong?.fix}`, /prot.*port/s);
  assert.match(String(wrong?.["at"]), /model-\d+\/nodes\/nova-controller\.yml:\d+:9$/);
});

test("an unknown key of a class is reported with the class's file", () => {
  const lab = readFileSync("test/fixtures/model/classes/lab.yml", "utf8");
  const { status, log } = bakeWith({ "classes/lab.yml": `${lab}  nova:\n    controller:\n      wrokers: 2\n` });
  assert.equal(status, 78);
  const errors = log.filter((line) => line.level === "error");
  assert.deepEqual(
    errors.map((line) => line.code),
    ["key-unknown"],
  );
  assert.match(String(errors[0]?.["at"]), /model-\d+\/classes\/lab\.yml:\d+:7$/);
  assert.match(errors[0]?.fix ?? "", /did you mean workers\?/);
});

for (const [title, more, nodes] of [
  ["10 MB", "x".repeat(20), 200_000],
  ["3 MB", "x", 100_000],
] as const) {
  test(`a node of ${title} is dealt with in seconds, whatever comes of it`, () => {
    const many = Array.from({ length: nodes }, (_, index) => `      filler_key_number_${index}: "${more}"`).join("\n");
    const began = performance.now();
    const { status, stderr } = bakeText(`${controller}\n${many}\n`);
    assert.equal(status, 78);
    assert.ok(performance.now() - began < 20_000);
    assert.ok(stderr.length < 1_000_000, `${stderr.length} bytes of messages`);
  });
}

for (const [title, words, status, code, expected] of [
  ["no node", [], 64, "usage", /which node.*--node/],
  ["an unknown node", ["--node", "nova-controler"], 78, undefined, /nova-controler.*nova-controller/],
  [
    "an invalid release",
    ["--node", "nova-controller", "--release", "klio"],
    78,
    "release-unknown",
    /did you mean kilo/,
  ],
  [
    "an image that the node does not hold",
    ["--node", "nova-controller", "--image-name", "nova-compute"],
    78,
    "image-not-in-pillar",
    /it has: nova-controller/,
  ],
] as const) {
  test(`${title} is answered with what there is`, () => {
    const ended = bakeWith({}, words);
    assert.equal(ended.status, status, ended.stderr);
    if (code !== undefined) assert.equal(ended.log[0]?.code, code);
    assert.match(`${ended.log[0]?.msg} ${ended.log[0]?.fix}`, expected);
  });
}

test("a missing model is an error that names its directory", () => {
  const { status, stderr } = plinth(["bake", "--node", "n", "--model", join(work, "nowhere")]);
  assert.equal(status, 78);
  assert.match(stderr, /nowhere/);
});

test("--model without --node is a usage error, and the baked image is not read", () => {
  const { status, log } = plinth(["check", "--image", image, "--model", "model"]);
  assert.deepEqual([status, log[0]?.code], [64, "usage"]);
  assert.match(log[0]?.msg ?? "", /--node/);
});

test("the message for a missing template names the directory that was searched", () => {
  const directory = join(work, "templates");
  const words = ["--node", "nova-controller", "--templates", directory, "--output", join(work, "unused.json")];
  const copied = plinth(["bake", ...words]);
  assert.equal(copied.status, 78);
  assert.match(copied.log[0]?.msg ?? "", /no template nova\/nova\.conf in .*\/templates, which is no directory/);
  mkdirSync(directory);
  const empty = plinth(["bake", ...words]);
  assert.match(empty.log[0]?.msg ?? "", /no template nova\/nova\.conf in .*\/templates$/);
});
