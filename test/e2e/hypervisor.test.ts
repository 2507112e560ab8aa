import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Certificates, makeCertificates, type Pair } from "../support/certificates.ts";
import { docker, dockerOutput, dockerScope, logsOf, type Ran, requireEngine, until } from "../support/docker.ts";
import { buildImages } from "../support/keystone.ts";

/** `make e2e VERSION=zed` takes another. */
const release = process.env["VERSION"] ?? "2025.1";
const image = (name: string): string => `${process.env["DEPLOY_NAME"] || "plinth"}/${name}:${release}`;

const scope = dockerScope("hypervisor");
const nova = "42436:42436";
const neutron = "42435:42435";
const folder = mkdtempSync(join(tmpdir(), "plinth-hypervisor-"));
after(() => rmSync(folder, { recursive: true }));

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
  buildImages(release, ["libvirt-compute", "nova-controller"]);
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

  test("no port of it is open", async () => {
    assert.deepEqual(await listening(server), []);
  });

  test("nova, in a container that shares the folder of its socket, may do all; another account nothing", async () => {
    const asNova = await virsh(nova);
    assert.equal(asNova.status, 0, asNova.stderr);
    assert.match(asNova.stdout, /Running hypervisor: QEMU/);
    const asNeutron = await virsh(neutron);
    assert.notEqual(asNeutron.status, 0);
    assert.match(asNeutron.stderr, /Permission denied/);
  });

  test("a socket that a dead libvirtd left is not taken for one", async () => {
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
      const path = join(folder, to, name);
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
  chmodSync(join(folder, to), 0o755);
  return join(folder, to);
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
    chmodSync(folder, 0o755);
    const made = join(folder, "made");
    mkdirSync(made);
    const certificates = makeCertificates(made);
    own = pki("own", certificates, certificates.client);
    strangers = pki("strangers", certificates, certificates.strangers.client);
    cpSync("model", join(folder, "model"), { recursive: true });
    const node = join(folder, "model/nodes/libvirt-compute.yml");
    const more = "parameters:\n  libvirt:\n    compute:\n      tls:\n        address: 0.0.0.0\n";
    writeFileSync(node, `${readFileSync(node, "utf8")}${more}`);
    const words = ["--node", "libvirt-compute", "--model", join(folder, "model"), "--release", release];
    const output = join(folder, "image.json");
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

  test("libvirtd takes those whose certificate the CA has signed, and nobody over plain TCP", async () => {
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
