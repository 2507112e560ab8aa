import { boolean, integer, list, port, secret, section, string } from "../schema/field.ts";
import { domainName, host, ovsdbConnection, path, word } from "../schema/text.ts";
import {
  apiHealth,
  cacheUntil,
  connectedHealth,
  database,
  identity,
  logging,
  messageQueue,
  notification,
  python,
  requestsEnd,
  rpcHealth,
  threads,
  wsgi,
} from "./blocks.ts";
import type { Account, CommandRow, Condition, FileRow, ImageRow, NeedRow, ServiceRow } from "./component.ts";
import { inNamespace, openvswitch, openvswitchDirectory } from "./hypervisor.ts";
import { ports } from "./ports.ts";
import { upgradeCheck, upgradeStep } from "./upgrade-steps.ts";

/** kolla's ids (kolla/common/users.py). */
const account: Account = { user: "neutron", group: "neutron", uid: 42435, gid: 42435 };

const oslo = (template: string, path: string): FileRow => ({
  template: `neutron/${template}`,
  path: `/etc/neutron/${path}`,
  dialect: "oslo",
});

/** Files of the server and of its parts with a process of their own. */
const server = [oslo("neutron.conf", "neutron.conf"), oslo("ml2_conf.ini", "plugins/ml2/ml2_conf.ini")] as const;

/** What all agents of Open vSwitch read. Agents run beside virtual machines, so the file has nothing about the database. */
const agent = oslo("agent.conf", "agent.conf");

const uwsgi: FileRow = {
  template: "neutron/neutron-api-uwsgi.ini",
  path: "/etc/neutron/neutron-api-uwsgi.ini",
  dialect: "uwsgi",
};

const command = (binary: string, files: readonly FileRow[], ...words: string[]): CommandRow => ({
  command: [`/usr/bin/${binary}`, ...files.flatMap(({ path }) => ["--config-file", path]), ...words],
  files,
});

/** OpenContrail's plugin, from its own packages. It keeps networks in OpenContrail, not in a database of neutron's. */
const isContrail: Condition = { setting: "backend.engine", is: "contrail" };
const isMl2: Condition = { setting: "backend.engine", is: "ml2" };
const contrail = [
  server[0],
  oslo("ContrailPlugin.ini", "plugins/opencontrail/ContrailPlugin.ini"),
] as const satisfies readonly FileRow[];

const metadataAgent = oslo("ovn_metadata_agent.ini", "neutron_ovn_metadata_agent.ini");

/** Starts the same agent, whose privileged processes are forks of it (docs/decisions/0067). */
const forkingAgent: FileRow = {
  template: "neutron/ovn_metadata_agent.py",
  path: "/etc/neutron/ovn_metadata_agent.py",
  dialect: "text",
};

/** Before the id of a network: the namespace in which the metadata agent has that network's proxy. */
const metadataNamespaces = "ovnmeta-";

const needs = {
  database: { probe: "mysql", from: "database", schema: true, where: isMl2 },
  broker: { probe: "amqp", from: "message_queue" },
  cache: { probe: "memcached", from: "cache.members", optional: true },
  identity: { probe: "keystone", from: "identity" },
  northbound: { probe: "tcp", from: "backend.ovn.northbound" },
  southbound: { probe: "tcp", from: "backend.ovn.southbound" },
  contrail: { probe: "tcp", from: "backend.contrail", where: isContrail },
} as const satisfies Record<string, NeedRow>;

const serverNeeds = [
  needs.database,
  needs.broker,
  needs.cache,
  needs.identity,
  needs.northbound,
  needs.southbound,
  needs.contrail,
] as const;

/** neutron's services find others in keystone's catalog: nova to notify of ports, placement for the resources of ports. */
const neutronClients = ["compute", "placement"] as const;

/**
 * A part of the server that became a process when uWSGI took over the API. It answers no user and so checks no token. It
 * asks keystone when it notifies nova of a port, and retries a moment later if that fails.
 */
const part = (binary: string, doc: string, health?: ServiceRow["health"]): ServiceRow => ({
  kind: "service",
  doc,
  since: "2025.1",
  run: [command(binary, server)],
  needs: [needs.database, needs.broker, needs.northbound, needs.southbound],
  ...(health ? { health } : {}),
  workload: {
    runs: "replicas",
    where: isMl2,
    catalog: neutronClients,
    uses: { memory: 240, cpu: 50 },
    stop: { seconds: 30 },
  },
});

/** An agent of Open vSwitch. */
const openvswitchAgent = (
  binary: string,
  template: string,
  path: string,
  doc: string,
  health = connectedHealth("message_queue"),
): ServiceRow => ({
  kind: "service",
  doc,
  run: [command(binary, [agent, oslo(template, path)])],
  needs: [needs.broker],
  health,
  missing: [
    { setting: "backend.engine", is: "ml2" },
    { setting: "backend.ovn", not: true },
  ],
});

export const neutronServer = {
  component: "neutron",
  role: "server",
  account,
  environment: python,
  files: [],
  schema: section("neutron-server: networks. The API, and the agents of ML2 with OVN or with Open vSwitch.", {
    version: string("OpenStack release of the image."),
    enabled: boolean("Whether the role is in use.", { default: true }),
    debug: boolean("Log at debug level.", { default: false }),
    logging,
    workers: integer("Worker processes of the API.", { default: 1, minimum: 1 }),
    threads: threads(" of the API: the networks of a server that is made wait for OVN in one.", { since: "2025.1" }),
    rpc_workers: integer("Worker processes for what agents ask.", { default: 1, minimum: 1 }),
    bind: section("Where the API listens.", {
      address: host("Address.", { default: "0.0.0.0" }),
      port: port("Port.", { default: ports.network }),
    }),
    dns_domain: domainName("Domain of the ports' host names.", { default: "novalocal" }),
    mtu: integer("MTU of the physical networks.", { default: 1500, minimum: 68 }),
    database: database("neutron", "neutron"),
    message_queue: {
      ...messageQueue,
      missed: "agents cannot reach the server: no broker is rendered, and none is waited for",
    },
    identity: identity("neutron"),
    cache: cacheUntil("2025.1"),
    notification,
    compute: section(
      "nova, which is told when a port is ready, and as whom neutron talks to it.",
      {
        region: string("Region.", { default: { from: "identity.region" } }),
        user: string("neutron's user for nova.", { default: "nova" }),
        password: secret("Its password."),
        tenant: string("Its project.", { default: "service" }),
      },
      { optional: true, missed: "nova is not told when a port is ready, and servers never become active" },
    ),
    placement: section(
      "placement, and as whom neutron talks to it. Left out, the service's own identity is used.",
      {
        region: string("Region.", { default: { from: "identity.region" } }),
        user: string("neutron's user for placement.", { default: "placement" }),
        password: secret("Its password."),
        tenant: string("Its project.", { default: "service" }),
      },
      { optional: true, since: "newton" },
    ),
    metadata: section(
      "nova's metadata service, for the metadata agents.",
      {
        host: host("Host name or address."),
        port: port("Port.", { default: ports.metadata }),
        password: secret("Secret shared with nova's metadata service."),
        workers: integer("Worker processes of a metadata agent; 0 is the agent itself.", {
          // In zed the agent of OVN does not answer without a worker: upstream's default was 2 then, and is 0 now.
          default: {
            byRelease: [
              ["kilo", 1],
              ["2025.1", 0],
            ],
          },
          minimum: 0,
        }),
      },
      { optional: true },
    ),
    backend: section("ML2 with OVN where `ovn` is given, else with Open vSwitch; or OpenContrail.", {
      engine: string("Core plugin.", { default: "ml2", choices: ["ml2", "contrail"] }),
      contrail: section(
        "OpenContrail, for `engine: contrail`. Its servers and vRouters are its own, and so is the package with the plugin.",
        {
          host: host("Host name or address of its API server."),
          port: port("Port of its API server.", { default: ports.contrail }),
          user: string("As whom the plugin logs in there.", { default: { from: "identity.user" } }),
          password: secret("That user's password.", { default: { from: "identity.password" }, optional: true }),
          tenant: string("That user's project.", { default: { from: "identity.tenant" } }),
          token: secret("keystone's admin_token, for a plugin that shows that.", { optional: true }),
          multi_tenancy: boolean("Whether its API server asks for a token.", { default: true }),
          extensions_path: path("Directory with the plugin's extensions of neutron's API.", {
            default: "/usr/lib/python2.7/dist-packages/neutron_plugin_contrail/extensions",
          }),
          analytics: section(
            "Its analytics.",
            { host: host("Host name or address."), port: port("Port.", { default: ports.contrail_analytics }) },
            { optional: true },
          ),
        },
        { optional: true },
      ),
      extension_drivers: list("Extension drivers.", word("Driver."), { default: ["port_security"] }),
      flat_networks: list(
        "Physical networks that may be used untagged.",
        string("Name.", { pattern: ["\\*|\\w[\\w.-]*", "one word, or * for any"] }),
        {
          default: ["physnet1"],
        },
      ),
      network_vlan_ranges: list(
        "Physical networks with their VLANs, such as physnet2:100:199.",
        string("Range.", {
          pattern: ["\\w[\\w.-]*(?::\\d+:\\d+)?", "NETWORK or NETWORK:FROM:TO"],
        }),
        {
          optional: true,
        },
      ),
      vni_ranges: list(
        "Numbers of the tenants' networks in tunnels.",
        string("FROM:TO", { pattern: ["\\d+:\\d+", "FROM:TO"] }),
        { default: ["1:65536"] },
      ),
      security_group: boolean("Security groups.", { default: true }),
      ovn: section(
        "OVN.",
        {
          northbound: section("The northbound database.", {
            host: host("Host: a name is looked up at start.", { address: true }),
            port: port("Port.", { default: ports.ovn_northbound }),
          }),
          southbound: section("The southbound database.", {
            host: host("Host: a name is looked up at start.", { address: true }),
            port: port("Port.", { default: ports.ovn_southbound }),
          }),
          metadata: boolean("Whether there is a metadata agent on every host.", { default: true }),
          distributed_floating_ip: boolean("Floating addresses leave by the host of their server.", {
            default: false,
          }),
        },
        { optional: true, since: "ussuri" },
      ),
      openvswitch: section("Open vSwitch on this host, for its agents.", {
        ovsdb_connection: ovsdbConnection("Where Open vSwitch's database listens.", {
          default: `tcp:127.0.0.1:${ports.openvswitch}`,
        }),
        local_ip: host("This host's address for tunnels; left out, there are none.", { optional: true }),
        bridge_mappings: list(
          "Physical networks with their bridges.",
          string("NETWORK:BRIDGE", {
            pattern: ["\\w[\\w.-]*:\\w[\\w.-]*", "NETWORK:BRIDGE"],
          }),
          {
            default: ["physnet1:br-ex"],
          },
        ),
        integration_bridge: word("Bridge that servers' ports are on.", { default: "br-int" }),
        datapath_type: string("The kernel's datapath, or that of a user program.", {
          default: "system",
          choices: ["system", "netdev"],
        }),
        firewall: string("What security groups are made of.", {
          default: {
            byRelease: [
              ["kilo", "iptables_hybrid"],
              ["newton", "openvswitch"],
            ],
          },
          choices: ["iptables_hybrid", "openvswitch", "noop"],
        }),
        dvr: boolean("Routers are on every host.", { default: false }),
        agent_mode: string("The l3 agent's part in distributed routers.", {
          default: "legacy",
          choices: ["legacy", "dvr", "dvr_snat"],
        }),
      }),
    }),
  }),
  services: {
    server: {
      kind: "service",
      doc: "The network API.",
      run: [
        { ...command("neutron-server", contrail), where: isContrail, until: "2025.1" },
        { ...command("neutron-server", server), until: "2025.1" },
        {
          command: ["/usr/bin/uwsgi", "--ini", uwsgi.path],
          files: [...contrail, uwsgi, wsgi("neutron")],
          where: isContrail,
        },
        { command: ["/usr/bin/uwsgi", "--ini", uwsgi.path], files: [...server, uwsgi, wsgi("neutron")] },
      ],
      needs: serverNeeds,
      health: apiHealth({ host: "{bind.address}", port: "{bind.port}" }, "/v2.0/networks"),
      ports: { api: { port: "{bind.port}" } },
      workload: {
        stop: requestsEnd,
        runs: "replicas",
        catalog: neutronClients,
        uses: { memory: 240, cpu: 50 },
        outside: [
          { port: "{backend.contrail.port}", where: isContrail },
          { port: "{backend.contrail.analytics.port}", where: { setting: "backend.contrail.analytics" } },
        ],
      },
    },
    "rpc-server": part("neutron-rpc-server", "Answers agents.", rpcHealth("neutron", "q-plugin")),
    // Its tasks use the database every two minutes and nothing else, so it keeps a connection there.
    "periodic-workers": {
      ...part(
        "neutron-periodic-workers",
        "Regular work on the database: quotas, routers, agents.",
        connectedHealth("database"),
      ),
      workload: { runs: "replicas", where: isMl2, catalog: neutronClients, priority: "last" },
    },
    "ovn-maintenance": {
      ...part(
        "neutron-ovn-maintenance-worker",
        "Keeps OVN as neutron's database has it.",
        connectedHealth("backend.ovn.northbound"),
      ),
      workload: { runs: "one", where: { setting: "backend.ovn" }, priority: "last" },
    },
    "ovn-metadata-agent": {
      kind: "service",
      doc: "Metadata for the servers of this host, with OVN.",
      since: "ussuri",
      run: [
        {
          command: ["python3", forkingAgent.path, "--config-file", metadataAgent.path],
          files: [metadataAgent, forkingAgent],
          keepsRoot: true,
          since: "2025.1",
        },
        command("neutron-ovn-metadata-agent", [metadataAgent]),
      ],
      needs: [needs.southbound],
      changesKernel: true,
      makesNamespaces: metadataNamespaces,
      health: {
        alive: [{ ask: "connected", from: "backend.ovn.southbound" }, inNamespace],
        // An agent works even if its proxies do not start, but its servers then get no metadata.
        ready: [
          openvswitch,
          {
            ask: "proxies",
            prefix: metadataNamespaces,
            program: "haproxy",
            pids: "/var/lib/neutron/external/pids/*.pid.haproxy",
            seconds: 30,
          },
        ],
      },
      workload: {
        runs: "hypervisor",
        uses: { memory: 480, cpu: 50 },
        // As `next` it waited for a processor for as long as it had one, and servers were without metadata for over 10 s.
        priority: "first",
        where: { setting: "backend.ovn" },
        namespace: "joins",
        host: {
          root: true,
          capabilities: ["NET_ADMIN", "SYS_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH"],
          mounts: true,
        },
        keeps: [openvswitchDirectory],
      },
    },
    "openvswitch-agent": openvswitchAgent(
      "neutron-openvswitch-agent",
      "openvswitch_agent.ini",
      "plugins/ml2/openvswitch_agent.ini",
      "Puts the ports of this host on networks, with Open vSwitch.",
    ),
    "dhcp-agent": openvswitchAgent(
      "neutron-dhcp-agent",
      "dhcp_agent.ini",
      "dhcp_agent.ini",
      "DHCP, with Open vSwitch.",
      rpcHealth("neutron", "dhcp_agent"),
    ),
    "l3-agent": openvswitchAgent(
      "neutron-l3-agent",
      "l3_agent.ini",
      "l3_agent.ini",
      "Routers, with Open vSwitch.",
      rpcHealth("neutron", "l3_agent"),
    ),
    "metadata-agent": openvswitchAgent(
      "neutron-metadata-agent",
      "metadata_agent.ini",
      "metadata_agent.ini",
      "Metadata for servers, with Open vSwitch.",
    ),
    "db-sync": {
      kind: "job",
      doc: "Schema of the database.",
      run: [
        { ...command("neutron-db-manage", server, "upgrade", "head"), until: "liberty" },
        command("neutron-db-manage", server, "upgrade", "heads"),
      ],
      needs: [{ probe: "mysql", from: "database", schema: false }],
      lock: "database",
      schemas: [{ from: "database" }],
      workload: { runs: "one", where: isMl2 },
    },
    "db-expand": {
      ...upgradeStep(
        "What the schema of this release adds, while services of the release before run.",
        command("neutron-db-manage", server, "upgrade", "--expand"),
      ),
      since: "liberty",
      workload: { runs: "one", byHand: true, where: isMl2 },
    },
    "db-contract": {
      ...upgradeStep(
        "Takes away what only the release before needed: none of its services may run any more.",
        command("neutron-db-manage", server, "upgrade", "--contract"),
      ),
      since: "liberty",
      workload: { runs: "one", byHand: true, where: isMl2 },
    },
    "upgrade-check": {
      ...upgradeCheck(command("neutron-status", server, "upgrade", "check")),
      since: "stein",
      workload: { runs: "one", byHand: true, where: isMl2 },
    },
  },
} satisfies ImageRow;
