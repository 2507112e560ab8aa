import { cinder, nova, root } from "./accounts.ts";
import type { AskRow } from "./component.ts";
import type { VolumeRow } from "./workload.ts";

/** What the containers of one hypervisor share: a network, and the directory of Open vSwitch's database. */

export const openvswitchSocket = "/run/openvswitch/db.sock";

/** Where start-ovsdb notes the network namespace that it runs in. */
export const namespaceFile = "/run/openvswitch/network-namespace";

/**
 * All share the network of one container. Once that was started anew it has another one, and theirs has no way out any more: only a
 * start anew of their own brings them back.
 */
export const inNamespace: AskRow = { ask: "namespace", file: namespaceFile };

/** Open vSwitch's database, where there is one on this hypervisor. */
export const openvswitch: AskRow = {
  ask: "ovsdb",
  path: openvswitchSocket,
  database: "Open_vSwitch",
  beside: namespaceFile,
};

/** Clients share this directory. Who may open the socket is the group's matter: nova's, whose number is the same in all images. */
export const libvirtSocket = "/run/libvirt/libvirt-sock";

/** Directories that several containers of a hypervisor have. Whose files others wait for says so itself. */
export const openvswitchDirectory: VolumeRow = {
  of: "host",
  volume: "openvswitch",
  path: "/run/openvswitch",
  writes: true,
  holds: [{ path: ".", mode: 0o755, owner: root }],
};
export const libvirtDirectory: VolumeRow = {
  of: "host",
  volume: "libvirt-socket",
  path: "/run/libvirt",
  writes: true,
  holds: [{ path: ".", mode: 0o755, owner: root }],
};
export const serversDirectory: VolumeRow = {
  of: "host",
  volume: "servers",
  path: "/var/lib/nova",
  writes: true,
  holds: [
    { path: ".", mode: 0o755, owner: nova },
    { path: "instances", mode: 0o755, owner: nova },
  ],
};
/**
 * cinder-volume's, at the same path: its file back end is files that QEMU opens. Others may open a file in it whose name they know,
 * and neither list nor change what is there.
 */
export const volumesDirectory: VolumeRow = {
  of: "shared",
  volume: "volumes",
  path: "/var/lib/cinder/volumes",
  writes: true,
  holds: [{ path: ".", mode: 0o711, owner: cinder }],
};

/**
 * Where a bridge has an address, a guest may reach the addresses of this network, but nothing behind it: no packet is passed
 * on. Docker has machines forward IPv4, which a new network takes over; of IPv6 it starts without. And what comes by another
 * device than the answer would leave by is dropped, so that eth1, a port of br-ex, leads to no address here.
 */
export const namespaceSysctls = { "net.ipv4.ip_forward": 0, "net.ipv4.conf.all.rp_filter": 1 } as const;

/** Parameters whose value is that of the machine a hypervisor is, and not of its image. */
export const machineParameters: readonly string[] = ["NOVA_VIRTUALIZATION"];
