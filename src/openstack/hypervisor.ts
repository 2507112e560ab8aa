import { cinder, nova, root } from "./accounts.ts";
import type { AskRow } from "./component.ts";
import type { VolumeRow } from "./workload.ts";

/** What the containers of one hypervisor share: a network, and the directory of Open vSwitch's database. */

export const openvswitchSocket = "/run/openvswitch/db.sock";

/** Where start-ovsdb notes the network namespace that it runs in. */
export const namespaceFile = "/run/openvswitch/network-namespace";

/**
 * All share the network of one container. After a restart it has another one, and theirs no longer leads anywhere: only a
 * restart of their own brings them back.
 */
export const inNamespace: AskRow = { ask: "namespace", file: namespaceFile };

/** Open vSwitch's database, where there is one on this hypervisor. */
export const openvswitch: AskRow = {
  ask: "ovsdb",
  path: openvswitchSocket,
  database: "Open_vSwitch",
  beside: namespaceFile,
};

/** Clients share this directory. The socket's group may open it: nova's, which has the same id in all images. */
export const libvirtSocket = "/run/libvirt/libvirt-sock";

/** Directories that several containers of a hypervisor have. The service whose files others wait for says so itself. */
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
 * cinder-volume's, at the same path: its file back end is files that QEMU opens. Others may open a file in it if they know its name,
 * but neither list nor change its contents.
 */
export const volumesDirectory: VolumeRow = {
  of: "shared",
  volume: "volumes",
  path: "/var/lib/cinder/volumes",
  writes: true,
  holds: [{ path: ".", mode: 0o711, owner: cinder }],
};

/**
 * Where a bridge has an address, a guest may reach the addresses of this network, but nothing behind it: no packet is
 * forwarded. Docker makes machines forward IPv4, which a new network inherits, and not IPv6. A packet is dropped if its answer
 * would leave by another device (rp_filter), so eth1, a port of br-ex, leads to no address here.
 */
export const namespaceSysctls = { "net.ipv4.ip_forward": 0, "net.ipv4.conf.all.rp_filter": 1 } as const;

/** Parameters whose value belongs to the hypervisor's machine, not to its image. */
export const machineParameters: readonly string[] = ["NOVA_VIRTUALIZATION"];
