import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { supportedNames } from "../../src/openstack/releases.ts";
import { compilePillar } from "../../src/pillar/compile.ts";
import { readPillar } from "../../src/pillar/pillar.ts";
import { renderFiles } from "../../src/render/render.ts";
import { parameters } from "../support/parameters.ts";
import { nodeOf } from "../support/pillar.ts";
import { allFiles, bakeCompiled, diagnosticsOf, mustBe, settingsOf } from "../support/rendering.ts";

const compute = (more = ""): string => `nova:
  compute:
    version: "2025.1"
    bind: {vnc_address: 10.0.0.21}
    identity: {host: keystone, password: $SERVICE_IDENTITY_PASSWORD}
${more}`;
const libvirt = (more = ""): string => `libvirt: {compute: {version: "2025.1"${more}}}\n`;
const ovn = (address: string): string => `ovn:
  server:
    version: "2025.1"
    chassis: {name: c, encapsulation: {address: 10.0.0.21}}
    ovsdb: {address: "${address}"}
`;

/** The one file of an image, rendered. */
function rendered(pillar: string, release: string, path: string): string {
  const baked = bakeCompiled(nodeOf(pillar), release);
  const files = mustBe(renderFiles(baked.image, settingsOf(baked, parameters), allFiles(baked.image)));
  return files.find((file) => file.path === path)?.text ?? "";
}
const nova = (pillar: string, release: string): string => rendered(pillar, release, "/etc/nova/nova.conf");

describe("a hypervisor accepts no connection from outside unless its pillar requests certificates", () => {
  for (const release of supportedNames) {
    test(`${release}: libvirtd has a Unix socket only, and consoles are at 127.0.0.1`, () => {
      const daemon = rendered(libvirt(), release, "/etc/libvirt/libvirtd.conf");
      assert.match(daemon, /^listen_tcp = 0$/m);
      assert.match(daemon, /^listen_tls = 0$/m);
      assert.match(daemon, /^unix_sock_rw_perms = "0770"$/m);
      assert.doesNotMatch(daemon, /listen_addr|auth_tcp/);
      const text = nova(compute(), release);
      assert.match(text, /^(vnc)?server_listen = 127\.0\.0\.1$/m);
      assert.match(text, /^(vnc)?server_proxyclient_address = 127\.0\.0\.1$/m);
      assert.match(text, /^connection_uri = qemu:\/\/\/system$/m);
      assert.doesNotMatch(text, /0\.0\.0\.0|live_migration_scheme/);
    });
  }

  test("with certificates, libvirtd listens for hypervisors and QEMU for a proxy, and both verify", () => {
    const daemon = rendered(libvirt(", tls: {address: 10.0.0.21}"), "2025.1", "/etc/libvirt/libvirtd.conf");
    assert.match(daemon, /^listen_tls = 1\nlisten_addr = "10\.0\.0\.21"\ntls_port = "16514"$/m);
    assert.match(daemon, /^listen_tcp = 0$/m);
    const qemu = rendered(libvirt(", tls: {address: 10.0.0.21}"), "2025.1", "/etc/libvirt/qemu.conf");
    assert.match(qemu, /^default_tls_x509_verify = 1\nvnc_tls = 1$/m);
    const text = nova(compute("    libvirt: {tls: {host: 10.0.0.21}}\n"), "2025.1");
    assert.match(text, /^server_listen = 10\.0\.0\.21$/m);
    assert.match(text, /^live_migration_scheme = tls\nlive_migration_with_native_tls = true$/m);
  });

  test("nova-compute does not open consoles before libvirt asks for certificates: it waits for its TLS port", () => {
    const { image } = bakeCompiled(nodeOf(compute("    libvirt: {tls: {host: 10.0.0.21}}\n")), "2025.1");
    assert.ok(image.services["compute"]?.needs.some((need) => need.probe === "tcp" && need.from === "libvirt.tls"));
  });

  for (const address of ["0.0.0.0", "10.0.0.21", "::", "127.0.0.1.example.org", "x127.0.0.1", "fd00::1"]) {
    test(`an address of others is refused for what has no login: ${address}`, () => {
      for (const pillar of [compute(`    serial_console: {address: "${address}"}\n`), ovn(address)]) {
        const found = diagnosticsOf(compilePillar(mustBe(readPillar(nodeOf(pillar)))));
        const first = found.find(({ severity }) => severity === "error");
        assert.match(`${first?.what} ${first?.fix}`, /an address of this machine only/);
      }
    });
  }
});
