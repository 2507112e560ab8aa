import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { bakeInto, plinth, plinthRunning, sampleEnvironment, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const image = bakeInto(work, "nova-controller", "2025.1");
const own = `${process.geteuid?.()}:${process.getegid?.()}`;

/** Secrets with what is hard to write in files and URLs; each is searched for in all of its forms. */
const secrets: Readonly<Record<string, string>> = {
  SERVICE_DATABASE_PASSWORD: "p@ss:w/rd$one%41",
  SERVICE_MESSAGE_QUEUE_PASSWORD: "br$$ker#'\"\\two",
  SERVICE_IDENTITY_PASSWORD: " spaced ;three= ",
  SERVICE_NETWORK_PASSWORD: "ünïcode-four",
  SERVICE_PLACEMENT_PASSWORD: "plain-five",
  SERVICE_METADATA_PASSWORD: "${six}",
};
const env = { ...sampleEnvironment, ...secrets };
const forms = Object.values(secrets).flatMap((secret) => [
  secret,
  encodeURIComponent(secret),
  secret.replaceAll("$", "$$$$"),
  JSON.stringify(secret).slice(1, -1),
  secret.trim(),
]);

function assertNoSecret(output: string): void {
  for (const form of forms) assert.ok(!output.includes(form), `${form} in ${output}`);
}

const base = ["--image", image];
const output = ["--output", join(work, "root")];
plinth(["render", ...base, ...output, "--user", own], {
  env: { ...env, SERVICE_DATABASE_PASSWORD: "the-old-database-secret" },
});

for (const [title, words, given] of [
  ["render --diff", ["render", ...base, ...output, "--diff"], env],
  ["render --diff of new files", ["render", ...base, "--output", join(work, "none"), "--diff"], env],
  ["render", ["render", ...base], env],
  ["render --output", ["render", ...base, "--output", join(work, "fresh"), "--user", own], env],
  ["explain of an option", ["explain", ...base, "nova.conf", "database", "connection"], env],
  [
    "explain of an option as JSON",
    ["explain", ...base, "nova.conf", "database", "connection", "--format", "json"],
    env,
  ],
  ["explain of a secret", ["explain", ...base, "database.password"], env],
  ["explain of everything", ["explain", ...base, "nova.controller"], env],
  ["check --contract", ["check", ...base, "--contract"], env],
  [
    "check --start with other mistakes",
    ["check", ...base, "--start"],
    { ...env, DEBUG: "perhaps", SERVICE_DATABASE_PORT: "x" },
  ],
  [
    "a newline in a secret",
    ["check", ...base, "--start"],
    { ...env, SERVICE_DATABASE_PASSWORD: `${secrets["SERVICE_DATABASE_PASSWORD"]}\nx` },
  ],
  [
    "a secret where a port belongs",
    ["check", ...base, "--start"],
    { ...env, SERVICE_DATABASE_PORT: secrets["SERVICE_DATABASE_PASSWORD"] ?? "" },
  ],
  [
    "a wait that fails",
    ["wait", "conductor", ...base, "--timeout", "0.3"],
    {
      ...env,
      SERVICE_DATABASE_HOST: "127.0.0.1",
      SERVICE_DATABASE_PORT: "1",
      SERVICE_MESSAGE_QUEUE_HOST: "127.0.0.1",
      SERVICE_MESSAGE_QUEUE_PORT: "1",
    },
  ],
  [
    "a service that cannot be run",
    ["start", "conductor", ...base, "--root", join(work, "exec"), "--user", own, "--no-wait", "--", "/no/such"],
    env,
  ],
  [
    "debug logging",
    ["start", "conductor", ...base, "--root", join(work, "debug"), "--user", own, "--no-wait", "--", "/usr/bin/env"],
    { ...env, PLINTH_LOG_LEVEL: "debug" },
  ],
] as const) {
  test(`no secret shows: ${title}`, () => {
    const { stdout, stderr } = plinth(words, { env: given });
    assert.ok(stdout.length + stderr.length > 0 || title.startsWith("check --contract"));
    assertNoSecret(stdout + stderr);
    assert.ok(!(stdout + stderr).includes("the-old-database-secret"));
  });
}

test("no secret shows: a server that repeats the password in its error", async () => {
  const secret = secrets["SERVICE_DATABASE_PASSWORD"] ?? "";
  // An error packet in place of MariaDB's greeting: 1045, with what a careless server might say.
  const words = Buffer.from(`Access denied, you said ${secret}`);
  const packet = Buffer.concat([Buffer.from([words.length + 3, 0, 0, 0, 0xff, 0x15, 0x04]), words]);
  const server = createServer((socket) => void socket.on("error", () => {}).end(packet)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const given = {
    ...env,
    SERVICE_DATABASE_HOST: "127.0.0.1",
    SERVICE_DATABASE_PORT: String(port),
    SERVICE_MESSAGE_QUEUE_HOST: "127.0.0.1",
    SERVICE_MESSAGE_QUEUE_PORT: "1",
  };
  const { ended } = plinthRunning(["wait", "conductor", ...base, "--timeout", "0.5"], { env: given });
  const { stderr, status } = await ended;
  server.close();
  assert.equal(status, 75);
  assert.match(stderr, /you said/);
  assertNoSecret(stderr);
});

test("no secret shows in the list of processes, nor in the baked image", async () => {
  const file = join(work, "secret-file");
  writeFileSync(file, "x");
  const { child, ended } = plinthRunning(["wait", "conductor", ...base, "--timeout", "1"], {
    env: { ...env, SERVICE_DATABASE_HOST: "127.0.0.1", SERVICE_DATABASE_PORT: "1" },
  });
  const { readFileSync } = await import("node:fs");
  assertNoSecret(readFileSync(`/proc/${child.pid}/cmdline`, "utf8"));
  assertNoSecret(readFileSync(image, "utf8"));
  await ended;
});
