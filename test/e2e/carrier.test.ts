/** The two halves of build/plinth in images: Node below, and the program in a layer above it. */
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { before, describe, test } from "node:test";
import { halves } from "../../images/plinth.ts";
import { dockerOutput, dockerScope, requireEngine } from "../support/docker.ts";
import { workDirectory } from "../support/plinth.ts";
import { absentDependencies, makeSmallContext, plinthInside } from "../support/small-image.ts";

const scope = dockerScope("carrier");
const work = workDirectory();
const [programs, share] = halves.program;
/** Named after its carrier. */
const program = readdirSync(join("build/plinth", programs))[0] ?? "";
const image = (name: string): string => scope.name(name);
const runs = (name: string, words: readonly string[], flags: readonly string[] = [], env = {}) =>
  scope.run({ image: image(name), flags: ["--entrypoint", plinthInside, ...flags], env, words });

/** Builds an image on another, of a context that has these halves, and what else is copied. */
async function build(name: string, base: string, directories: readonly string[], more: readonly string[] = []) {
  const directory = join(work, name);
  mkdirSync(directory, { recursive: true });
  for (const each of directories)
    cpSync(join("build/plinth", each), join(directory, "plinth", each), { recursive: true });
  const copies = directories.length > 0 ? ["COPY plinth/ /opt/plinth/"] : [];
  writeFileSync(join(directory, "Dockerfile"), [`FROM ${base}`, ...copies, ...more, ""].join("\n"));
  await dockerOutput(["build", "--quiet", "--tag", image(name), "--label", scope.label, directory]);
}

before(async () => {
  await requireEngine();
  await build("base", "debian:trixie", halves.carrier);
  makeSmallContext(join(work, "whole"));
  cpSync(join(work, "whole/rootfs"), join(work, "one/rootfs"), { recursive: true });
  await build("one", image("base"), halves.program, ["COPY rootfs/ /"]);
  await build("two", image("base"), halves.program, ['LABEL other="yes"']);
});

describe("images that stand on one carrier", () => {
  test("contain it once, in a layer that all share, and add at most 15 MB", async () => {
    const layersOf = async (name: string): Promise<readonly string[]> =>
      JSON.parse(await dockerOutput(["image", "inspect", "--format", "{{json .RootFS.Layers}}", image(name)]));
    const sizeOf = async (name: string): Promise<number> =>
      Number(await dockerOutput(["image", "inspect", "--format", "{{.Size}}", image(name)]));
    const below = await layersOf("base");
    for (const name of ["one", "two"]) {
      assert.deepEqual((await layersOf(name)).slice(0, below.length), below);
      assert.ok((await sizeOf(name)) - (await sizeOf("base")) < 15e6);
    }
  });

  test("start with every code cache accepted", async () => {
    const env = { ...absentDependencies, PLINTH_LOG_LEVEL: "debug" };
    const start = ["start", "server", "--no-wait", "--user", "1234:1234", "--", plinthInside, "healthcheck", "--help"];
    const { status, stdout, stderr } = await runs("one", start, [], env);
    assert.equal(status, 0, stderr);
    assert.match(stdout, /^plinth healthcheck /);
    assert.doesNotMatch(stderr, /does not fit this V8/);
    const empty = join(work, "empty");
    writeFileSync(empty, "");
    const volume = `${empty}:/opt/plinth/${programs}/${program}/start.cache:ro`;
    const without = await runs("one", start, ["--volume", volume], env);
    assert.equal(without.status, 0, without.stderr);
    assert.match(without.stderr, /^plinth: the code cache of start does not fit this V8;/);
  });

  test("contain files that belong to root and that others cannot write", async () => {
    const words = ["--entrypoint", "find", image("one"), "/opt/plinth", "!", "-uid", "0", "-o", "-perm", "/022"];
    assert.equal(await dockerOutput(["run", "--rm", ...words, "!", "-type", "l"]), "");
  });

  test("read the program only from its own directory", async () => {
    const lure = join(work, "lure");
    mkdirSync(join(lure, programs, program), { recursive: true });
    writeFileSync(join(lure, programs, program, "start.cjs"), '(function(){process.stdout.write("lured")})');
    writeFileSync(join(lure, programs, program, "start.cache"), "");
    mkdirSync(join(lure, "bin"));
    const flags = ["--volume", `${lure}:/lure:ro`, "--workdir", "/lure", "--env", "PLINTH_PROGRAMS=/lure/program"];
    const shell = ["bash", "-c", `exec -a /lure/bin/plinth ${plinthInside} --version`];
    const { stdout, stderr } = await scope.run({
      image: image("one"),
      flags: [...flags, "--entrypoint", shell[0] ?? ""],
      words: shell.slice(1),
    });
    assert.match(stdout, /^plinth \d/, stderr);
  });
});

describe("a program that is not the carrier's", () => {
  test("is refused, with both names and what to do", async () => {
    const directory = join(work, "older", "plinth");
    mkdirSync(directory, { recursive: true });
    for (const each of [programs, share])
      cpSync(join("build/plinth", each), join(directory, each), { recursive: true });
    renameSync(join(directory, programs, program), join(directory, programs, "node-24.0.0-older"));
    await build("older", image("base"), [], ["COPY plinth/ /opt/plinth/"]);
    const { status, stdout, stderr } = await runs("older", ["--version"]);
    assert.equal(status, 78, stderr);
    assert.equal(stdout, "");
    assert.ok(stderr.includes("node-24.0.0-older") && stderr.includes(program), stderr);
    assert.match(stderr, /\n {2}fix: /);
  });

  test("is missing in the image that others stand on, and plinth says so", async () => {
    const { status, stderr } = await runs("base", ["--version"]);
    assert.equal(status, 78);
    assert.match(stderr, /has no whole program in \/opt\/plinth\/program\n {2}fix: .*stands on this one/);
  });

  test("is the new one if a new tree is mounted over the image's", async () => {
    const flags = ["--volume", `${resolve("build/plinth")}:/opt/plinth:ro`];
    assert.match((await runs("older", ["--version"], flags)).stdout, /^plinth \d/);
  });
});
