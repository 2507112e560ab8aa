import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { ReportRow } from "../images/workshop.ts";
import { makeDeployment } from "../support/deployment.ts";
import { requireEngine } from "../support/docker.ts";
import { workDirectory } from "../support/plinth.ts";

const work = workDirectory();
const deployName = `plinth-e2e-old-${randomBytes(3).toString("hex")}`;
const unreachable = /^#\d+ .*file:\/nowhere\/debian bookworm/m;
const nowhere = "file:///nowhere/debian";

/** The project's model, where Debian stands in for a base image that needs a registry. */
function modelOf(release: string, more: readonly (readonly [file: string, from: string, to: string])[] = []): string {
  const { directory, edit } = makeDeployment(join(work, `${release}-${more.length}`));
  edit(`classes/system/release/${release}.yml`, "base: ubuntu:14.04", "base: debian:bookworm");
  for (const change of more) edit(...change);
  return directory;
}

/** Builds all images of a release from a mirror that is nowhere. @returns how each went, with its log. */
function build(release: string, model: string, ...words: string[]) {
  const all = [
    "--model",
    model,
    "--release",
    release,
    "--deploy-name",
    deployName,
    "--mirror",
    nowhere,
    "--pause",
    "0",
  ];
  const { status, stderr } = spawnSync(process.execPath, ["images/build.ts", ...all, ...words], { encoding: "utf8" });
  const { images } = JSON.parse(readFileSync(`build/images/${release}.json`, "utf8")) as { images: ReportRow[] };
  const logOf = ({ log }: ReportRow): string => (log === null ? "" : readFileSync(log, "utf8"));
  return { status, stderr, images: images.map((row) => ({ ...row, text: logOf(row) })) };
}

/**
 * Ubuntu 14.04 and its cloud archive are out of reach where nothing but Debian's packages is. What can be verified there: that
 * every Dockerfile is understood, and does all that it does up to its first download.
 */
for (const release of ["kilo", "liberty"]) {
  describe(`images of ${release}`, () => {
    before(requireEngine);
    after(() => {
      const filter = ["image", "ls", "--quiet", "--filter", `reference=${deployName}/*`];
      const ids = spawnSync("docker", filter, { encoding: "utf8" }).stdout.split(/\s+/).filter(Boolean);
      spawnSync("docker", ["image", "rm", "--force", ...new Set(ids)], { stdio: "ignore" });
    });

    test("begin with the archive that has its packages", () => {
      const { status, images } = build(release, modelOf(release), "--image", "debian-base");
      assert.equal(status, 75);
      assert.match(images[0]?.text ?? "", /--build-arg ARCHIVE=cloud-archive:\w+ /);
      assert.match(images[0]?.text ?? "", unreachable);
    });

    test("are each built up to the first download", (t) => {
      const began = performance.now();
      const model = modelOf(release, [
        [`classes/system/release/${release}.yml`, `archive: cloud-archive:${release}`, "archive: null"],
        // Else all that stands on it would be skipped.
        ...["system/service", "openstack/client"].map(
          (file) => [`classes/${file}.yml`, "ubuntu: openstack-base", "ubuntu: debian-base"] as const,
        ),
      ]);
      const { status, stderr, images } = build(release, model);
      assert.equal(status, 75, stderr);
      const went = Object.fromEntries(images.map(({ node, result }) => [node, result]));
      const built = images.filter(({ result }) => result === "built").map(({ node }) => node);
      assert.deepEqual(built.sort(), ["debian-base", "debian-stable"], JSON.stringify(went));
      for (const { node, result, text } of images.filter((row) => row.result !== "built")) {
        assert.equal(result, "failed", node);
        assert.match(text, unreachable, node);
        assert.doesNotMatch(text, /useradd: |sh: \d+: |Permission denied/, node);
      }
      t.diagnostic(`${images.length} images in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    });
  });
}
