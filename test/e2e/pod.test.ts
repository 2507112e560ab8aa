import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { docker, dockerOutput, dockerScope, logsOf, requireEngine, until } from "../support/docker.ts";
import { buildImages } from "../support/keystone.ts";

/**
 * The holder of a hypervisor's servers in a pod: the containers share a process namespace whose process 1 is the pod's own, which
 * takes over the orphans of all of them.
 */

const release = process.env["VERSION"] ?? "2025.1";
const image = (name: string): string => `${process.env["DEPLOY_NAME"] || "plinth"}/${name}:${release}`;

const server = `<domain type="qemu"><name>server</name><memory unit="MiB">64</memory><vcpu>1</vcpu>
<os><type arch="x86_64" machine="q35">hvm</type></os>
<devices><emulator>/usr/bin/qemu-system-x86_64</emulator></devices></domain>`;

before(async () => {
  await requireEngine();
  buildImages(release, ["libvirt-compute", "ovn-server"]);
});

for (const [title, cgroups] of [
  ["the machine's cgroup namespace", ["--cgroupns", "host"]],
  ["a cgroup namespace of its own", ["--cgroupns", "private"]],
] as const) {
  describe(`a hypervisor's pod whose holder has ${title}`, () => {
    const scope = dockerScope("pod");
    const pause = scope.name("pause");
    const libvirt = scope.name("libvirt");
    const shared = ["--pid", `container:${pause}`, "--network", `container:${pause}`];
    const volumes: string[] = [];

    const startLibvirt = async (): Promise<void> => {
      await scope.start("libvirt", {
        image: image("libvirt-compute"),
        flags: [
          ...[...shared, "--cap-add", "NET_ADMIN", "--device", "/dev/net/tun", "--tmpfs", "/run", "--tmpfs", "/tmp"],
          ...volumes,
        ],
        words: ["libvirtd"],
      });
      await until("libvirtd", async () => (await virsh("version")).status === 0 || undefined);
    };
    const virsh = (...words: readonly string[]) => docker(["exec", libvirt, "virsh", "--quiet", ...words]);
    /** Process ids of a program in the pod. */
    const pids = async (program: string): Promise<readonly string[]> => {
      const script = `grep -l '^${program}' /proc/[0-9]*/comm | cut -d/ -f3`;
      return (await docker(["exec", pause, "sh", "-c", script])).stdout.split("\n").filter(Boolean);
    };

    before(async () => {
      for (const [what, path] of [
        ["state", "/var/lib/libvirt"],
        ["socket", "/run/libvirt"],
        ["servers", "/var/lib/nova"],
      ] as const) {
        volumes.push("--volume", `${await scope.volume(what)}:${path}`);
      }
      await scope.start("pause", {
        image: image("ovn-server"),
        flags: ["--init", "--no-healthcheck", "--entrypoint", "sleep"],
        words: ["infinity"],
      });
      await scope.start("holder", {
        image: image("ovn-server"),
        flags: [
          ...[...shared, "--read-only", "--tmpfs", "/run", "--tmpfs", "/tmp", "--no-healthcheck", ...cgroups],
          ...["--cap-drop", "ALL", "--cap-add", "SYS_NICE", "--volume", "/sys/fs/cgroup:/sys/fs/cgroup"],
        ],
        words: ["hypervisor"],
      });
      await scope.start("stray", {
        image: image("ovn-server"),
        flags: [...shared, "--no-healthcheck", "--entrypoint", "sh"],
        words: ["-c", "(setsid tail -f /dev/null &); exec sleep infinity"],
      });
      await startLibvirt();
    });
    after(() => docker(["rm", "--force", libvirt]));

    test("a server outlives libvirt's container, and the next libvirtd knows it", async () => {
      await dockerOutput([
        "exec",
        libvirt,
        "sh",
        "-c",
        `echo '${server}' > /tmp/server.xml && virsh create /tmp/server.xml`,
      ]);
      const [pid] = await until("QEMU", async () => {
        const found = await pids("qemu-system");
        return found.length > 0 ? found : undefined;
      });
      const own = (await dockerOutput(["exec", scope.name("holder"), "cat", "/proc/self/cgroup"])).trim();
      await until("QEMU to be taken in", async () => {
        const now = (await dockerOutput(["exec", scope.name("holder"), "cat", `/proc/${pid}/cgroup`])).trim();
        return now === own || undefined;
      });
      await docker(["rm", "--force", libvirt]);
      assert.deepEqual(await pids("qemu-system"), [pid]);
      await startLibvirt();
      assert.match((await virsh("list")).stdout, / server +running/);
      assert.deepEqual(await pids("qemu-system"), [pid]);
    });

    test("a health check counts the connections of its own container only", async () => {
      const listen = "127.0.0.1:6642";
      const script = `import socket, time
a = socket.create_server(("127.0.0.1", 6642)); b = socket.create_connection(("127.0.0.1", 6642)); c = a.accept(); time.sleep(1e6)`;
      await scope.start("connected", {
        image: image("ovn-server"),
        flags: [...shared, "--no-healthcheck", "--entrypoint", "python3"],
        words: ["-c", script],
      });
      const question = {
        pid: 1,
        alive: [{ ask: "connected", from: "southbound", to: [{ host: "127.0.0.1", port: 6642 }] }],
        ready: [],
        depends: [],
      };
      const asked = (container: string) => {
        const path = "/run/plinth/health/asked.json";
        const write = `mkdir -p /run/plinth/health && echo '${JSON.stringify(question)}' > ${path}`;
        const check = "/opt/plinth/bin/plinth healthcheck asked";
        return docker(["exec", container, "sh", "-ec", `${write} && ${check}; rm -f ${path}`]);
      };
      await until("the connection", async () => (await asked(scope.name("connected"))).status === 0 || undefined);
      const other = await asked(libvirt);
      assert.match(
        other.stderr,
        new RegExp(`none of \\d+ processes here holds an established connection to ${listen}`),
      );
    });

    test("orphans of another container end with that container", async () => {
      assert.equal((await pids("tail")).length, 1);
      await docker(["rm", "--force", scope.name("stray")]);
      assert.deepEqual(await pids("tail"), []);
      assert.equal((await logsOf(scope.name("holder"))).log.filter(({ level }) => level === "error").length, 0);
    });
  });
}
