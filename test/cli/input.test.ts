import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bakeInto, type Ended, plinth, sampleEnvironment, workFolder } from "../support/plinth.ts";

const work = workFolder();
const bundled = "images/nova-controller/pillar.yml";
const image = bakeInto(work, bundled, "2025.1");
const own = `${process.geteuid?.()}:${process.getegid?.()}`;

let number = 0;
/** Starts with an environment in a fresh folder. @returns how it ended, and whether a file or part of one was left. */
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
    "everything missing is said at once",
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

test("mistakes of several kinds come together", () => {
  const ended = startWith({ ...incomplete, DEBUG: "perhaps", SERVICE_DATABASE_PORT: "many" });
  const codes = ended.log.filter((line) => line.level === "error").map((line) => line.code);
  assert.deepEqual(codes.toSorted(), ["parameter-missing", "parameter-missing", "parameter-wrong", "parameter-wrong"]);
});

test("an unknown service is answered with the services there are", () => {
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

test("no baked image is a configuration mistake that says how to make one", () => {
  const { status, log } = plinth(["start", "api", "--image", join(work, "none.json")]);
  assert.deepEqual([status, log[0]?.code], [78, "file-unreadable"]);
  assert.match(log[0]?.fix ?? "", /plinth bake/);
});

test("a baked image of another format, or cut off, is a configuration mistake", () => {
  for (const text of ["", "{", '{"format":99}\n{}\n', readFileSync(image, "utf8").slice(0, 500)]) {
    const path = join(work, "broken.json");
    writeFileSync(path, text);
    assert.equal(plinth(["start", "api", "--image", path]).status, 78, JSON.stringify(text.slice(0, 20)));
  }
});

const bakeText = (text: string): Ended => {
  const pillar = join(work, `pillar-${number++}.yml`);
  writeFileSync(pillar, text);
  return plinth(["bake", "--pillar", pillar, "--templates", "config-templates", "--output", join(work, "unused.json")]);
};

test("broken YAML is shown with line, column and the line itself", () => {
  const { status, log } = bakeText("nova:\n  controller:\n    version: [kilo\n    bind: {}\n");
  assert.equal(status, 78);
  assert.match(String(log[0]?.["at"]), /pillar-\d+\.yml:\d+:\d+$/);
  assert.match(String(log[0]?.["frame"]), /\d+ \| .+\n.*\^/s);
});

test("an unknown key is an error with the nearest known one and its place", () => {
  const text = readFileSync(bundled, "utf8").replace(
    "      port: $SERVICE_DATABASE_PORT",
    "      prot: $SERVICE_DATABASE_PORT",
  );
  const { status, log } = bakeText(text);
  assert.equal(status, 78);
  const wrong = log.find((line) => line.code === "key-unknown");
  assert.match(`${wrong?.msg} ${wrong?.fix}`, /prot.*port/s);
  assert.match(String(wrong?.["at"]), /:\d+:7$/);
});

test("a pillar of 10 MB is dealt with in seconds, whatever comes of it", () => {
  const many = Array.from(
    { length: 200_000 },
    (_, index) => `    filler_key_number_${index}: "${"x".repeat(20)}"`,
  ).join("\n");
  const began = performance.now();
  const { status, stderr } = bakeText(`${readFileSync(bundled, "utf8")}\n${many}\n`);
  assert.equal(status, 78);
  assert.ok(performance.now() - began < 20_000);
  assert.ok(stderr.length < 1_000_000, `${stderr.length} bytes of messages`);
});

test("a template's mistake names file, line and expression", () => {
  const folder = join(work, "templates");
  const copied = plinth(["bake", "--pillar", bundled, "--templates", folder, "--output", join(work, "unused.json")]);
  assert.equal(copied.status, 78);
  assert.match(copied.log[0]?.msg ?? "", /nova\/nova\.conf/);
});
