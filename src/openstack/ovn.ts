import { boolean, map, port, section, string } from "../schema/field.ts";
import { host, loopback, word, wordPattern } from "../schema/text.ts";
import { root } from "./accounts.ts";
import type { Account, Condition, FileRow, ImageRow, NeedRow, ServiceRow } from "./component.ts";
import { inNamespace, namespaceFile, namespaceSysctls, openvswitchDirectory, openvswitchSocket } from "./hypervisor.ts";
import { ports } from "./ports.ts";
import type { PeerRow } from "./workload.ts";

/** The switch of a hypervisor needs root's rights over the network. */
const account = root;
/** The databases and northd do not: their containers run as the owner of the data directory. The ids are kolla's. */
export const openvswitch: Account = { user: "openvswitch", group: "openvswitch", uid: 42424, gid: 42424 };

const settingsFile: FileRow = {
  template: "ovn/settings.json",
  path: "/etc/openvswitch/settings.json",
  dialect: "json",
};
const firstFile: FileRow = { template: "ovn/first.json", path: "/etc/openvswitch/first.json", dialect: "json" };

const socket = openvswitchSocket;
const control = "/run/openvswitch/vswitchd.ctl";
const controllerControl = "/run/ovn-controller.ctl";
/** The kernel takes up to 15 characters for a device's name, and no slash, colon or space (dev_valid_name in net/core/dev.c). */
const device = "[\\w.-]{1,15}";
const bridgePorts = [
  `(${device}:${device}(,${device}:${device})*)?`,
  "pairs of a bridge and a device, such as br-ex:eth1, with commas between them",
] as const;

/** neutron's driver of OVN came with it (before, networking-ovn was a project of its own, which no image of ours has). */
const driver = { since: "ussuri" } as const;
const isOvn: Condition = { setting: "networking", is: "ovn" };
/** OpenContrail's vRouter, a module of the machine's kernel, replaces Open vSwitch. */
const isVrouter: Condition = { setting: "networking", is: "contrail" };

const remote = (what: string, usualPort: number) =>
  section(
    `Where the ${what} database is.`,
    {
      host: host("Host: a name is looked up at start.", { address: true }),
      port: port("Port.", { default: usualPort }),
    },
    { optional: true, ...driver },
  );

const needs = {
  northbound: { probe: "tcp", from: "northbound" },
  southbound: { probe: "tcp", from: "southbound" },
  openvswitch: { probe: "file", path: socket },
} as const satisfies Record<string, NeedRow>;

/**
 * On SIGTERM these programs clean up and then send themselves the same signal, which does nothing to process 1: as
 * process 1 they crash. So an init is their parent, which treats an end by SIGTERM as success.
 */
const init = ["/usr/bin/tini", "-s", "-e", "143", "--"] as const;

/** Programs in C with a small cloud: some megabytes, and next to no processor. */
const small = { memory: 32, cpu: 20 };

/** Ports that the standards give (RFC 8926, RFC 7348). */
const tunnels = {
  geneve: { port: 6081, protocol: "UDP" },
  vxlan: { port: 4789, protocol: "UDP" },
} as const satisfies Record<string, PeerRow>;

/** Logs go to the container's log. Control sockets go to a directory that the container can write to. */
const logging = ["-vconsole:info", "-vsyslog:off", "-vfile:off"] as const;
const directories = { OVN_RUNDIR: "/run", OVS_RUNDIR: "/run/openvswitch" } as const;

const database = (what: string, name: string, file: string, schema: string, portPath: string): ServiceRow => ({
  kind: "service",
  ...driver,
  doc: `OVN's ${what} database.`,
  run: [
    {
      command: [
        ...init,
        "/usr/local/sbin/start-ovsdb",
        `/var/lib/ovn/${file}.db`,
        `/usr/share/ovn/${schema}.ovsschema`,
        `--remote=ptcp:{${portPath}}:{[bind.address]}`,
        `--remote=punix:/run/${file}.sock`,
        `--unixctl=/run/${file}.ctl`,
        ...logging,
      ],
    },
  ],
  environment: { ...directories, OVS_RUNDIR: "/run" },
  needs: [],
  health: {
    alive: [{ ask: "control", path: `/run/${file}.ctl`, command: "version" }],
    ready: [{ ask: "ovsdb", path: `/run/${file}.sock`, database: name }],
  },
  ports: { ovsdb: { port: `{${portPath}}` } },
  workload: {
    runs: "stateful",
    uses: small,
    where: isOvn,
    inside: true,
    account: openvswitch,
    keeps: [
      {
        of: "own",
        volume: `ovn-${what}`,
        path: "/var/lib/ovn",
        writes: true,
        fills: true,
        holds: [{ path: ".", mode: 0o750 }],
      },
    ],
  },
});

/** OVN and Open vSwitch: the two databases and northd once, the other three on every hypervisor. */
export const ovnServer = {
  component: "ovn",
  role: "server",
  account,
  accounts: { openvswitch },
  files: [],
  schema: section("ovn-server: OVN's databases and the switch of a hypervisor.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    networking: string("What brings networks to hypervisors, as neutron-server is told, too.", {
      default: "ovn",
      choices: ["default", "contrail", "dvr", "ovn"],
    }),
    bind: section("Where the databases listen.", {
      address: host("Address.", { default: "0.0.0.0" }),
      northbound_port: port("Port of the northbound database.", { default: ports.ovn_northbound }),
      southbound_port: port("Port of the southbound database.", { default: ports.ovn_southbound }),
    }),
    northbound: remote("northbound", ports.ovn_northbound),
    southbound: remote("southbound", ports.ovn_southbound),
    chassis: section("This hypervisor.", {
      name: word("Its name: that of nova's host, too."),
      encapsulation: section("Tunnels to other hypervisors.", {
        type: string("Protocol.", { default: "geneve", choices: ["geneve", "vxlan"] }),
        address: host("Address that they end at."),
      }),
      datapath: string("Where packets are switched: in a process (netdev) or in the kernel, which needs its module.", {
        default: "netdev",
        choices: ["netdev", "system"],
      }),
      gateway: boolean("Whether routers may be reached from outside through it.", { default: true }),
      bridge_mappings: map("Physical networks by name, and the bridge of each.", word("Bridge."), { key: wordPattern }),
      bridge_ports: string(
        "Network devices that are ports of these bridges: `br-ex:eth1`, several with commas. A port has no address.",
        { default: "", empty: true, pattern: bridgePorts },
      ),
    }),
    ovsdb: section("Open vSwitch's own database, for nova's os-vif.", {
      address: loopback("Address: of this machine only, since there is no login.", { default: "127.0.0.1" }),
      port: port("Port.", { default: ports.openvswitch }),
    }),
  }),
  services: {
    northbound: database("northbound", "OVN_Northbound", "ovnnb", "ovn-nb", "bind.northbound_port"),
    southbound: database("southbound", "OVN_Southbound", "ovnsb", "ovn-sb", "bind.southbound_port"),
    northd: {
      kind: "service",
      ...driver,
      doc: "Turns logical networks into flows.",
      run: [
        {
          command: [
            ...init,
            "/usr/bin/ovn-northd",
            "--ovnnb-db=tcp:{[northbound.host]}:{northbound.port}",
            "--ovnsb-db=tcp:{[southbound.host]}:{southbound.port}",
            "--unixctl=/run/ovn-northd.ctl",
            ...logging,
          ],
        },
      ],
      environment: directories,
      needs: [needs.northbound, needs.southbound],
      health: {
        alive: [{ ask: "control", path: "/run/ovn-northd.ctl", command: "version" }],
        ready: ["nb-connection-status", "sb-connection-status"].map((command) => ({
          ask: "control",
          path: "/run/ovn-northd.ctl",
          command,
          expect: "connected",
        })),
      },
      workload: { runs: "one", where: isOvn, inside: true, uses: small, account: openvswitch },
    },
    hypervisor: {
      kind: "service",
      doc: "Holds the network and the process namespace that a hypervisor's containers share, and takes in its servers, so that they outlive all of these. Wants SYS_NICE and the machine's /sys/fs/cgroup, and is ended by SIGKILL.",
      run: [{ command: ["/usr/local/sbin/hold-hypervisor"] }],
      // It has no health check: a restart would end the servers.
      needs: [],
      workload: {
        name: "hypervisor",
        runs: "hypervisor",
        // The machine's vRouter forwards requests of servers. With Open vSwitch, neutron's agent in the same pod does.
        catalog: ["metadata"],
        uses: small,
        // Servers run in it.
        priority: "first",
        namespace: "holds",
        // SYS_NICE: a process is moved to another cpuset (cap_task_setscheduler in security/commoncap.c).
        host: {
          capabilities: ["SYS_NICE"],
          cgroups: true,
          sysctls: namespaceSysctls,
          // A vRouter connects servers to devices of the machine's own network.
          network: isVrouter,
          privileged:
            "with cgroups v2 the kernel moves no process for one outside of whose cgroup namespace it is (cgroup-v2.rst, Delegation Containment), and only privileged containers have the machine's; nor does kubelet take these sysctls in a pod unless it is told to",
        },
        // A process 1 gets only signals that it has a handler for.
        stop: { signal: "SIGKILL" },
      },
    },
    keeper: {
      kind: "service",
      doc: "Starts again what the container engine gives up. Wants the engine's socket at /run/docker.sock.",
      run: [{ command: ["/opt/plinth/bin/plinth", "keep"] }],
      needs: [],
      health: { alive: [], ready: [{ ask: "socket", path: "/run/docker.sock" }] },
      workload: { name: "keeper", runs: "one", inside: true, host: { isolated: true, engine: true } },
    },
    ovsdb: {
      kind: "service",
      doc: "Open vSwitch's database on a hypervisor, with the hypervisor's settings for OVN in it.",
      run: [
        {
          command: [
            ...init,
            "/usr/local/sbin/start-ovsdb",
            "/var/lib/openvswitch/conf.db",
            "/usr/share/openvswitch/vswitch.ovsschema",
            `--remote=punix:${socket}`,
            "--remote=ptcp:{ovsdb.port}:{[ovsdb.address]}",
            "--unixctl=/run/openvswitch/ovsdb.ctl",
            ...logging,
          ],
          files: [settingsFile, firstFile],
        },
      ],
      environment: {
        ...directories,
        FIRST: firstFile.path,
        SETTINGS: settingsFile.path,
        BRIDGE_PORTS: "{chassis.bridge_ports}",
        TUNNELS: "{chassis.encapsulation.address}",
        NAMESPACE: namespaceFile,
      },
      needs: [],
      health: {
        alive: [{ ask: "control", path: "/run/openvswitch/ovsdb.ctl", command: "version" }],
        ready: [{ ask: "ovsdb", path: socket, database: "Open_vSwitch" }],
      },
      workload: {
        name: "ovsdb",
        runs: "hypervisor",
        where: { ...isVrouter, not: true },
        uses: small,
        priority: "first",
        namespace: "joins",
        host: { root: true, capabilities: ["NET_ADMIN"] },
        keeps: [
          { ...openvswitchDirectory, fills: true },
          {
            of: "host",
            volume: "switch",
            path: "/var/lib/openvswitch",
            writes: true,
            fills: true,
            holds: [{ path: ".", mode: 0o750 }],
          },
        ],
      },
    },
    vswitchd: {
      kind: "service",
      doc: "Open vSwitch on a hypervisor: wants NET_ADMIN, NET_RAW and /dev/net/tun.",
      run: [
        {
          command: [...init, "/usr/local/sbin/start-vswitchd", `unix:${socket}`, `--unixctl=${control}`, ...logging],
        },
      ],
      environment: directories,
      needs: [needs.openvswitch],
      health: {
        alive: [{ ask: "control", path: control, command: "version" }, inNamespace],
        ready: [{ ask: "ovsdb", path: socket, database: "Open_vSwitch" }],
      },
      workload: {
        name: "ovs-vswitchd",
        runs: "hypervisor",
        where: { ...isVrouter, not: true },
        uses: small,
        priority: "first",
        namespace: "joins",
        peers: [tunnels.geneve, tunnels.vxlan],
        // NET_RAW for packet sockets (packet(7)), by which it reads and writes devices; some engines do not give it to root.
        host: { root: true, capabilities: ["NET_ADMIN", "NET_RAW"], devices: [{ path: "/dev/net/tun" }] },
        keeps: [openvswitchDirectory],
      },
    },
    controller: {
      kind: "service",
      ...driver,
      doc: "OVN on a hypervisor.",
      run: [
        {
          command: [...init, "/usr/bin/ovn-controller", `unix:${socket}`, `--unixctl=${controllerControl}`, ...logging],
        },
      ],
      environment: directories,
      needs: [needs.openvswitch, needs.southbound],
      health: {
        alive: [{ ask: "control", path: controllerControl, command: "version" }, inNamespace],
        ready: [
          { ask: "ovsdb", path: socket, database: "Open_vSwitch" },
          { ask: "control", path: controllerControl, command: "connection-status", expect: "connected" },
        ],
      },
      workload: {
        runs: "hypervisor",
        where: isOvn,
        uses: small,
        priority: "first",
        namespace: "joins",
        host: { root: true },
        keeps: [openvswitchDirectory],
      },
    },
  },
} satisfies ImageRow;
