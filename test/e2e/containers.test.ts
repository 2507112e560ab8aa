import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { dockerOutput, dockerScope, ended, logsOf, requireEngine, until } from "../support/docker.ts";
import { locked } from "../support/keystone.ts";
import { workDirectory } from "../support/plinth.ts";
import { absentDependencies, makeSmallContext, plinthInside } from "../support/small-image.ts";

/** `scratch` holds nothing at all: no libc, no shell, no accounts. */
const bases = ["scratch", "debian:bookworm", "debian:trixie"];

const plinth = plinthInside;
const scope = dockerScope("containers");
const directory = workDirectory();
const imageOf = (base: string): string => `${scope.name("image")}:${base.replace(":", "-")}`;

const env = absentDependencies;

const field = (status: string, name: string): string =>
  new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1]?.trim().replace(/\s+/g, " ") ?? "";

before(async () => {
  await requireEngine();
  makeSmallContext(directory);
});

for (const base of bases) {
  describe(`the binary in ${base}`, () => {
    before(async () => {
      await dockerOutput([
        "build",
        "--quiet",
        "--tag",
        imageOf(base),
        "--label",
        scope.label,
        "--build-arg",
        `BASE=${base}`,
        directory,
      ]);
    });

    const run = (flags: readonly string[], words: readonly string[]) =>
      scope.run({ image: imageOf(base), flags: [...flags, "--entrypoint", plinth], env, words });

    test("says its version, commit and Node", async (t) => {
      const { status, stdout, stderr, ms } = await run([], ["--version"]);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^plinth \d+\.\d+\.\d+ \(commit \S+, Node v24\.\d+\.\d+\)\n$/);
      t.diagnostic(`docker run: ${Math.round(ms)} ms`);
    });

    for (const [who, flags] of [
      ["root", []],
      ["another uid", ["--user", "1234:1234"]],
    ] as const) {
      test(`renders a locked-down container's files as ${who} and becomes the command`, async () => {
        const own = ["start", "server", "--no-wait", "--user", "1234:1234", "--"];
        const { status, stdout, stderr } = await run([...locked, ...flags], [...own, plinth, "--version"]);
        assert.equal(status, 0, stderr);
        assert.match(stdout, /^plinth /);
        assert.ok(!stderr.includes(env.SERVICE_DATABASE_PASSWORD));
        if (base === "scratch") return;
        const seen = await run(
          [...locked, ...flags],
          [...own, "/bin/cat", "/proc/self/status", "/etc/keystone/keystone-uwsgi.ini"],
        );
        assert.equal(seen.status, 0, seen.stderr);
        assert.equal(field(seen.stdout, "Pid"), "1");
        // Root without CAP_SETUID stays root, by name only; a uid that the container was started as stays, too.
        const uid = who === "root" ? "0" : "1234";
        assert.equal(field(seen.stdout, "Uid"), `${uid} ${uid} ${uid} ${uid}`);
        assert.equal(field(seen.stdout, "CapEff"), "0000000000000000");
        assert.equal(field(seen.stdout, "NoNewPrivs"), "1");
        assert.equal(field(seen.stdout, "SigIgn"), "0000000000000000");
        assert.match(seen.stdout, /^\[uwsgi\]$/m);
      });
    }

    if (base !== "scratch") {
      test("as root it takes every id of the named user", async () => {
        const own = ["start", "server", "--no-wait", "--user", "1234:1234", "--"];
        const { status, stdout, stderr } = await run([], [...own, "/bin/cat", "/proc/self/status"]);
        assert.equal(status, 0, stderr);
        assert.equal(field(stdout, "Uid"), "1234 1234 1234 1234");
        assert.equal(field(stdout, "Gid"), "1234 1234 1234 1234");
        assert.equal(field(stdout, "Groups"), "1234");
        assert.equal(field(stdout, "SigIgn"), "0000000000000000");
      });
    }

    for (const [title, flags, code] of [
      ["a read-only root without a tmpfs", ["--read-only"], "target-read-only"],
      ["a full tmpfs", ["--read-only", "--tmpfs", "/run:size=4k"], "target-full"],
      ["root without CAP_CHOWN", ["--cap-drop", "ALL", "--cap-add", "SETUID", "--cap-add", "SETGID"], "file-not-given"],
    ] as const) {
      test(`${title} is an error, and no service runs`, async () => {
        const own = ["start", "server", "--no-wait", "--user", "1234:1234", "--", plinth, "--version"];
        const { status, stdout, stderr } = await run(flags, own);
        assert.equal(status, 78, stderr);
        assert.match(stderr, new RegExp(`"code":"${code}"`));
        assert.equal(stdout, "");
      });
    }

    test("a command that does not exist ends with 127 and a message", async () => {
      const { status, stderr } = await run(locked, ["start", "server", "--no-wait", "--user", "0:0", "--", "/nowhere"]);
      assert.equal(status, 127, stderr);
      assert.match(stderr, /\/nowhere/);
    });

    test("as process 1 it ends on SIGTERM while it waits", async (t) => {
      const words = ["start", "server", "--user", "0:0", "--", plinth, "--version"];
      const container = await scope.start(base.replace(":", "-"), {
        image: imageOf(base),
        flags: [...locked, "--entrypoint", plinth],
        env,
        words,
      });
      await until("a line that it waits", async () =>
        (await logsOf(container)).text.includes("waiting for mysql") ? true : undefined,
      );
      const sent = Date.now();
      await dockerOutput(["kill", "--signal", "TERM", container]);
      const { status, finishedAt } = await ended(container);
      assert.equal(status, 143);
      t.diagnostic(`gone ${finishedAt.getTime() - sent} ms after docker kill was called`);
    });
  });
}
