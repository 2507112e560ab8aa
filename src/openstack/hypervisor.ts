import type { AskRow } from "./component.ts";

/** What the containers of one hypervisor share: a network, and the folder of Open vSwitch's database. */

export const openvswitchSocket = "/run/openvswitch/db.sock";

/** Where start-ovsdb notes the network namespace that it runs in. */
export const namespaceFile = "/run/openvswitch/network-namespace";

/**
 * The others run in ovsdb's network. Once its container was started anew that is another one, and theirs has no way out any
 * more: only a start anew of their own brings them back.
 */
export const inNamespace: AskRow = { ask: "namespace", file: namespaceFile };

/** Open vSwitch's database, where there is one on this hypervisor. */
export const openvswitch: AskRow = {
  ask: "ovsdb",
  path: openvswitchSocket,
  database: "Open_vSwitch",
  beside: namespaceFile,
};

/** Clients share this folder. Who may open the socket is the group's matter: nova's, whose number is the same in all images. */
export const libvirtSocket = "/run/libvirt/libvirt-sock";
