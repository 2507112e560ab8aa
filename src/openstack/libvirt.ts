import { boolean, port, section, string } from "../schema/field.ts";
import { host, uuid } from "../schema/text.ts";
import { nova, root } from "./accounts.ts";
import type { Account, ImageRow } from "./component.ts";
import {
  inNamespace,
  libvirtDirectory,
  libvirtSocket,
  openvswitch,
  openvswitchDirectory,
  serversDirectory,
  volumesDirectory,
} from "./hypervisor.ts";
import { ports } from "./ports.ts";
import type { VolumeRow, WorkloadRow } from "./workload.ts";

/** libvirtd makes network devices and gives files away; QEMU itself runs as libvirt-qemu. */
const account = root;
/** kolla's user id; the group may open /dev/kvm. */
const qemu: Account = { user: "libvirt-qemu", group: "kvm", uid: 42427, gid: 42427 };

const configuration = "/etc/libvirt/libvirtd.conf";
const logSocket = "/run/libvirt/virtlogd-sock";

/** What libvirtd keeps: the image has links to it below /etc, /var/cache and /var/log. */
const stateDirectory: VolumeRow = {
  of: "host",
  volume: "libvirt",
  path: "/var/lib/libvirt",
  writes: true,
  holds: [
    { path: ".", mode: 0o755 },
    { path: "cache", mode: 0o755 },
    { path: "config", mode: 0o755 },
    { path: "config/nwfilter", mode: 0o755 },
    { path: "config/qemu", mode: 0o755 },
    { path: "config/secrets", mode: 0o755 },
    { path: "config/storage", mode: 0o755 },
    { path: "log", mode: 0o755 },
    { path: "log/qemu", mode: 0o755 },
    { path: "qemu", mode: 0o750, owner: qemu },
  ],
};

const workload = {
  name: "libvirt-compute",
  runs: "hypervisor",
  // Its servers run beside it, in the container that holds their namespaces, whatever they use.
  uses: { memory: 128, cpu: 50 },
  namespace: "joins",
  peers: [{ port: ports.libvirt_tls, protocol: "TCP", where: "tls" }],
  // Its servers are children of that container.
  processes: "joins",
  host: {
    root: true,
    capabilities: ["NET_ADMIN"],
    devices: [
      { path: "/dev/net/tun" },
      {
        path: "/dev/kvm",
        optional: true,
        privileged:
          "/dev/kvm is none of the devices that engines let every container use: without a device plugin only a privileged container opens it",
      },
    ],
  },
  keeps: [
    { ...stateDirectory, fills: true },
    { ...libvirtDirectory, fills: true },
    serversDirectory,
    volumesDirectory,
    openvswitchDirectory,
  ],
} as const satisfies WorkloadRow;

export const libvirtCompute = {
  component: "libvirt",
  role: "compute",
  account,
  accounts: { qemu, nova },
  files: [
    { template: "libvirt/libvirtd.conf", path: configuration, dialect: "libvirt" },
    { template: "libvirt/qemu.conf", path: "/etc/libvirt/qemu.conf", dialect: "libvirt" },
  ],
  schema: section("libvirt-compute: libvirtd and QEMU of one hypervisor.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    tls: section(
      "libvirtd for other hypervisors, so that servers move, and consoles for a proxy on another machine. Both show a certificate that the CA has signed, and whoever has one may do everything. Left out, libvirtd has a Unix socket only. The certificates are files at libvirt's own places: /etc/pki/CA, /etc/pki/libvirt, /etc/pki/qemu.",
      {
        address: host("Address that libvirtd listens on."),
        port: port("Port.", { default: ports.libvirt_tls }),
      },
      { optional: true },
    ),
    host_uuid: uuid(
      "The hypervisor's UUID; empty, that of the machine. libvirtd moves no server to a hypervisor that has the same, as two on one machine would.",
      { default: "", empty: true },
    ),
    stdio_handler: string(
      "Who writes what servers print: QEMU itself (file), without a limit, or the service virtlogd (logd), which keeps the last 2 MiB.",
      { default: "file", choices: ["file", "logd"] },
    ),
    log_level: string("What libvirtd logs.", { default: "warning", choices: ["debug", "info", "warning", "error"] }),
  }),
  services: {
    libvirtd: {
      kind: "service",
      doc: "libvirtd at a Unix socket in /run/libvirt, which nova-compute shares. Servers outlive the container where it shares the process namespace of a hypervisor's first one; else they end with it.",
      run: [{ command: ["/usr/local/sbin/start-libvirtd", "--listen", "--config", configuration] }],
      needs: [],
      health: { alive: [{ ask: "libvirt", path: libvirtSocket }, inNamespace], ready: [openvswitch] },
      workload,
    },
    virtlogd: {
      kind: "service",
      doc: "Writes the consoles of servers, for `stdio_handler: logd`: beside libvirtd, with its volumes and /run/libvirt.",
      run: [{ command: ["/usr/sbin/virtlogd"] }],
      needs: [],
      health: { alive: [{ ask: "socket", path: logSocket }] },
      workload: {
        ...workload,
        name: "virtlogd",
        where: { setting: "stdio_handler", is: "logd" },
        host: { root: true },
        keeps: [stateDirectory, libvirtDirectory, serversDirectory],
      },
    },
  },
} satisfies ImageRow;
