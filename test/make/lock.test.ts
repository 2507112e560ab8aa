import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { overridden, readConstraints } from "../../scripts/lock/constraints.ts";
import { tailOf, uvProblem } from "../../scripts/lock/container.ts";
import { overrides } from "../../src/openstack/python.ts";

const work = mkdtempSync(join(tmpdir(), "plinth-lock-"));
after(() => rmSync(work, { recursive: true }));

const inWork = (name: string, text: string): string => {
  writeFileSync(join(work, name), text);
  return join(work, name);
};

const lock = (environment: Readonly<Record<string, string>>) => {
  // No Docker: all of this is told before a container is begun.
  const env = { PATH: process.env["PATH"] ?? "", DOCKER_HOST: "unix:///nowhere", ...environment };
  return spawnSync("node", ["scripts/lock/make.ts"], { encoding: "utf8", env });
};

describe("make lock refuses", () => {
  for (const [title, environment, code, says] of [
    ["no release", {}, "release-not-locked", /2025\.1, 2025\.2, 2026\.1, 2026\.2/],
    ["a release that is Debian's alone", { VERSION: "zed" }, "release-not-locked", /zed/],
    ["an unknown component", { VERSION: "2026.1", COMPONENTS: "nova nov" }, "lock-component-unknown", /component nov /],
    [
      "constraints for some components only",
      { VERSION: "2026.1", COMPONENTS: "nova", CONSTRAINTS: "x" },
      "lock-words-wrong",
      /COMPONENTS/,
    ],
    [
      "constraints that are not there",
      { VERSION: "2026.1", CONSTRAINTS: "/no/such" },
      "constraints-unreadable",
      /\/no\/such/,
    ],
    [
      "constraints that pin nothing exactly",
      { VERSION: "2026.1", CONSTRAINTS: inWork("loose.txt", "six===1.17.0\nnova>=33\n") },
      "constraints-wrong",
      /line 2 .*nova>=33/,
    ],
    [
      "an empty file",
      { VERSION: "2026.1", CONSTRAINTS: inWork("empty.txt", "\n") },
      "constraints-wrong",
      /it is empty/,
    ],
    [
      "an address that does not answer, without naming it",
      { VERSION: "2026.1", CONSTRAINTS: "http://me:secret@127.0.0.1:9/constraints" },
      "constraints-unreadable",
      /\(CONSTRAINTS\)/,
    ],
    ["a Docker that does not answer", { VERSION: "2026.1" }, "engine-failed", /prepare debian:trixie/],
  ] as const) {
    test(title, () => {
      const before = readFileSync("images/locks/2026.1/nova.txt", "utf8");
      const { status, stderr } = lock(environment);
      assert.ok(status !== 0);
      assert.match(stderr, new RegExp(`^error\\[${code}\\]: `));
      assert.match(stderr, says);
      assert.doesNotMatch(stderr, /secret|127\.0\.0\.1|\n {4}at /);
      assert.equal(readFileSync("images/locks/2026.1/nova.txt", "utf8"), before);
    });
  }
});

test("a login in an address is used, and not shown", async () => {
  const given: (string | undefined)[] = [];
  const server = createServer((request, answer) => {
    given.push(request.headers.authorization);
    answer.end("six===1.17.0\n");
  }).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const read = await readConstraints(`http://me:se%20cret@127.0.0.1:${(server.address() as AddressInfo).port}/`);
  server.close();
  assert.ok(read.ok);
  assert.deepEqual(given, [`Basic ${btoa("me:se cret")}`]);
});

test("constraints come from an address, too", async () => {
  const server = createServer((request, answer) => {
    answer.statusCode = request.url === "/constraints" ? 200 : 404;
    answer.end("# upstream's\nsix===1.17.0\nclick===8.1.8;python_version=='3.9'\n");
  }).listen(0, "127.0.0.1");
  await new Promise((listening) => server.once("listening", listening));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const there = await readConstraints(`${address}/constraints`);
  assert.ok(there.ok && there.value.includes("six===1.17.0"));
  const missing = await readConstraints(`${address}/other`);
  assert.match(missing.ok ? "" : (missing.diagnostics[0]?.what ?? ""), /the server answered 404/);
  server.close();
});

describe("overrides take the place of what the constraints pin", () => {
  const own = overrides.filter(({ release }) => release === "2026.2");
  const pins = own.map(({ name }) => `${name.replaceAll(".", "_").toUpperCase()}===0.1`).join("\n");

  test("whatever way a name is written", () => {
    const found = overridden("2026.2", `six===1.17.0\n${pins}\n`);
    assert.ok(found.ok);
    const lines = found.value.split("\n").filter(Boolean);
    assert.deepEqual(lines, ["six===1.17.0", ...own.map(({ name, version }) => `${name}${version}`)]);
  });

  test("an override that nothing needs any more is reported", () => {
    const found = overridden("2026.2", "six===1.17.0\n");
    assert.deepEqual(
      found.ok ? [] : found.diagnostics.map(({ code }) => code),
      own.map(() => "override-unneeded"),
    );
  });
});

/** As uv 0.13.9 said it. */
const said = {
  "versions-not-allowed": `error: No solution found when resolving dependencies
  cause: Because you require pymysql>=2 and pymysql==1.1.2, we can conclude that your requirements are unsatisfiable.`,
  "index-silent": `error: Failed to fetch: http://index.example:9/simple/pymysql/
  cause: error sending request for url (http://index.example:9/simple/pymysql/)
  cause: client error (Connect)
  cause: tcp connect error
  cause: Connection refused (os error 111)`,
  "hash-differs": `error: Failed to download \`pymysql==1.1.2\`
  cause: Hash mismatch for \`pymysql==1.1.2\`

         Expected:
           sha256:0000000000000000000000000000000000000000000000000000000000000001

         Computed:
           sha256:e6b1d89711dd51f8f74b1631fe08f039e7d76cf67a42a323d3178f0f25762ed9`,
  "lock-build-failed": `error: Failed to build \`python-ldap==3.4.5\`
  cause: The build backend returned an error
  cause: Call to \`setuptools.build_meta.build_wheel\` failed (exit status: 1)

         [stderr]
         Modules/common.h:15:10: fatal error: lber.h: No such file or directory
            15 | #include <lber.h>
               |          ^~~~~~~~
         compilation terminated.`,
} as const;

for (const [code, stderr] of Object.entries(said)) {
  test(`uv's message for ${code} is reported as that, without a host`, () => {
    const problem = uvProblem("nova", { status: 1, stdout: "", stderr });
    assert.equal(problem.code, code);
    assert.doesNotMatch(problem.what, /index\.example|\/\//);
    assert.match(problem.what, /^nova: /);
  });
}

test("output is shown without colours and hosts", () => {
  assert.equal(tailOf("\u001b[31merror\u001b[0m of https://host.example/simple/six/"), "error of (the index)");
});
