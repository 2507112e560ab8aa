import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runningIn, signalContainers } from "../../scripts/stack/chaos/from-outside.ts";
import { ask, faults, logIn } from "../../scripts/stack/cloud.ts";
import { docker, dockerOutput, until } from "./docker.ts";
import type { Stack } from "./stack.ts";

/** What people try in their first hour with a stack that `make up` started, beside the demo's own servers. */

export type Demo = {
  /** Runs `make demo`. @returns what it wrote: the steps, and the lines that a user types next. */
  readonly run: () => Promise<{ readonly steps: string; readonly next: string }>;
  /** Runs a command in one of its servers, by the SSH command that the demo printed. */
  readonly inServer: (server: string, command: string) => string;
};

export function demoOf(stack: Stack): Demo {
  let login: readonly string[] = [];
  return {
    run: () =>
      new Promise((settle, reject) => {
        const env = { ...process.env, STACK: stack.name, VERSION: stack.deployment.release };
        const child = spawn(process.execPath, ["scripts/stack/demo.ts"], { env, stdio: ["ignore", "pipe", "pipe"] });
        let next = "";
        let steps = "";
        child.stdout.on("data", (part: Buffer) => {
          next += part;
        });
        child.stderr.on("data", (part: Buffer) => {
          steps += part;
          process.stderr.write(part);
        });
        child.once("error", reject);
        child.once("close", (status) => {
          if (status !== 0) reject(new Error(`make demo ended with ${status}:\n${steps}`));
          const [, words = ""] = /log in to a server +(.*) demo-1$/m.exec(next) ?? [];
          login = words.split(" ").filter((word) => word !== "-it");
          settle({ steps, next });
        });
      }),
    inServer(server, command) {
      const [program = "", ...words] = login;
      const { status, stdout, stderr } = spawnSync(program, [...words, server, command], {
        encoding: "utf8",
        timeout: 240_000,
      });
      assert.equal(status, 0, `${server}: ${command}: ${stderr}`);
      return stdout.trim();
    },
  };
}

/** A server of the demo as nova shows it. */
const serverOf = (stack: Stack, name: string) =>
  stack.openstackJson<{ id: string; status: string; flavor: unknown }>("server", "show", name);

/** `make demo` on an empty cloud. */
export function fillsTheCloud(stack: Stack, demo: Demo, took: (seconds: number) => void): void {
  test("make demo fills the cloud, and ends with what to type next", async (t) => {
    const began = performance.now();
    const { steps, next } = await demo.run();
    const seconds = (performance.now() - began) / 1000;
    took(seconds);
    t.diagnostic(`make demo took ${seconds.toFixed(0)} s`);
    for (const said of [/demo-1 pings 10\.42\.0\.12: 3 packets/, /demo-2 pings 10\.42\.0\.11: 3 packets/]) {
      assert.match(steps, said);
    }
    const key = statSync(join(stack.directory, "demo/key"));
    assert.equal(key.mode & 0o777, 0o600);
    assert.equal(key.uid, process.geteuid?.());
    assert.equal(demo.inServer("demo-1", "hostname"), "demo-1");
    assert.equal(demo.inServer("demo-2", "hostname"), "demo-2");
    const [, url = ""] = /open a console +(\S+)/.exec(next) ?? [];
    assert.equal((await fetch(url)).status, 200);
    assert.match(next, /http:\/\/localhost:8080 \(user admin, password in \S+\/secrets\/admin\)/);
  });
}

/** What the first hour also brings: other sizes, copies, crashes. The demo's servers are there. */
export function firstHour(stack: Stack, demo: Demo, floating: () => Promise<string>): void {
  test("every public endpoint of the catalog answers this machine", async () => {
    const { token, catalog } = await logIn(stack.secrets()["admin"] as string);
    const entries = catalog as readonly { type: string; endpoints: readonly { interface: string; url: string }[] }[];
    const open = entries.flatMap(({ type, endpoints }) =>
      endpoints.filter((one) => one.interface === "public").map(({ url }) => ({ type, url })),
    );
    assert.ok(open.some(({ type }) => type === "cloudformation"));
    for (const { type, url } of open) {
      const { status } = await ask(url, token).catch((error: Error) => ({ status: String(error.cause ?? error) }));
      // Some want more of a path than the catalog has, or a signed request.
      assert.ok(typeof status === "number" && status < 500, `${type} ${url}: ${status}`);
    }
  });

  test("a server is resized on the one hypervisor: confirmed, and taken back", async () => {
    const { id } = await serverOf(stack, "demo-2");
    await stack.openstackAll("server resize --flavor demo-large --wait demo-2");
    assert.equal((await serverOf(stack, "demo-2")).status, "VERIFY_RESIZE");
    await stack.openstackAll("server resize revert demo-2");
    const settled = (flavor: string) =>
      until(
        "the resize to be over",
        async () => {
          const now = await serverOf(stack, "demo-2");
          assert.notEqual(now.status, "ERROR");
          return now.status === "ACTIVE" && JSON.stringify(now.flavor).includes(flavor) ? now : undefined;
        },
        180_000,
      );
    await settled("demo-small");
    await stack.openstackAll("server resize --flavor demo-large --wait demo-2", "server resize confirm demo-2");
    assert.equal((await settled("demo-large")).id, id);
    const memory = await until("demo-2 to be back", async () => {
      try {
        return Number(/\d+/.exec(demo.inServer("demo-2", "grep MemTotal /proc/meminfo"))?.[0]);
      } catch {
        return undefined;
      }
    });
    assert.ok(memory > 160 * 1024, `${memory} KiB`);
  });

  test("an attached volume has a snapshot of one moment, and its server runs on", async () => {
    const disk = demo.inServer("demo-1", "ls /sys/block").match(/vd[b-z]/)?.[0];
    assert.ok(disk);
    demo.inServer("demo-1", `yes plinth | head -c 1048576 | dd of=/dev/${disk} bs=64k conv=fsync 2>/dev/null`);
    // The client of 2026.2 forces nothing at its own version of the API, which is 3.65, since the server's is 3.66 or later.
    const create = ["volume", "snapshot", "create", "--force", "--volume", "demo", "first"];
    await stack.openstackJson("--os-volume-api-version", "3.66", ...create);
    await until("the snapshot", async () => {
      const { status } = await stack.openstackJson<{ status: string }>("volume", "snapshot", "show", "first");
      assert.notEqual(status, "error");
      return status === "available" ? true : undefined;
    });
    demo.inServer("demo-1", `yes other | head -c 1048576 | dd of=/dev/${disk} bs=64k conv=fsync 2>/dev/null`);
    await stack.openstackAll("volume create --snapshot first copy");
    const { id } = await until("the copy", async () => {
      const now = await stack.openstackJson<{ id: string; status: string }>("volume", "show", "copy");
      assert.notEqual(now.status, "error");
      return now.status === "available" ? now : undefined;
    });
    const begin = stack.compose(
      ...["exec", "-T", "cinder-volume", "head", "--bytes=14", `/var/lib/cinder/volumes/volume-${id}`],
    );
    assert.equal(begin, "plinth\nplinth\n");
    assert.equal((await serverOf(stack, "demo-1")).status, "ACTIVE");
    await stack.openstackAll("volume delete copy", "volume snapshot delete first");
    await until("the snapshot to be gone", async () => {
      const all = await stack.openstackJson<unknown[]>("volume", "snapshot", "list");
      return all.length === 0 ? true : undefined;
    });
  });

  test("an image of a running server is made, and starts another from a volume, which is copied while it runs", async () => {
    await stack.openstackAll(
      "server image create --wait --name copied demo-2",
      "volume create --size 1 --image copied root",
    );
    await until("the volume", async () => {
      const { status } = await stack.openstackJson<{ status: string }>("volume", "show", "root");
      assert.notEqual(status, "error");
      return status === "available" ? true : undefined;
    });
    await stack.openstackAll(
      "server create --wait --flavor demo-small --volume root --network demo from-volume",
      // Of a server that stands on a volume that is a snapshot of the volume.
      "server image create --wait --name of-volume from-volume",
    );
    await until("the volume's snapshot", async () => {
      const [snapshot] = await stack.openstackJson<{ Status: string }[]>("volume", "snapshot", "list");
      assert.notEqual(snapshot?.Status, "error");
      return snapshot?.Status === "available" ? true : undefined;
    });
    await stack.openstackAll("server delete --wait from-volume");
  });

  test("a server that an earlier cinder-volume left paused is woken by the next one", async () => {
    const { id } = await serverOf(stack, "demo-2");
    await stack.openstackAll("server pause demo-2");
    stack.compose("exec", "-T", "cinder-volume", "touch", `/var/lib/cinder/volumes/.paused-${id}`);
    stack.compose("restart", "cinder-volume");
    await until("demo-2 to run", async () =>
      (await serverOf(stack, "demo-2")).status === "ACTIVE" ? true : undefined,
    );
  });

  test("what docker kill ended stays down, until make up starts it", async () => {
    const state = async (): Promise<string> =>
      dockerOutput([
        ...["inspect", "--format", "{{.State.Status}}"],
        stack.compose("ps", "--all", "--quiet", "memcached-server").trim(),
      ]);
    await docker(["kill", stack.compose("ps", "--quiet", "memcached-server").trim()]);
    assert.equal(await state(), "exited");
    await stack.script("up");
    assert.equal(await state(), "running");
    assert.equal((await faults(stack.secrets()["admin"] as string)).size, 0);
  });

  test("a hypervisor's containers crash, are restarted, are replaced: its servers run on, and new ones get their key", async () => {
    const boot = (): string => demo.inServer("demo-1", "cat /proc/sys/kernel/random/boot_id");
    const metadata = () =>
      demo.inServer("demo-1", "wget -q -T 5 -O - http://169.254.169.254/latest/meta-data/hostname");
    const before = boot();
    const own = [
      "ovsdb",
      "ovs-vswitchd",
      "ovn-controller",
      "libvirt-compute",
      "nova-compute",
      "neutron-ovn-metadata-agent",
    ];
    for (const service of own) await crash(stack, service);
    assert.equal(boot(), before);
    await docker(["restart", ...own.map((service) => stack.compose("ps", "--quiet", service).trim())]);
    assert.equal(boot(), before);
    stack.compose("up", "--detach", "--no-build", "--pull", "never", "--no-deps", "--force-recreate", ...own);
    assert.equal(boot(), before);
    let last = "";
    await until("metadata", async () => {
      try {
        return metadata() === "" ? undefined : true;
      } catch (error) {
        last = (error as Error).message;
        return undefined;
      }
    }).catch((error: Error) => {
      const said = stack.compose("logs", "--no-log-prefix", "--tail", "40", "neutron-ovn-metadata-agent");
      throw new Error(`${error.message}\nlast attempt: ${last}\nneutron-ovn-metadata-agent:\n${said}`);
    });
    const { id } = await serverOf(stack, "demo-1");
    await until("nova-compute to answer for the server", async () =>
      stack.openstack("console", "log", "show", id).then(
        () => true as const,
        () => undefined,
      ),
    );
  });

  test("make demo again keeps what is there, and repairs what is gone or stopped", async () => {
    const address = await floating();
    const before = await serverOf(stack, "demo-1");
    await stack.openstackAll("server stop demo-1", "server delete --wait demo-2", "stack delete --yes --wait demo");
    const { steps } = await demo.run();
    for (const said of [
      /image demo.*: there already/,
      /network demo.*: there already/,
      /keypair demo: there already/,
      /server demo-1.*: repaired/,
      /server demo-2.*: made$/m,
      /volume demo.*: there already/,
      /heat stack demo.*: made$/m,
    ]) {
      assert.match(steps, said);
    }
    assert.equal((await serverOf(stack, "demo-1")).id, before.id);
    assert.equal(await floating(), address);
    assert.equal(demo.inServer("demo-1", "hostname"), "demo-1");
  });
}

/** Ends the process of a service as a crash does: by a signal that nobody sent by Docker. */
async function crash({ deployment }: Stack, service: string): Promise<void> {
  await signalContainers(deployment, await runningIn(deployment, new Set([service])), "KILL");
}
