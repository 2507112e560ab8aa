import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { imageName, images } from "../../src/openstack/images.ts";
import type { VolumeRow } from "../../src/openstack/workload.ts";
import { dockerScope, logLines, requireEngine } from "../support/docker.ts";
import { buildImages } from "../support/keystone.ts";
import { parameters } from "../support/parameters.ts";
import { sampleEnvironment } from "../support/plinth.ts";

/** Each image on volumes as Kubernetes gives them: empty, root's (755) or, with fsGroup, a group's (2775). */

const release = process.env["VERSION"] ?? "2025.1";
const image = (name: string): string => `${process.env["DEPLOY_NAME"] || "plinth"}/${name}:${release}`;
const scope = dockerScope("volumes");
const directory = mkdtempSync(join(tmpdir(), "plinth-volumes-"));
after(() => rmSync(directory, { recursive: true }));

const keeping = images.flatMap((row) =>
  Object.entries(row.services).flatMap(([service, { workload }]) => {
    const written = (workload?.keeps ?? []).flatMap((one): readonly VolumeRow[] =>
      "volume" in one && one.writes ? [one] : [],
    );
    const isOld = row.services[service]?.until !== undefined;
    if (written.length === 0 || isOld || !workload || service === "virtlogd") return [];
    const account = workload.account ?? row.account;
    return [
      { name: imageName(row), service, account, written, isRoot: workload.host?.root === true, host: workload.host },
    ];
  }),
);

/** Empty directories of the machine for a service's volumes. */
function mount(title: string, volumes: readonly VolumeRow[], gid: number, mode: number): readonly string[] {
  return volumes.flatMap(({ path, volume }) => {
    const at = join(directory, title.replaceAll(/\W+/g, "-"), volume);
    mkdirSync(at, { recursive: true });
    chownSync(at, 0, gid);
    chmodSync(at, mode);
    return ["--volume", `${at}:${path}`];
  });
}

const restricted = ["--read-only", "--tmpfs", "/run", "--tmpfs", "/tmp", "--network", "none"];
const env = { ...parameters, ...sampleEnvironment };

before(async () => {
  await requireEngine();
  chmodSync(directory, 0o755);
  buildImages(release, [...new Set(keeping.map(({ name }) => name))]);
});

describe("volumes that an engine made", () => {
  for (const { name, service, account, written, isRoot, host } of keeping) {
    const title = `${name} ${service}`;
    const ids = `${account.uid}:${account.gid}`;
    const rights = isRoot
      ? (host?.capabilities ?? []).flatMap((one) => ["--cap-add", one])
      : ["--user", ids, "--cap-drop", "ALL", "--security-opt", "no-new-privileges"];
    const start = (volumes: readonly string[]) => {
      const paths = written.flatMap(({ path, holds = [] }) => holds.map((one) => join(path, one.path)));
      const script = `stat -c '%n %u:%g %a' ${paths.join(" ")}`;
      const flags = [...restricted, ...rights, ...volumes];
      return scope.run({
        image: image(name),
        flags,
        env,
        words: [service, "--no-wait", "--", "/bin/sh", "-ec", script],
      });
    };

    if (isRoot) {
      test(`${title}: root creates the directories of empty volumes and sets their owners`, async () => {
        const { status, stdout, stderr } = await start(mount(title, written, 0, 0o755));
        assert.equal(status, 0, stderr);
        const wanted = written.flatMap(({ path, holds = [] }) =>
          holds.map(({ path: below, mode, owner = account }) => {
            return `${join(path, below)} ${owner.uid}:${owner.gid} ${mode.toString(8)}`;
          }),
        );
        assert.deepEqual(stdout.trim().split("\n"), wanted);
      });
    } else {
      test(`${title}: the service's user creates what is missing on volumes of its group`, async () => {
        const { status, stdout, stderr } = await start([
          ...mount(title, written, account.gid, 0o2775),
          ...["--group-add", `${account.gid}`],
        ]);
        assert.equal(status, 0, stderr);
        assert.doesNotMatch(stdout, /No such file/);
      });

      test(`${title}: the message for a volume of root names the owner it needs`, async () => {
        const { status, stderr } = await start(mount(`${title} root`, written, 0, 0o755));
        assert.equal(status, 78);
        const errors = logLines(stderr).filter(({ level }) => level === "error");
        assert.equal(errors.length, written.length, stderr);
        for (const { code, fix = "" } of errors) {
          assert.equal(code, "directory-denied");
          assert.ok(`${fix}`.includes(`chown ${ids} `) && `${fix}`.includes(`fsGroup: ${account.gid} `), `${fix}`);
        }
      });
    }
  }
});
