import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { deploymentOf, guestImage } from "../../scripts/stack/deployment.ts";
import { makeGuest } from "../../scripts/stack/guest.ts";
import { type Certificates, makeCertificates, type Pair } from "../support/certificates.ts";
import { docker, dockerOutput, dockerScope, logsOf, type Ran, requireEngine, until } from "../support/docker.ts";
import { buildImages } from "../support/keystone.ts";

/** `make e2e VERSION=zed` takes another. */
const release = process.env["VERSION"] ?? "2025.1";
const image = (name: string): string => `${process.env["DEPLOY_NAME"] || "plinth"}/${name}:${release}`;

const scope = dockerScope("hypervisor");
const nova = "42436:42436";
const neutron = "42435:42435";
const directory = mkdtempSync(join(tmpdir(), "plinth-hypervisor-"));
after(() => rmSync(directory, { recursive: true }));

const libvirtd = (more: readonly string[]) => ({
  image: image("libvirt-compute"),
  flags: [
    ...["--health-interval", "1s", "--cap-add", "NET_ADMIN", "--device", "/dev/net/tun", ...more],
    ...["--read-only", "--tmpfs", "/run", "--tmpfs", "/tmp"],
  ],
  words: ["libvirtd"],
});

async function healthy(container: string): Promise<void> {
  await until(`${container} to be healthy`, async () => {
    const state = JSON.parse(await dockerOutput(["inspect", "--format", "{{json .State}}", container]));
    if (!state.Running) throw new Error(`it ended with ${state.ExitCode}:\n${(await logsOf(container)).text}`);
    return state.Health.Status === "healthy" ? true : undefined;
  });
}

/** Ports that something listens at, Docker's own names (127.0.0.11) aside. */
const listening = async (container: string): Promise<readonly number[]> =>
  (await dockerOutput(["exec", container, "sh", "-c", "cat /proc/net/tcp /proc/net/tcp6"]))
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) => state === "0A" && !local.startsWith("0B00007F"))
    .map(([, local = ""]) => Number.parseInt(local.split(":").at(-1) ?? "", 16));

before(async () => {
  await requireEngine();
  buildImages(release, ["libvirt-compute", "nova-controller", "ovn-server"]);
});

describe(`libvirt-compute ${release}`, () => {
  let sockets = "";
  let server = "";
  before(async () => {
    sockets = await scope.volume("sockets");
    server = await scope.start("libvirt", libvirtd(["--volume", `${sockets}:/run/libvirt`]));
    await healthy(server);
  });

  const virsh = (user: string): Promise<Ran> =>
    scope.run({
      image: image("libvirt-compute"),
      flags: ["--network", "none", "--user", user, "--volume", `${sockets}:/run/libvirt`, "--entrypoint", "virsh"],
      words: ["--quiet", "--connect", "qemu:///system", "version"],
    });

  test("none of its ports is open", async () => {
    assert.deepEqual(await listening(server), []);
  });

  test("nova has full access in a container that shares the socket's directory; another account has none", async () => {
    const asNova = await virsh(nova);
    assert.equal(asNova.status, 0, asNova.stderr);
    assert.match(asNova.stdout, /Running hypervisor: QEMU/);
    const asNeutron = await virsh(neutron);
    assert.notEqual(asNeutron.status, 0);
    assert.match(asNeutron.stderr, /Permission denied/);
  });

  test("a stale socket of a dead libvirtd does not count as ready", async () => {
    await docker(["kill", server]);
    const asked = await scope.run({
      image: image("libvirt-compute"),
      flags: ["--volume", `${sockets}:/run/libvirt`, "--entrypoint", "/opt/plinth/bin/plinth"],
      words: ["healthcheck", "libvirtd"],
    });
    assert.equal(asked.status, 75, asked.stdout);
    assert.match(asked.stderr, /not alive: libvirt \/run\/libvirt\/libvirt-sock: .*ECONNREFUSED/);
  });
});

/** Copies certificates to where libvirt and QEMU look for them (https://libvirt.org/kbase/tlscerts.html). */
function pki(to: string, { authority, server }: Certificates, client: Pair): string {
  const copy = (from: string, ...names: readonly string[]): void => {
    for (const name of names) {
      const path = join(directory, to, name);
      mkdirSync(dirname(path), { recursive: true });
      copyFileSync(from, path);
      // QEMU reads them as its own user.
      chmodSync(path, 0o644);
    }
  };
  copy(authority, "CA/cacert.pem", "qemu/ca-cert.pem", "ca-cert.pem");
  copy(server.certificate, "libvirt/servercert.pem", "qemu/server-cert.pem");
  copy(server.key, "libvirt/private/serverkey.pem", "qemu/server-key.pem");
  copy(client.certificate, "libvirt/clientcert.pem", "client-cert.pem");
  copy(client.key, "libvirt/private/clientkey.pem", "client-key.pem");
  chmodSync(join(directory, to), 0o755);
  return join(directory, to);
}

/** nova's own proxy, as far as the console: its greeting, its certificate, what QEMU then says of the screen. */
const proxy = `
import sys, nova.cmd.novncproxy, socket
from nova.conf import CONF
from nova.console.securityproxy import rfb
CONF([], project="nova", default_config_files=[])
CONF.set_override("auth_schemes", sys.argv[1].split(","), "vnc")
CONF.set_override("vencrypt_ca_certs", "/etc/pki/ca-cert.pem", "vnc")
CONF.set_override("vencrypt_client_cert", "/etc/pki/client-cert.pem", "vnc")
CONF.set_override("vencrypt_client_key", "/etc/pki/client-key.pem", "vnc")
class Browser:
    said = [b"RFB 003.008\\n", b"\\x01"]
    def recv(self, count): return self.said.pop(0)
    def sendall(self, data): pass
console = rfb.RFBSecurityProxy().connect(Browser(), socket.create_connection(("127.0.0.1", 5900)))
console.sendall(b"\\x01")
print("security result", console.recv(4).hex())
`;

describe(`libvirt-compute ${release} with a tls section`, () => {
  let server = "";
  let own = "";
  let strangers = "";
  before(async () => {
    chmodSync(directory, 0o755);
    const made = join(directory, "made");
    mkdirSync(made);
    const certificates = makeCertificates(made);
    own = pki("own", certificates, certificates.client);
    strangers = pki("strangers", certificates, certificates.strangers.client);
    cpSync("model", join(directory, "model"), { recursive: true });
    const node = join(directory, "model/nodes/libvirt-compute.yml");
    const more = "parameters:\n  libvirt:\n    compute:\n      tls:\n        address: 0.0.0.0\n";
    writeFileSync(node, `${readFileSync(node, "utf8")}${more}`);
    const words = ["--node", "libvirt-compute", "--model", join(directory, "model"), "--release", release];
    const output = join(directory, "image.json");
    execFileSync("build/bin/plinth", ["bake", ...words, "--templates", "config-templates", "--output", output]);
    const mounts = ["--volume", `${output}:/etc/plinth/image.json:ro`, "--volume", `${own}:/etc/pki:ro`];
    server = await scope.start("tls", libvirtd(mounts));
    await healthy(server);
  });

  const beside = (from: string, entrypoint: string, certificates: string, ...words: string[]): Promise<Ran> =>
    scope.run({
      image: image(from),
      flags: [
        ...["--network", `container:${server}`, "--volume", `${certificates}:/etc/pki:ro`],
        ...["--entrypoint", entrypoint],
      ],
      words,
    });
  const virsh = (certificates: string, uri: string): Promise<Ran> =>
    beside("libvirt-compute", "virsh", certificates, "--quiet", "--connect", uri, "version");

  test("libvirtd accepts clients whose certificate the CA has signed, and nobody over plain TCP", async () => {
    assert.deepEqual([...new Set(await listening(server))], [16514]);
    const friend = await virsh(own, "qemu+tls://localhost/system");
    assert.equal(friend.status, 0, friend.stderr);
    assert.match(friend.stdout, /Running hypervisor: QEMU/);
    assert.notEqual((await virsh(strangers, "qemu+tls://localhost/system")).status, 0);
    assert.notEqual((await virsh(own, "qemu+tcp://localhost/system")).status, 0);
  });

  test("a console that other machines reach asks nova's proxy for its certificate", async () => {
    const xml = `<domain type="qemu"><name>server</name><memory unit="MiB">32</memory>
      <os><type arch="x86_64">hvm</type></os>
      <devices><graphics type="vnc" listen="0.0.0.0" autoport="yes"/><video><model type="vga"/></video></devices></domain>`;
    await dockerOutput(["exec", server, "sh", "-c", `cat > /tmp/server.xml <<'END'\n${xml}\nEND`]);
    await dockerOutput(["exec", server, "virsh", "--quiet", "create", "/tmp/server.xml"]);
    assert.ok((await listening(server)).includes(5900));
    const ask = (certificates: string, scheme: string): Promise<Ran> =>
      beside("nova-controller", "python3", certificates, "-c", proxy, scheme);
    const friend = await ask(own, "vencrypt");
    assert.match(friend.stdout, /security result 00000000/, friend.stderr);
    for (const [certificates, scheme] of [
      [strangers, "vencrypt"],
      [own, "none"],
    ] as const) {
      const { status, stdout } = await ask(certificates, scheme);
      assert.notEqual(status, 0);
      assert.doesNotMatch(stdout, /security result/);
    }
  });
});

/** The guest: a tap of this hypervisor, a screen, a serial port whose output is logged to a file, as nova's servers have them. */
const guest = `<domain type="qemu"><name>server</name><memory unit="MiB">160</memory>
  <os><type arch="x86_64">hvm</type><kernel>/guest/kernel</kernel><initrd>/guest/initramfs</initrd>
    <cmdline>console=ttyS0</cmdline></os>
  <devices>
    <interface type="ethernet"><mac address="52:54:00:00:00:01"/><target dev="tap0"/><model type="virtio"/></interface>
    <graphics type="vnc" listen="127.0.0.1" port="5900"/><video><model type="vga"/></video>
    <serial type="tcp"><source mode="bind" host="127.0.0.1" service="10000"/><log file="/var/lib/nova/console"/></serial>
  </devices></domain>`;

/** Milliseconds: an emulated machine takes six seconds of a processor to boot. */
const startTimeoutMs = 240_000;

/** Made of its MAC address (RFC 4291, appendix A), so that nobody has to give it one. */
const guestAddress = "fe80::5054:ff:fe00:1%tap0";

describe(`servers of libvirt-compute ${release} in the namespaces of ovn-server's hypervisor`, () => {
  const deployment = deploymentOf({ ...process.env, VERSION: release });
  const project = scope.name("project");
  const kept = ["--restart", "unless-stopped", "--label", `com.docker.compose.project=${project}`];
  const volumes: string[] = [];
  const holder = scope.name("holder");
  const libvirt = scope.name("guests");

  const startLibvirt = (): Promise<string> =>
    scope.start(
      "guests",
      libvirtd([...kept, "--network", `container:${holder}`, "--pid", `container:${holder}`, ...volumes]),
    );
  const virsh = async (...words: string[]): Promise<string> =>
    dockerOutput(["exec", libvirt, "virsh", "--quiet", ...words]);
  const states = async (): Promise<string> => virsh("list", "--all").catch((error: Error) => error.message);
  const runs = (): Promise<true> =>
    until("libvirt to tell that the server runs", async () =>
      / server +running/.test(await states()) ? true : undefined,
    );
  const pidOf = (container: string): Promise<string> =>
    dockerOutput(["inspect", "--format", "{{.State.Pid}}", container]);

  /** Ends first processes as a crash does, all at the same moment. */
  async function crash(...containers: readonly string[]): Promise<void> {
    const pids = await Promise.all(containers.map(pidOf));
    const words = ["--rm", "--pid", "host", "--entrypoint", "sh", guestImage(deployment)];
    await dockerOutput(["run", ...words, "-c", `kill -9 ${pids.join(" ")}`]);
  }

  /** Numbers of the pings that the server answered so far, ten a second. */
  const answered = async (pings: string): Promise<readonly number[]> =>
    [...(await logsOf(pings)).text.matchAll(/ seq=(\d+) /g)].map(([, number]) => Number(number));
  const startPings = (what: string): Promise<string> =>
    scope.start(what, {
      image: guestImage(deployment),
      flags: ["--network", `container:${holder}`, "--entrypoint", "busybox"],
      words: ["ping", "-6", "-i", "0.1", guestAddress],
    });
  const answers = (pings: string, more: number): Promise<true> =>
    until(
      "the server to answer pings",
      async () => ((await answered(pings)).length >= more ? true : undefined),
      startTimeoutMs,
    );

  let pings = "";
  before(async () => {
    await makeGuest(deployment, join(directory, "guest"));
    for (const [what, path] of [
      ["libvirt", "/var/lib/libvirt"],
      ["socket", "/run/libvirt"],
      ["servers", "/var/lib/nova"],
    ] as const) {
      volumes.push("--volume", `${await scope.volume(what)}:${path}`);
    }
    writeFileSync(join(directory, "guest/server.xml"), guest);
    chmodSync(directory, 0o755);
    volumes.push("--volume", `${join(directory, "guest")}:/guest:ro`);
    const bare = ["--read-only", "--tmpfs", "/run", "--tmpfs", "/tmp", "--cap-drop", "ALL", ...kept];
    await scope.start("holder", {
      image: image("ovn-server"),
      flags: [
        ...[...bare, "--no-healthcheck", "--cap-add", "SYS_NICE", "--stop-signal", "SIGKILL", "--cgroupns", "host"],
        ...["--volume", "/sys/fs/cgroup:/sys/fs/cgroup", "--sysctl", "net.ipv6.conf.all.disable_ipv6=0"],
        ...["--sysctl", "net.ipv6.conf.default.disable_ipv6=0"],
      ],
      words: ["hypervisor"],
    });
    await scope.start("keeper", {
      image: image("ovn-server"),
      flags: [...bare, "--network", "none", "--volume", "/var/run/docker.sock:/run/docker.sock"],
      words: ["keeper"],
    });
    await startLibvirt();
    await healthy(libvirt);
    await virsh("define", "/guest/server.xml");
    await virsh("start", "server");
    pings = await until("the guest's tap", async () => {
      const link = await docker(["exec", libvirt, "ls", "/sys/class/net/tap0"]);
      return link.status === 0 ? startPings("pings") : undefined;
    });
    await until(
      "the server to answer",
      async () => {
        if ((await answered(pings)).length > 0) return true;
        // It ends where the address cannot be reached yet.
        await docker(["start", pings]);
        return undefined;
      },
      startTimeoutMs,
    );
  });

  const ends: readonly (readonly [how: string, end: () => Promise<unknown>])[] = [
    ["crashes", () => crash(libvirt)],
    ["is restarted", () => docker(["restart", libvirt])],
    [
      "is replaced",
      async () => {
        await docker(["rm", "--force", libvirt]);
        await startLibvirt();
      },
    ],
  ];
  for (const [how, end] of ends) {
    test(`libvirt's container ${how}: no ping is lost, and the next libvirtd knows the server`, async () => {
      const earlier = await answered(pings);
      const console = await virsh("domid", "server");
      await end();
      await runs();
      assert.equal(await virsh("domid", "server"), console, "it is the same server");
      // Consoles of QEMU: what it listened at before, it does now.
      for (const port of [5900, 10_000]) assert.ok((await listening(holder)).includes(port), `${port}`);
      await answers(pings, earlier.length + 20);
      // From the last one before: a guest that boots may leave its first ones without an answer.
      const numbers = (await answered(pings)).slice(earlier.length - 1);
      const [first = 0, last = 0] = [numbers[0], numbers.at(-1)];
      assert.equal(numbers.length, last - first + 1, `a number for each ping from ${first} to ${last}: ${numbers}`);
    });
  }

  test("a destroyed server leaves no zombie process", async () => {
    await virsh("destroy", "server");
    assert.match(await states(), / server +shut off/);
    const zombies = await dockerOutput(["exec", holder, "sh", "-c", "grep -l '^State:.Z' /proc/[0-9]*/status || true"]);
    assert.equal(zombies, "");
    await virsh("start", "server");
    await runs();
  });

  test("nothing in its process namespace ends the holder", async () => {
    const before = await pidOf(holder);
    for (const signal of ["TERM", "INT", "HUP", "QUIT", "USR1", "KILL", "STOP"]) {
      await docker(["exec", libvirt, "sh", "-c", `kill -${signal} 1`]);
    }
    await sleep(500);
    assert.equal(await pidOf(holder), before);
    await runs();
  });

  test("all containers crash at once and recover by themselves, although the engine gives up on some", async () => {
    await crash(holder, libvirt, scope.name("keeper"));
    await until("libvirt to tell that the server ended", async () =>
      / server +shut off/.test(await states()) ? true : undefined,
    );
    await virsh("start", "server");
    await runs();
  });

  test("a restart of the holder restarts the containers in its namespaces, except those that a user stopped", async () => {
    const started = () => dockerOutput(["inspect", "--format", "{{.State.StartedAt}}", libvirt]);
    const before = await started();
    await docker(["restart", holder]);
    await until("libvirt's container to be restarted", async () => ((await started()) !== before ? true : undefined));
    await healthy(libvirt);
    await docker(["stop", libvirt]);
    await docker(["restart", holder]);
    // The keeper looks every two seconds.
    await sleep(5000);
    assert.equal(await dockerOutput(["inspect", "--format", "{{.State.Status}}", libvirt]), "exited");
  });
});
