/** plinth as process 1 of a container: the kernel drops every signal for which it has no handler. */
import assert from "node:assert/strict";
import { constants } from "node:os";
import { before, describe, test } from "node:test";
import { dockerOutput, dockerScope, ended, logsOf, requireEngine, until } from "../support/docker.ts";
import { locked } from "../support/keystone.ts";
import { workDirectory } from "../support/plinth.ts";
import { absentDependencies, makeSmallContext, plinthInside } from "../support/small-image.ts";

const scope = dockerScope("process-one");
const image = `${scope.name("image")}:bookworm`;
const entrypoint = ["--entrypoint", plinthInside];

before(async () => {
  await requireEngine();
  const directory = workDirectory();
  makeSmallContext(directory);
  const build = ["build", "--quiet", "--tag", image, "--label", scope.label, "--build-arg", "BASE=debian:bookworm"];
  await dockerOutput([...build, directory]);
});

/** A container that waits for what never comes. */
async function waiting(name: string, flags: readonly string[] = []): Promise<string> {
  const words = ["start", "server", "--user", "0:0", "--", plinthInside, "--version"];
  const all = [...locked, ...entrypoint, ...flags];
  const container = await scope.start(name, { image, flags: all, env: absentDependencies, words });
  await until("a line that it waits", async () =>
    (await logsOf(container)).text.includes("waiting for mysql") ? true : undefined,
  );
  return container;
}

/** Those that runtimes and people send, and the first, the last and systemd's real-time signal. The others: test/cli. */
const named = ["HUP", "INT", "QUIT", "ABRT", "USR1", "USR2", "TERM", "IO", "PWR"] as const;
const signals: readonly (readonly [name: string, number: number])[] = [
  ...named.map((name) => [name, constants.signals[`SIG${name}`]] as const),
  ...[34, 37, 64].map((number) => [String(number), number] as const),
];

describe("a signal ends a waiting plinth that is process 1", { concurrency: 4 }, () => {
  for (const [signal, number] of signals) {
    test(`SIG${signal}: ${128 + number}`, async () => {
      const container = await waiting(`signal-${signal.toLowerCase()}`);
      const sent = Date.now();
      await dockerOutput(["kill", "--signal", signal, container]);
      const { status, finishedAt } = await ended(container, 20_000);
      assert.equal(status, 128 + number);
      assert.ok(finishedAt.getTime() - sent < 3000, `${finishedAt.getTime() - sent} ms after docker was called`);
      const { log } = await logsOf(container);
      assert.match(log.at(-1)?.msg ?? "", /^ended by SIG\S+ while waiting for/);
      await dockerOutput(["rm", container]);
    });
  }

  for (const signal of ["SIGUSR1", "SIGRTMIN+3"]) {
    test(`docker stop does, with STOPSIGNAL ${signal}`, async () => {
      const container = await waiting(`stop-${signal.toLowerCase().replace("+", "-")}`, ["--stop-signal", signal]);
      await dockerOutput(["stop", "--time", "20", container]);
      assert.equal((await ended(container)).status, signal === "SIGUSR1" ? 138 : 165);
    });
  }
});

describe("what a container is started with", () => {
  const start = ["start", "server", "--no-wait", "--user", "1234:1234", "--"];
  const run = (flags: readonly string[], words: readonly string[], env = {}) =>
    scope.run({ image, flags: [...entrypoint, ...flags], env: { ...absentDependencies, ...env }, words });

  test("the service gets NODE_OPTIONS, and a library directory with another libc", async () => {
    const libraries = "/usr/lib/x86_64-linux-gnu";
    const preload = { LD_LIBRARY_PATH: libraries, LD_PRELOAD: `${libraries}/libm.so.6`, LD_DEBUG: "statistics" };
    const env = { NODE_OPTIONS: "--require /x.js", OPENSSL_CONF: "/o.cnf", ...preload };
    const { status, stdout, stderr } = await run([], [...start, "/usr/bin/env"], env);
    assert.equal(status, 0, stderr);
    // A loader that obeys LD_DEBUG says this when it has started a program: the service's, not plinth's.
    if (process.arch === "x64") assert.equal(stderr.match(/runtime linker statistics/g)?.length, 1, stderr);
    for (const [name, value] of Object.entries(env)) assert.ok(stdout.includes(`${name}=${value}\n`), name);
  });

  test("the service gets --group-add and HOME", async () => {
    const seen = ["/bin/sh", "-c", "id -G; echo $HOME; umask"];
    const { stdout, stderr } = await run(["--group-add", "4242"], [...start, ...seen], { HOME: "/srv/own" });
    assert.equal(stdout, "1234 4242\n/srv/own\n0022\n", stderr);
  });

  test("the service does not get Docker's default HOME", async () => {
    const { stdout } = await run([], [...start, "/usr/bin/printenv", "HOME"]);
    assert.equal(stdout, "/\n");
  });

  test("docker run IMAGE PROGRAM becomes the program with all its arguments", async () => {
    const { stdout, stderr } = await run([], ["start", "/usr/bin/env"], { PLINTH_LOG_LEVEL: "warn", "odd.name": "x" });
    assert.match(stdout, /^PLINTH_LOG_LEVEL=warn$/m, stderr);
    assert.match(stdout, /^odd\.name=x$/m);
  });
});
