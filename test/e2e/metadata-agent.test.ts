import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { docker, dockerScope, logLines, logsOf, requireEngine, until } from "../support/docker.ts";
import { buildImages } from "../support/keystone.ts";
import { parameters } from "../support/parameters.ts";
import { sampleEnvironment } from "../support/plinth.ts";

/** What the metadata agent's container has to be able to do for its proxies, and how it is noticed where it cannot. */

const release = process.env["VERSION"] ?? "2025.1";
const image = `${process.env["DEPLOY_NAME"] || "plinth"}/neutron-server:${release}`;
const scope = dockerScope("metadata");
const env = { ...parameters, ...sampleEnvironment, SERVICE_OVN_SOUTHBOUND_HOST: "10.0.0.1" };
const rights = ["NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH"].flatMap((one) => ["--cap-add", one]);
const flags = ["--network", "none", "--tmpfs", "/run", "--tmpfs", "/tmp"];
const words = ["ovn-metadata-agent", "--no-wait", "--"];

/** A container in the agent's surroundings, once plinth has made them. */
async function start(what: string): Promise<string> {
  const container = await scope.start(what, {
    image,
    flags: [...flags, ...rights],
    env,
    words: [...words, "/bin/sleep", "infinity"],
  });
  await until("the start", async () => /becoming/.test((await logsOf(container)).text) || undefined);
  return container;
}

before(async () => {
  await requireEngine();
  buildImages(release, ["neutron-server"]);
});

describe(`the metadata agent of neutron-server ${release}`, () => {
  test("changes settings of the kernel in its namespaces, without an unmasked /proc", async () => {
    const holding = await start("settings");
    const script =
      "ip netns add one && ip netns exec one sysctl -qw net.ipv4.conf.all.promote_secondaries=1 && ip netns exec one sysctl -n net.ipv4.conf.all.promote_secondaries";
    const { status, stdout, stderr } = await docker(["exec", holding, "sh", "-ec", script]);
    assert.equal(status, 0, stderr);
    assert.equal(stdout.trim(), "1");
  });

  test("becomes neutron once it has forked what stays root, each with its own capabilities", async () => {
    const agent = await scope.start("forks", {
      image,
      flags: [...flags, ...rights],
      env,
      words: ["ovn-metadata-agent", "--no-wait"],
    });
    // It tries for ever to reach Open vSwitch's database, which is not there.
    const script = `cd /proc; for pid in [0-9]*; do
      uid=$(awk '/^Uid/ {print $2}' $pid/status) caps=$(awk '/^CapEff/ {print $2}' $pid/status)
      echo "$uid $caps $(tr '\\0' ' ' < $pid/cmdline)"
    done`;
    const found = await until("its processes", async () => {
      const { stdout } = await docker(["exec", agent, "sh", "-c", script]);
      return /link_cmd/.test(stdout) && /^42435 /m.test(stdout) ? stdout : undefined;
    });
    const of = (words: RegExp) =>
      found
        .split("\n")
        .filter((line) => words.test(line))
        .map((line) => line.split(" ").slice(0, 2));
    assert.deepEqual(of(/neutron-ovn-metadata-agent/), [["42435", "0000000000000000"]], found);
    // capability.h: DAC_OVERRIDE 1, DAC_READ_SEARCH 2, NET_ADMIN 12, SYS_PTRACE 19, SYS_ADMIN 21.
    assert.deepEqual(of(/neutron\.privileged\.default/), [["0", "0000000000281006"]], found);
    assert.deepEqual(of(/neutron\.privileged\.namespace_cmd/), [["0", "0000000000200000"]], found);
    assert.deepEqual(of(/neutron\.privileged\.link_cmd/), [["0", "0000000000201000"]], found);
  });

  test("is neutron for any other command", async () => {
    const { stdout } = await scope.run({
      image,
      flags: [...flags, ...rights],
      env,
      words: [...words, "/usr/bin/id", "-u"],
    });
    assert.equal(stdout.trim(), "42435");
  });

  test("starts again where /run outlives it, as in a pod, and finds no name of a namespace that is gone", async () => {
    const agent = await scope.start("lost", {
      image,
      flags: ["--network", "none", "--volume", `${await scope.volume("run")}:/run`, "--tmpfs", "/tmp", ...rights],
      env,
      words: [...words, "/bin/sleep", "infinity"],
    });
    const started = (times: number) =>
      until(
        `start ${times}`,
        async () => (await logsOf(agent)).text.split('"becoming ').length === times + 1 || undefined,
      );
    const run = (script: string) => docker(["exec", agent, "sh", "-ec", script]);
    await started(1);
    await run("ip netns add ovnmeta-7 && ip netns add other");
    // What is mounted stays, whoever starts beside it.
    const beside = await run(`/opt/plinth/bin/plinth start ${words.join(" ")} /bin/ls /run/netns`);
    assert.equal(beside.stdout, "other\novnmeta-7\n", beside.stderr);
    await docker(["restart", "--time", "1", agent]);
    await started(2);
    assert.equal((await run("ls /run/netns")).stdout, "other\n");
    const again = await run("ip netns add ovnmeta-7 && ip netns exec ovnmeta-7 true");
    assert.equal(again.status, 0, again.stderr);
  });

  for (const [title, more] of [
    ["has no SYS_ADMIN", ["--cap-add", "NET_ADMIN"]],
    ["is not root", ["--user", "42435:42435"]],
  ] as const) {
    test(`does not start if its container ${title}, and says what it lacks`, async () => {
      const ended = await scope.run({ image, flags: [...flags, ...more], env, words: [...words, "/bin/true"] });
      assert.equal(ended.status, 78);
      const [error] = logLines(ended.stderr).filter(({ level }) => level === "error");
      assert.equal(error?.code, "settings-closed");
      assert.match(`${error?.msg}`, /mounted read-only/);
      assert.match(`${error?.fix}`, /CAP_SYS_ADMIN and without an AppArmor profile/);
    });
  }

  test("is not ready while a network has no proxy", async () => {
    const agent = await start("proxies");
    const pids = "/run/pids/*.pid.haproxy";
    const proxies = { ask: "proxies", prefix: "ovnmeta-", program: "haproxy", pids, seconds: 0 };
    const question = JSON.stringify({ pid: 1, alive: [], ready: [proxies], depends: [] });
    const run = (script: string) => docker(["exec", agent, "sh", "-ec", script]);
    const ask = () => run("/opt/plinth/bin/plinth healthcheck --ready asked");
    await run(`mkdir -p /run/pids && echo '${question}' > /run/plinth/health/asked.json`);
    assert.equal((await ask()).status, 0, "there is no network yet");
    await run("ip netns add ovnmeta-7 && ip -n ovnmeta-7 link set lo up && ip netns add other && sleep 0.1");
    const without = await ask();
    assert.equal(without.status, 75, without.stdout);
    assert.match(without.stderr, /no haproxy runs for 1 of 1 networks \(ovnmeta-7\): their servers get no metadata/);
    const lines = [
      "global\n daemon\n pidfile /run/pids/7.pid.haproxy",
      "defaults\n mode http\n timeout connect 1s\n timeout client 1s\n timeout server 1s",
      "frontend f\n bind 127.0.0.1:80\n http-request return status 200\n",
    ];
    const started = await run(
      `printf '%s\\n' '${lines.join("\n")}' > /run/h.cfg && ip netns exec ovnmeta-7 haproxy -f /run/h.cfg`,
    );
    assert.equal(started.status, 0, started.stderr);
    const served = await ask();
    assert.equal(served.status, 0, served.stderr);
    await run("kill -9 $(cat /run/pids/7.pid.haproxy) && sleep 0.2");
    assert.equal((await ask()).status, 75);
  });
});
