/** images/python with a small index of the test's own: what comes of a lock, and of one that cannot be installed. */
import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { classifyFailure } from "../../images/failures.ts";
import { machineIndex } from "../../images/index.ts";
import { locksDirectory } from "../../images/locks.ts";
import { requireEngine } from "../support/docker.ts";
import { buildImages } from "../support/keystone.ts";
import { workDirectory } from "../support/plinth.ts";

requireEngine();
const work = workDirectory();
const release = "2026.1";
const deploy = process.env["DEPLOY_NAME"] || "plinth";
const image = `${deploy}/test-environment:${process.pid}`;

/** Files of the index by name. A wheel of pure Python with a module and a test; a source that needs a header nobody has. */
const makeFiles = `
import io, tarfile, sys, zipfile
directory = sys.argv[1]
with zipfile.ZipFile(f"{directory}/plain-1.0-py3-none-any.whl", "w") as wheel:
    for name, text in {
        "plain/__init__.py": "def main():\\n    print({'a', 'b', 'c'} and 'it runs')\\n",
        "plain/tests/__init__.py": "",
        "plain-1.0.data/data/etc/plain/plain.conf": "[DEFAULT]\\n",
        "plain-1.0.dist-info/METADATA": "Metadata-Version: 2.1\\nName: plain\\nVersion: 1.0\\n",
        "plain-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        "plain-1.0.dist-info/entry_points.txt": "[console_scripts]\\nplain-command = plain:main\\n",
        "plain-1.0.dist-info/RECORD": "",
    }.items():
        wheel.writestr(name, text)
with tarfile.open(f"{directory}/compiled-1.0.tar.gz", "w:gz") as source:
    for name, text in {
        "setup.py": "from setuptools import Extension, setup\\nsetup(name='compiled', version='1.0', ext_modules=[Extension('compiled', ['compiled.c'])])\\n",
        "compiled.c": "#include <no-such-header.h>\\n",
        "PKG-INFO": "Metadata-Version: 2.1\\nName: compiled\\nVersion: 1.0\\n",
    }.items():
        info = tarfile.TarInfo(f"compiled-1.0/{name}")
        info.size = len(text)
        source.addfile(info, io.BytesIO(text.encode()))
`;

const files = join(work, "files");
mkdirSync(files);
const made = spawnSync("python3", ["-c", makeFiles, files], { encoding: "utf8" });
assert.equal(made.status, 0, made.stderr);
const hashOf = (name: string): string =>
  createHash("sha256")
    .update(readFileSync(join(files, name)))
    .digest("hex");
const wheel = "plain-1.0-py3-none-any.whl";
const source = "compiled-1.0.tar.gz";

/** Where pip goes if nothing is set up. */
const usualIndex = (): string =>
  execFileSync("python3", ["-c", "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"], {
    encoding: "utf8",
  }).trim();

const { address: machineAddress, ca } = machineIndex();
const upstream = machineAddress ?? usualIndex();
const index = createServer((request, response) => {
  const [, directory, name = ""] = (request.url ?? "").split("/");
  const file = { plain: wheel, compiled: source }[name];
  if (directory === "files") return response.end(readFileSync(join(files, name)));
  if (directory !== "simple") return response.writeHead(404).end();
  // What builds a source is the real one.
  if (file === undefined) return response.writeHead(302, { location: `${upstream}/${name}/` }).end();
  return response.writeHead(200, { "content-type": "text/html" }).end(`<a href="/files/${file}">${file}</a>`);
});
const deployName = process.env["DEPLOY_NAME"] || "plinth";
let address = "";

before(async () => {
  // What the test's images stand on. Built again, for the log of it: only a build leaves one.
  spawnSync("docker", ["image", "rm", "--force", `${deployName}/openstack-client-python:${release}`]);
  buildImages(release, ["openstack-client-python"]);
  const gateway = spawnSync("docker", [
    "network",
    "inspect",
    "bridge",
    "--format",
    "{{(index .IPAM.Config 0).Gateway}}",
  ]);
  await new Promise<void>((listening) => index.listen(0, "0.0.0.0", listening));
  address = `http://${gateway.stdout.toString().trim()}:${(index.address() as AddressInfo).port}/simple`;
  // uv comes from the machine's own index. The engine's cache may know the image above and no longer hold its builder.
  const { status, said } = await build("", machineAddress, ["--target", "builder"]);
  assert.equal(status, 0, said);
});
after(() => {
  index.close();
  spawnSync("docker", ["image", "rm", "--force", image]);
});

/** Builds an environment of a lock. The builder's layers come from the cache: the address of an index is no part of them. */
function build(
  lock: string,
  from: string | undefined,
  more: readonly string[] = [],
): Promise<{ readonly status: number; readonly said: string }> {
  const directory = join(work, "context");
  cpSync("images/python", directory, { recursive: true });
  mkdirSync(join(directory, "locks"), { recursive: true });
  mkdirSync(join(directory, "component"), { recursive: true });
  cpSync(`${locksDirectory}/uv.txt`, join(directory, "locks/uv.txt"));
  cpSync(`${locksDirectory}/${release}/build.txt`, join(directory, "locks/build.txt"));
  writeFileSync(join(directory, "locks/environment.txt"), lock);
  const log = readFileSync(`build/images/logs/openstack-client-python-${release}.log`, "utf8");
  // Arguments are part of the cache's keys: the same as for the real one.
  const given = [...(log.split("\n", 1)[0]?.matchAll(/--build-arg ('[^']*'|\S+)/g) ?? [])].map(([, word = ""]) =>
    word.replaceAll("'", ""),
  );
  const words = ["build", "--progress", "plain", "--tag", image, ...more];
  if (from) {
    writeFileSync(join(work, "index"), from);
    words.push("--secret", `id=index,src=${join(work, "index")}`);
  }
  if (ca) words.push("--secret", `id=ca,src=${ca}`);
  const all = [...words, ...given.flatMap((word) => ["--build-arg", word]), directory];
  // Not spawnSync: the index answers from this process.
  return new Promise((ended) => {
    execFile("docker", all, { maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      ended({ status: error ? 1 : 0, said: stdout + stderr }),
    );
  });
}
const ask = (...words: string[]): string =>
  spawnSync("docker", ["run", "--rm", "--network", "none", image, ...words], { encoding: "utf8" }).stdout;
const exists = (): boolean => spawnSync("docker", ["image", "inspect", image]).status === 0;

describe("an environment", () => {
  const lock = `plain==1.0 --hash=sha256:${hashOf(wheel)}\n`;

  test("has what its lock names: programs, configuration, Debian's modules; no tests, no compiler, no trace of the index", async () => {
    const { status, said } = await build(lock, address);
    assert.equal(status, 0, said);
    assert.equal(ask("/usr/bin/plain-command"), "it runs\n");
    assert.match(
      ask("sh", "-c", "ls /etc/plain; which gcc cc uv; ls -d /opt/openstack/lib/python3*/site-packages/plain/*"),
      /^plain\.conf\n/,
    );
    assert.doesNotMatch(ask("sh", "-c", "which gcc cc uv; find /opt -name tests"), /./);
    assert.match(ask("python3", "-c", "import sys; print(sys.path[-1])"), /^\/usr\/lib\/python3\/dist-packages$/m);
    assert.match(
      ask("/opt/openstack/list-packages"),
      new RegExp(`^python\tplain\t1\\.0\t\\d+\t${hashOf(wheel)}$`, "m"),
    );
    const { port } = new URL(address);
    const recorded = spawnSync("sh", ["-c", `docker history --no-trunc ${image}; docker image inspect ${image}`], {
      encoding: "utf8",
    });
    assert.ok(!recorded.stdout.includes(port) && recorded.stdout.length > 1000);
    assert.equal(ask("sh", "-c", `grep -rIl ':${port}/' /opt/openstack /etc | head`), "");
  });

  const wrong: readonly (readonly [
    title: string,
    lock: string,
    from: string | undefined,
    says: RegExp,
    kind: string,
  ])[] = [
    [
      "of a file with another hash",
      `plain==1.0 --hash=sha256:${"0".repeat(64)}\n`,
      undefined,
      /Hash mismatch for `plain==1\.0`/,
      "other",
    ],
    ["of a package without a hash", "plain==1.0\n", undefined, /hash/i, "other"],
    [
      "of a source that wants a header",
      `compiled==1.0 --hash=sha256:${hashOf(source)}\n`,
      undefined,
      /no-such-header\.h/,
      "other",
    ],
    [
      "from an index that does not answer",
      `plain==1.0 --hash=sha256:${"1".repeat(64)}\n`,
      "http://192.0.2.1:9/simple",
      /192\.0\.2\.1/,
      "network",
    ],
  ];
  for (const [title, text, from, says, kind] of wrong) {
    test(`${title} ends with the reason, and leaves no image`, async () => {
      spawnSync("docker", ["image", "rm", "--force", image]);
      const { status, said } = await build(text, from ?? address);
      assert.notEqual(status, 0);
      assert.match(said, says);
      assert.equal(classifyFailure(said).kind, kind, said);
      assert.ok(!exists());
    });
  }
});
