import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { classifyFailure } from "../../images/failures.ts";
import { spdxMistakes } from "../images/spdx.ts";
import type { ReportRow } from "../images/workshop.ts";
import { docker, dockerOutput, requireEngine, until } from "../support/docker.ts";
import { workDirectory } from "../support/plinth.ts";
import { freePort } from "../support/servers.ts";

/** `make e2e VERSION=zed` takes another. */
const release = process.env["VERSION"] ?? "2025.1";
const deployName = `plinth-e2e-images-${randomBytes(3).toString("hex")}`;
const image = (name: string): string => `${deployName}/${name}:${release}`;

function program(file: string, ...words: string[]) {
  const all = [file, "--release", release, "--image", "memcached-server", ...words];
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: "utf8" });
  return { status, stdout, stderr, seconds: (performance.now() - began) / 1000 };
}
const build = (...words: string[]) => program("images/build.ts", "--deploy-name", deployName, ...words);

const registryProgram = "/usr/bin/docker-registry";
const withoutRegistry = existsSync(registryProgram) ? false : "needs Debian's package docker-registry";

/** What the builder wrote of its last run. */
const report = (): readonly ReportRow[] => JSON.parse(readFileSync(`build/images/${release}.json`, "utf8")).images;
const inside = (name: string, ...words: string[]): Promise<string> =>
  dockerOutput([
    "run",
    "--rm",
    "--network",
    "none",
    "--user",
    "0",
    "--entrypoint",
    words[0] ?? "",
    image(name),
    ...words.slice(1),
  ]);

describe(`images of ${release}, by a real engine`, () => {
  before(requireEngine);
  after(() => {
    const names = ["memcached-server", "debian-base"].map(image);
    spawnSync("docker", ["image", "rm", "--force", ...names], { stdio: "ignore" });
  });

  test("are built with what they stand on, and say what they are built from", async (t) => {
    const { status, stdout, stderr, seconds } = build();
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^plinth-e2e\S+\/memcached-server:\S+ +built +\d+ MB +\d+ +\d+ +\d+ MB +\d+\.\d s$/m);
    t.diagnostic(`built in ${seconds.toFixed(1)} s`);
    const labels = await dockerOutput([
      "image",
      "inspect",
      "--format",
      "{{json .Config.Labels}}",
      image("memcached-server"),
    ]);
    const { "io.plinth.inputs": inputs, "org.opencontainers.image.base.name": base } = JSON.parse(labels);
    assert.match(inputs, /^sha256:[0-9a-f]{64}$/);
    assert.equal(base, image("debian-base"));
  });

  test("share the layer with plinth's Node, and have the program in a layer of 15 MB above it", async () => {
    const inspect = async (name: string, field: string): Promise<string> =>
      dockerOutput(["image", "inspect", "--format", `{{json ${field}}}`, image(name)]);
    const layersOf = async (name: string): Promise<readonly string[]> =>
      JSON.parse(await inspect(name, ".RootFS.Layers"));
    const below = await layersOf("debian-base");
    assert.deepEqual((await layersOf("memcached-server")).slice(0, below.length), below);
    const copied = async (name: string): Promise<readonly number[]> => {
      const history = ["history", "--no-trunc", "--human=false", "--format", "{{.Size}} {{.CreatedBy}}", image(name)];
      const lines = (await dockerOutput(history)).split("\n").filter((line) => / COPY plinth\/ /.test(line));
      return lines.map((line) => Number(line.split(" ")[0]));
    };
    const [carrier = 0, ...none] = await copied("debian-base");
    assert.ok(carrier > 100e6 && none.length === 0);
    const [program = 0, ...rest] = await copied("memcached-server");
    assert.ok(program < 15e6, `${program}`);
    assert.deepEqual(rest, [carrier]);
  });

  test("have a new program without a new base: the carrier of another commit is the same", async () => {
    const idOf = (name: string): Promise<string> =>
      dockerOutput(["image", "inspect", "--format", "{{.Id}}", image(name)]);
    const [base, service] = [await idOf("debian-base"), await idOf("memcached-server")];
    const template = "build/plinth/share/config-templates/shared/added-by-a-test";
    writeFileSync(template, "a new template");
    try {
      assert.equal(build().status, 0);
      assert.equal(await idOf("debian-base"), base);
      assert.notEqual(await idOf("memcached-server"), service);
    } finally {
      rmSync(template);
    }
    assert.equal(build().status, 0);
  });

  test("are built once: a second run without changes takes less than 15 s", (t) => {
    const { status, stdout, stderr, seconds } = build();
    assert.equal(status, 0, stderr);
    assert.match(stdout, /\n2 images in .*: 2 unchanged\n$/);
    assert.ok(seconds < 15, `${seconds} s`);
    t.diagnostic(`unchanged after ${seconds.toFixed(1)} s`);
  });

  test("have a bill of materials of the packages that are in them, and their size", async () => {
    const row = report().find(({ node }) => node === "memcached-server") ?? assert.fail();
    const bill = JSON.parse(readFileSync(row.sbom ?? "", "utf8"));
    assert.deepEqual(spdxMistakes(bill), []);
    const listed = bill.packages.flatMap(
      ({ name, externalRefs = [] }: { name: string; externalRefs?: readonly { referenceLocator: string }[] }) =>
        externalRefs.some(({ referenceLocator }) => referenceLocator.startsWith("pkg:deb/debian/")) ? [name] : [],
    );
    const there = await inside("memcached-server", "dpkg-query", "-W", "-f", "${Package}\\n");
    assert.deepEqual(listed.sort(), there.split("\n").sort());
    assert.ok(listed.includes("memcached"));
    assert.deepEqual(
      bill.packages.slice(1, 3).map(({ name }: { name: string }) => name),
      ["plinth", "node"],
    );
    // Files that nobody needs are left out, and plinth is in no package: within a half, it is what the packages take.
    assert.ok(row.bytes && row.installed_bytes);
    assert.ok(row.bytes < 1.5 * row.installed_bytes + 130e6 && row.bytes > row.installed_bytes / 2);
  });

  test("keep no index, cache, log, key or build date", async () => {
    const places = "/var/lib/apt/lists /var/cache/apt /var/log /var/cache/ldconfig";
    assert.equal(await inside("memcached-server", "sh", "-c", `find ${places} -type f 2>/dev/null || true`), "");
    assert.equal(
      await inside("memcached-server", "find", "/usr/share/man", "/usr/share/doc", "-name", "memcached*.gz"),
      "",
    );
    const others = "/etc/passwd- /etc/shadow- /etc/ssh/ssh_host_* /etc/ssl/private/*.key /var/lib/dbus/machine-id";
    assert.equal(await inside("memcached-server", "sh", "-c", `ls -d ${others} 2>/dev/null || true`), "");
    assert.equal(await inside("memcached-server", "sh", "-c", "cat /etc/machine-id 2>/dev/null || true"), "");
    assert.equal(
      await inside("memcached-server", "cut", "-d:", "-f3", "--", "/etc/shadow").then((days) => days.trim()),
      "",
    );
  });

  test("take packages from a snapshot, and fail without an index", async () => {
    const given = { SNAPSHOT: "20261101T000000Z", DEBIAN_MIRROR: "http://mirror.invalid/archive/debian" };
    const env = Object.keys(given).flatMap((name) => ["--env", name]);
    const words = ["run", "--rm", "--network", "none", ...env, image("debian-base"), "install-packages", "memcached"];
    const { status, stdout, stderr } = await docker(words, given);
    assert.notEqual(status, 0);
    assert.match(stdout + stderr, /http:\/\/mirror\.invalid\/archive\/debian\/20261101T000000Z /);
    assert.doesNotMatch(stdout + stderr, /Unable to locate package/);
    assert.equal(classifyFailure(stdout + stderr).kind, "network");
  });

  test("are pushed to a registry, and pulling returns the same image", { skip: withoutRegistry }, async () => {
    const port = await freePort();
    const directory = workDirectory();
    writeFileSync(
      join(directory, "config.yml"),
      `version: 0.1\nstorage: {filesystem: {rootdirectory: ${directory}/data}}\nhttp: {addr: "127.0.0.1:${port}"}\n`,
    );
    const registry = spawn(registryProgram, ["serve", join(directory, "config.yml")], { stdio: "ignore" });
    const pushed = ["memcached-server", "debian-base"].map((name) => `127.0.0.1:${port}/${image(name)}`);
    try {
      const ask = async (path: string) => (await fetch(`http://127.0.0.1:${port}/v2/${path}`)).json();
      await until("the registry", () => ask("").catch(() => undefined));
      const { status, stdout, stderr } = build("--registry", `127.0.0.1:${port}`, "--push");
      assert.equal(status, 0, stderr);
      assert.ok(stderr.includes(`${pushed[0]}: pushing`), stderr);
      assert.match(stdout, /\n2 images in /);
      const repository = `${deployName}/memcached-server`;
      assert.deepEqual(await ask(`${repository}/tags/list`), { name: repository, tags: [release] });
      const id = () => dockerOutput(["image", "inspect", "--format", "{{.Id}}", pushed[0] ?? ""]);
      const before = await id();
      await dockerOutput(["image", "rm", ...pushed]);
      await dockerOutput(["pull", "--quiet", pushed[0] ?? ""]);
      assert.equal(await id(), before);
    } finally {
      registry.kill();
      spawnSync("docker", ["image", "rm", "--force", ...pushed], { stdio: "ignore" });
    }
  });

  test("are the same, file by file, if they are built twice", (t) => {
    const { status, stdout, stderr, seconds } = program("images/reproduce.ts");
    t.diagnostic(`${stdout.trim()}\nin ${seconds.toFixed(1)} s`);
    assert.ok(status === 0 || status === 75, stderr);
    assert.match(stdout, /^memcached-server:\S+: \d+ files, /m);
    const different = stdout.split("\n").filter((line) => line.startsWith("  "));
    // Of the baked image, V8's code cache is another one each time: the hashes of its strings are seeded by chance.
    assert.deepEqual(
      different.filter((line) => !line.startsWith("  etc/plinth/image.json: ")),
      [],
    );
  });
});
