import { boolean, port, section, string } from "../schema/field.ts";
import { host, uuid } from "../schema/text.ts";
import type { Account, ImageRow } from "./component.ts";
import {
  inNamespace,
  libvirtFolder,
  libvirtSocket,
  openvswitch,
  openvswitchFolder,
  serversFolder,
  volumesFolder,
} from "./hypervisor.ts";
import { account as nova } from "./nova.ts";
import { ports } from "./ports.ts";
import type { WorkloadRow } from "./workload.ts";

/** libvirtd makes network devices and gives files away; QEMU itself runs as libvirt-qemu. */
const account: Account = { user: "root", group: "root", uid: 0, gid: 0 };
/** kolla's user id; the group may open /dev/kvm. */
const qemu: Account = { user: "libvirt-qemu", group: "kvm", uid: 42427, gid: 42427 };

const configuration = "/etc/libvirt/libvirtd.conf";
const logSocket = "/run/libvirt/virtlogd-sock";

const workload = {
  name: "libvirt-compute",
  runs: "hypervisor",
  namespace: "joins",
  peers: [{ port: ports.libvirt_tls, protocol: "TCP", where: "tls" }],
  // Its servers are that one's children.
  processes: "joins",
  host: {
    root: true,
    capabilities: ["NET_ADMIN"],
    devices: [{ path: "/dev/net/tun" }, { path: "/dev/kvm", optional: true }],
  },
  keeps: [
    { of: "host", volume: "libvirt", path: "/var/lib/libvirt", writes: true, fills: true },
    { ...libvirtFolder, fills: true },
    serversFolder,
    volumesFolder,
    openvswitchFolder,
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
      "The hypervisor's UUID; left out, that of the machine. Two hypervisors on one machine need two, or servers do not move.",
      { optional: true },
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
        keeps: [
          { of: "host", volume: "libvirt", path: "/var/lib/libvirt", writes: true },
          libvirtFolder,
          serversFolder,
        ],
      },
    },
  },
} satisfies ImageRow;
