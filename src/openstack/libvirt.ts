import { boolean, port, section, string } from "../schema/field.ts";
import type { Account, ImageRow } from "./component.ts";

/** libvirtd makes network devices and gives files away; QEMU itself runs as libvirt-qemu. */
const account: Account = { user: "root", group: "root", uid: 0, gid: 0 };

export const libvirtCompute: ImageRow = {
  component: "libvirt",
  role: "compute",
  account,
  files: [
    { template: "libvirt/libvirtd.conf", path: "/etc/libvirt/libvirtd.conf", dialect: "plain" },
    { template: "libvirt/qemu.conf", path: "/etc/libvirt/qemu.conf", dialect: "plain" },
  ],
  schema: section("libvirt-compute: libvirtd and QEMU of one hypervisor.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    bind: section("Where libvirtd listens, without encryption or login: for a network that only hypervisors are in.", {
      address: string("Address.", { default: "0.0.0.0" }),
      port: port("Port.", { default: 16509 }),
    }),
  }),
  services: {
    libvirtd: {
      kind: "service",
      doc: "libvirtd over TCP, and the servers of this hypervisor: they end with the container.",
      run: [{ command: ["/usr/sbin/libvirtd", "--listen", "--config", "/etc/libvirt/libvirtd.conf"] }],
      needs: [],
      health: { ask: "tcp", host: "{bind.address}", port: "{bind.port}" },
      ports: { libvirt: "{bind.port}" },
    },
  },
};
