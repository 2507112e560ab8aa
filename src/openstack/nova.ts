import { boolean, integer, list, number, port, secret, section, string } from "../schema/field.ts";
import {
  baseUrl,
  databaseName,
  databaseUser,
  domainName,
  host,
  libvirtUri,
  loopback,
  path,
  uuid,
  word,
} from "../schema/text.ts";
import { nova } from "./accounts.ts";
import {
  apiHealth,
  audit,
  before,
  cache,
  database,
  databasePassword,
  deletedDays,
  identity,
  logging,
  messageQueue,
  notification,
  pageHealth,
  python,
  requestsEnd,
  rpcHealth,
  threads,
  wsgi,
} from "./blocks.ts";
import type { FileRow, ImageRow, NeedRow, ServiceRow } from "./component.ts";
import {
  inNamespace,
  libvirtDirectory,
  openvswitchDirectory,
  serversDirectory,
  volumesDirectory,
} from "./hypervisor.ts";
import { ports } from "./ports.ts";
import { upgradeCheck } from "./upgrade-steps.ts";
import type { WorkloadRow } from "./workload.ts";

/** nova's services find others in keystone's catalog: volumes to attach, ports to bind, images of volumes. */
const novaClients = ["image", "network", "volume", "placement"] as const;

const account = nova;

const configuration: FileRow = { template: "nova/nova.conf", path: "/etc/nova/nova.conf", dialect: "oslo" };
const configFile = ["--config-file", "/etc/nova/nova.conf"] as const;

const network = section(
  "neutron, and as whom nova talks to it.",
  {
    engine: string("Network service.", { default: "neutron", choices: ["neutron"] }),
    region: string("Region.", { default: "RegionOne" }),
    host: host("Host name or address of neutron's API.", { optional: true }),
    port: port("Port of neutron's API.", { default: ports.network }),
    user: string("nova's user for neutron.", { default: "neutron" }),
    password: secret("Its password."),
    tenant: string("Its project.", { default: "service" }),
    mtu: integer("MTU of the networks.", { default: 1500, minimum: 68 }),
    extension_sync_interval: integer("Seconds between looks at neutron's extensions.", { default: 600, minimum: 0 }),
  },
  { optional: true },
);

const placement = section(
  "placement, and as whom nova talks to it. Left out, the service's own identity is used.",
  {
    region: string("Region.", { default: { from: "identity.region" } }),
    user: string("nova's user for placement.", { default: "placement" }),
    password: secret("Its password."),
    tenant: string("Its project.", { default: "service" }),
  },
  { optional: true, since: "ocata" },
);

const shared = {
  version: string("OpenStack release of the image."),
  enabled: boolean("Whether the role is in use.", { default: true }),
  debug: boolean("Log at debug level.", { default: false }),
  logging,
  message_queue: {
    ...messageQueue,
    missed: "services cannot reach each other: no broker is rendered, and none is waited for",
  },
  identity: identity("nova"),
  cache,
  network,
  placement,
  notification,
  networking: string("Network back end, as neutron-server is told, too.", {
    default: "default",
    choices: ["default", "contrail", "dvr", "ovn"],
  }),
  report_interval: integer("Seconds between reports of a service that it is alive.", { default: 60, minimum: 1 }),
  service_down_time: integer("Seconds after which a silent service counts as down; more than report_interval.", {
    default: 90,
    minimum: 1,
  }),
  allow_resize_to_same_host: boolean(
    "Whether a resized server may stay on its hypervisor. The API asks it, and so does the hypervisor: give both roles the same.",
    { default: false },
  ),
};

const needs = {
  database: { probe: "mysql", from: "database", schema: true },
  apiDatabase: { probe: "mysql", from: "api_database", schema: true, since: "mitaka", until: "ocata" },
  cell: {
    probe: "mysql",
    from: "api_database",
    schema: true,
    // Without a password in it, unlike nova-manage's: services cache what they read of it.
    row: {
      table: "cell_mappings",
      column: "name",
      is: "{cells.name}",
      with: { column: "database_connection", like: "%{password}%" },
    },
    since: "ocata",
  },
  broker: { probe: "amqp", from: "message_queue" },
  cache: { probe: "memcached", from: "cache.members", optional: true },
  identity: { probe: "keystone", from: "identity" },
  libvirt: { probe: "libvirt", from: "libvirt" },
} as const satisfies Record<string, NeedRow>;

const rpc = (binary: string, topic: string, doc: string, priority?: WorkloadRow["priority"]): ServiceRow => ({
  kind: "service",
  doc,
  run: [{ command: [`/usr/bin/${binary}`, ...configFile] }],
  needs: [needs.database, needs.apiDatabase, needs.cell, needs.broker, needs.cache],
  health: rpcHealth("nova", topic),
  workload: { runs: "replicas", catalog: novaClients, ...(priority ? { priority } : {}) },
});

/** They ask placement, and nova-scheduler ends if keystone does not know its user. */
const withPlacement = (row: ServiceRow): ServiceRow => ({
  ...row,
  needs: [...row.needs, { probe: "keystone", from: "identity", since: "ocata" }],
});

/** A WSGI API: its own server until packages stopped shipping one, then uwsgi (see config-templates/nova/*-uwsgi.ini). */
const api = (row: { binary: string; name: string; port: string; portName: string; doc: string }): ServiceRow => ({
  kind: "service",
  doc: row.doc,
  run: [
    { until: "zed", command: [`/usr/bin/${row.binary}`, ...configFile] },
    {
      command: ["/usr/bin/uwsgi", "--ini", `/etc/nova/${row.name}-uwsgi.ini`],
      files: [
        { template: `nova/${row.name}-uwsgi.ini`, path: `/etc/nova/${row.name}-uwsgi.ini`, dialect: "uwsgi" },
        wsgi("nova"),
      ],
    },
  ],
  needs: [needs.database, needs.apiDatabase, needs.cell, needs.broker, needs.cache, needs.identity],
  health: apiHealth({ host: "{bind.private_address}", port: `{bind.${row.port}}` }, "/v2.1/servers"),
  ports: { [row.portName]: { port: `{bind.${row.port}}` } },
  workload: { runs: "replicas", catalog: novaClients, stop: requestsEnd },
});

const job = (doc: string, needed: readonly NeedRow[], ...run: ServiceRow["run"]): ServiceRow => ({
  kind: "job",
  doc,
  run,
  needs: needed,
});
const manage = (...words: string[]): readonly string[] => ["/usr/bin/nova-manage", ...configFile, ...words];
/** Several programs, one after the other, up to the first that fails. */
const all = (...calls: readonly (readonly string[])[]): readonly string[] => [
  "/bin/sh",
  "-ec",
  calls.map((words) => words.join(" ")).join("\n"),
];
const cells: FileRow = { template: "nova/cells.json", path: "/etc/nova/cells.json", dialect: "json" };
const mapCells = (...words: string[]): readonly string[] => [
  "/usr/local/sbin/map-cells",
  ...configFile,
  cells.path,
  ...words,
];
const apiSchema: NeedRow = { probe: "mysql", from: "api_database", schema: true };
const databaseOnly: readonly NeedRow[] = [
  { probe: "mysql", from: "database", schema: false },
  { probe: "mysql", from: "api_database", schema: false, since: "mitaka" },
];

export const novaController = {
  component: "nova",
  role: "controller",
  account,
  environment: python,
  files: [configuration],
  schema: section("nova-controller: API, conductor, scheduler, proxies.", {
    ...shared,
    security_group: boolean("Security groups are neutron's.", { default: true }),
    dhcp_domain: domainName("Domain of the instances' host names.", { default: "novalocal", empty: true }),
    vncproxy_url: baseUrl("Public base URL of the VNC proxy.", { optional: true }),
    vnc_keymap: word("Keymap of VNC consoles.", { default: "en-us" }),
    vnc_tls: section(
      "The VNC proxy's certificate, for hypervisors with `libvirt.tls`, and no others.",
      {
        ca: path("File with the CA's certificate.", { default: "/etc/pki/nova-novncproxy/ca-cert.pem" }),
        certificate: path("File with the certificate.", { default: "/etc/pki/nova-novncproxy/client-cert.pem" }),
        key: path("File with its key.", { default: "/etc/pki/nova-novncproxy/client-key.pem" }),
      },
      { optional: true, since: "stein" },
    ),
    scheduler_default_filters: list("Scheduler filters; left out, nova's own.", word("Filter."), { optional: true }),
    cpu_allocation_ratio: number("Virtual to physical CPUs.", { default: 16, minimum: 0 }),
    ram_allocation_ratio: number("Virtual to physical memory.", { default: 1.5, minimum: 0 }),
    disk_allocation_ratio: number("Virtual to physical disk.", { default: 1, minimum: 0 }),
    workers: integer("Worker processes of each API and of the conductor.", { default: 1, minimum: 1 }),
    deleted_days: deletedDays,
    // As many calls as upstream's own server takes at a time (oslo.service's wsgi_default_pool_size).
    threads: threads(" of an API: a console's log waits for nova-compute in one.", { since: "zed" }, 100),
    bind: section("Addresses and ports.", {
      private_address: host("Address that services listen on.", { default: "0.0.0.0" }),
      public_address: host("Address that is announced.", { default: "0.0.0.0" }),
      public_name: host("Public host name.", { default: "localhost" }),
      api_port: port("Compute API.", { default: ports.compute }),
      metadata_port: port("Metadata API.", { default: ports.metadata }),
      ec2_port: port("EC2 API.", { default: ports.compute_ec2, until: "mitaka" }),
      novncproxy_port: port("noVNC proxy.", { default: ports.console }),
    }),
    database: database("nova", "nova"),
    api_database: section(
      "The API database; what is left out is the database's.",
      {
        engine: string("Database engine.", { default: { from: "database.engine" }, choices: ["mysql"] }),
        host: host("Host name or address.", { default: { from: "database.host" } }),
        port: port("Port.", { default: { from: "database.port" } }),
        name: databaseName("Name of the database.", { default: "nova_api" }),
        user: databaseUser("User.", { default: { from: "database.user" } }),
        password: secret("Password.", { default: { from: "database.password" }, pattern: databasePassword }),
      },
      { since: "mitaka" },
    ),
    cells: section(
      "Cells v2: one cell beside cell0.",
      {
        name: word("Name of the cell.", { default: "cell1" }),
      },
      { since: "ocata" },
    ),
    glance: section(
      "glance.",
      {
        host: host("Host name or address of glance's API."),
        port: port("Port of glance's API.", { default: ports.image }),
      },
      { optional: true },
    ),
    metadata: section(
      "The metadata service.",
      { password: secret("Secret shared with neutron's metadata proxy.") },
      { optional: true },
    ),
    audit,
  }),
  services: {
    api: {
      ...api({ binary: "nova-api", name: "nova-api", port: "api_port", portName: "os-api", doc: "The compute API." }),
      // Its own server serves all of [DEFAULT] enabled_apis, until each API got a process of its own.
      ports: {
        "os-api": { port: "{bind.api_port}" },
        "ec2-api": { port: "{bind.ec2_port}", until: "mitaka" },
        // A client that reaches it and knows its secret gets every server's user data: only neutron's proxies may.
        metadata: { port: "{bind.metadata_port}", until: "zed", inside: true },
      },
    },
    metadata: {
      ...api({
        binary: "nova-api-metadata",
        name: "nova-metadata",
        port: "metadata_port",
        portName: "metadata",
        doc: "The metadata API.",
      }),
      health: pageHealth({ host: "{bind.private_address}", port: "{bind.metadata_port}" }, "/", [200, 300]),
      since: "zed",
      workload: { runs: "replicas", catalog: novaClients, stop: requestsEnd },
    },
    cert: { ...rpc("nova-cert", "cert", "x509 certificates."), until: "pike" },
    conductor: withPlacement(
      rpc("nova-conductor", "conductor", "Database access and long tasks for computes.", "next"),
    ),
    scheduler: withPlacement(rpc("nova-scheduler", "scheduler", "Chooses a host for each instance.")),
    consoleauth: { ...rpc("nova-consoleauth", "consoleauth", "Tokens of consoles."), until: "train" },
    novncproxy: {
      ...rpc("nova-novncproxy", "", "VNC in the browser."),
      health: { alive: [{ ask: "http", host: "{bind.private_address}", port: "{bind.novncproxy_port}", path: "/" }] },
      ports: { novncproxy: { port: "{bind.novncproxy_port}" } },
      // Beside the consoles, which VNC without a login has at 127.0.0.1 only.
      workload: { runs: "hypervisor", namespace: "joins", priority: "last" },
    },
    "db-sync": {
      ...job(
        "Schemas of all its databases, cell0 as one of them; maps cell0 where it migrates.",
        databaseOnly,
        { until: "mitaka", command: manage("db", "sync") },
        { until: "ocata", command: all(manage("api_db", "sync"), manage("db", "sync")) },
        {
          command: all(manage("api_db", "sync"), mapCells("cell0"), manage("db", "sync")),
          files: [cells],
        },
      ),
      lock: "database",
      schemas: [
        { from: "database" },
        { from: "api_database", since: "mitaka" },
        // As cells.json names it.
        { from: "database", name: "{database.name}_cell0", since: "ocata" },
      ],
      workload: { runs: "one", priority: "first" },
    },
    "cell-setup": {
      ...job(
        "The cell beside cell0, mapped as the settings say; harmless when repeated.",
        [needs.database, apiSchema],
        {
          command: mapCells(),
          files: [cells],
        },
      ),
      since: "ocata",
      lock: "database",
      workload: { runs: "one", makes: "cell_mappings", priority: "first" },
    },
    "discover-hosts": {
      ...job(
        "Maps new hypervisors to the cell at once, not at the scheduler's next look.",
        [needs.database, needs.cell],
        {
          command: manage("cell_v2", "discover_hosts"),
        },
      ),
      since: "ocata",
      lock: "database",
      workload: { runs: "one", byHand: true },
    },
    "service-cleaner": {
      ...job("Removes rows of conductors, schedulers and APIs that are gone.", [needs.database, needs.cell], {
        command: ["/usr/local/sbin/clean-services", ...configFile],
      }),
      // Before, a service could be deleted through the API only.
      since: "ocata",
      workload: { runs: "one", schedule: "3-59/10 * * * *" },
    },
    "service-versions": {
      ...job(
        "For a way back: services of this release start again where those of a newer one have been.",
        [needs.database, needs.cell],
        { command: ["/usr/local/sbin/lower-versions", ...configFile] },
      ),
      since: "zed",
      workload: { runs: "one", byHand: true },
    },
    "purge-deleted": {
      // Without a lock, which would have services wait for its end. Two at a time do no harm: the second fails for rows that the first has archived.
      ...job("Removes the records of servers that were deleted long ago.", [needs.database, needs.cell], {
        // 1: something was archived (nova.cmd.manage). Archived rows have no use, so the same process purges them at once.
        command: before(
          "{deleted_days}",
          "%F",
          [
            ...["/usr/bin/nova-manage", ...configFile, "db", "archive_deleted_rows"],
            ...["--until-complete", "--all-cells", "--purge", "--before"],
          ],
          " || [ $? -eq 1 ]",
        ),
      }),
      // --all-cells
      since: "ussuri",
      workload: { runs: "one", schedule: "13 3 * * *" },
    },
    // It asks placement, too, and counts hypervisors by the cells' databases.
    "upgrade-check": {
      ...upgradeCheck({ command: ["/usr/bin/nova-status", ...configFile, "upgrade", "check"] }, [
        { probe: "mysql", from: "api_database", schema: false },
        needs.identity,
      ]),
      since: "ocata",
      workload: { runs: "one", byHand: true, catalog: ["placement"] },
    },
    "online-data-migrations": {
      ...job("Moves data to the new schema while services run.", databaseOnly, {
        command: manage("db", "online_data_migrations"),
      }),
      since: "ocata",
      lock: "database",
      workload: { runs: "one", byHand: true },
    },
  },
} satisfies ImageRow;

export const novaCompute = {
  component: "nova",
  role: "compute",
  account,
  environment: python,
  files: [configuration],
  schema: section("nova-compute: one hypervisor.", {
    ...shared,
    host: word(
      "Name under which nova knows this hypervisor; empty, the machine's own. It has to be the one that neutron and OVN know it by.",
      { default: "", empty: true },
    ),
    virtualization: string("Hypervisor.", { default: "kvm", choices: ["kvm", "qemu"] }),
    vncproxy_url: baseUrl("Public base URL of the VNC proxy.", { optional: true }),
    vnc_keymap: word("Keymap of VNC consoles.", { default: "en-us" }),
    cpu_allocation_ratio: number("Virtual to physical CPUs; left out, nova's own.", { optional: true, minimum: 0 }),
    ram_allocation_ratio: number("Virtual to physical memory.", { optional: true, minimum: 0 }),
    disk_allocation_ratio: number("Virtual to physical disk.", { optional: true, minimum: 0 }),
    reserved_host_memory_mb: integer("Memory kept for the host, MiB.", { default: 512, minimum: 0 }),
    heal_instance_info_cache_interval: integer("Seconds between refreshes of instances' network data; -1 is never.", {
      default: 60,
      minimum: -1,
    }),
    log_dir_perms: string("Mode of the origin's log directory. Services log to standard error now.", {
      optional: true,
    }),
    vm_swappiness: integer("The host's vm.swappiness.", { optional: true, minimum: 0, maximum: 200 }),
    bind: section("Addresses and ports.", {
      private_address: host("Address of this host (my_ip).", { default: { from: "bind.vnc_address" } }),
      vnc_address: host(
        "Address of this host. With `libvirt.tls` a VNC proxy on another machine reaches the consoles here; without, they are at 127.0.0.1, and the proxy must be on this machine, too.",
      ),
      vnc_port: port("Port of the VNC proxy.", { default: ports.console }),
      vnc_name: host("Public host name of the VNC proxy.", { default: "localhost" }),
      vnc_protocol: string("Protocol of the VNC proxy.", { default: "http", choices: ["http", "https"] }),
    }),
    serial_console: section(
      "Servers' serial consoles at a port without login. Only so can nova read a console's log where libvirt is in another container: of a pseudo terminal it wants the device.",
      {
        enabled: boolean("Whether they are; then no pseudo terminal is.", { default: true }),
        address: loopback(
          "Address of the ports, for a proxy of consoles: of this machine only, since there is no login.",
          {
            default: "127.0.0.1",
          },
        ),
      },
      { since: "ocata" },
    ),
    image: section(
      "glance.",
      {
        engine: string("Image service.", { default: "glance", choices: ["glance"] }),
        host: host("Host name or address of glance's API."),
        port: port("Port of glance's API.", { default: ports.image }),
        use_cow: boolean("Disks are copy on write images.", { default: true }),
      },
      { optional: true },
    ),
    libvirt: section("libvirt.", {
      uri: libvirtUri(
        "Connection URI. A socket in a directory that libvirt's container shares: there is no login over TCP.",
        {
          default: "qemu:///system",
        },
      ),
      tls: section(
        "libvirtd's address for other hypervisors, as in libvirt-compute's `tls`. nova-compute waits for it, moves servers over it, and lets a VNC proxy on another machine reach the consoles, since QEMU then asks for the proxy's certificate.",
        { host: host("Host name or address."), port: port("Port.", { default: ports.libvirt_tls }) },
        { optional: true, since: "stein" },
      ),
      pcie_ports: integer("PCIe ports of a guest, for devices that are attached later.", {
        optional: true,
        minimum: 0,
      }),
      cpu_mode: string("CPU mode of guests.", {
        optional: true,
        choices: ["host-model", "host-passthrough", "custom", "none"],
      }),
    }),
    ovsdb: section(
      "Open vSwitch's database, for plugging ports.",
      { host: host("Host name or address."), port: port("Port.", { default: ports.openvswitch }) },
      { optional: true, since: "train" },
    ),
    qemu: section(
      "Limits of qemu.",
      {
        max_processes: integer("Processes.", { optional: true, minimum: 1 }),
        max_files: integer("Open files.", { optional: true, minimum: 1 }),
      },
      { optional: true },
    ),
    ceph: section(
      "Instances' disks in Ceph.",
      {
        ephemeral: boolean("Whether disks are in Ceph.", { default: false }),
        rbd_pool: word("Pool.", { default: "nova" }),
        rbd_user: word("User.", { default: "nova" }),
        secret_uuid: uuid("libvirt's secret.", { optional: true }),
        client_cinder_key: secret("Key of the user.", { optional: true }),
      },
      { optional: true },
    ),
    user: section(
      "SSH keys of the account, for migration over SSH.",
      { public_key: string("Public key."), private_key: secret("Private key.", { multiline: true }) },
      { optional: true },
    ),
  }),
  services: {
    compute: {
      kind: "service",
      doc: "Runs instances on this host.",
      run: [{ command: ["/usr/bin/nova-compute", ...configFile] }],
      needs: [
        needs.broker,
        needs.identity,
        needs.libvirt,
        // Other machines reach consoles only if libvirt makes QEMU verify certificates.
        { probe: "tcp", from: "libvirt.tls", since: "stein" },
        { probe: "tcp", from: "ovsdb", where: { setting: "networking", is: "contrail", not: true }, since: "train" },
      ],
      health: {
        alive: [...rpcHealth("nova", "compute", { server: "{host}" }).alive, inNamespace],
        // It waits for a conductor before it listens.
        depends: [{ ask: "rpc", from: "message_queue", exchange: "nova", topic: "conductor", any: true, since: "zed" }],
      },
      workload: {
        runs: "hypervisor",
        namespace: "joins",
        catalog: novaClients,
        // From os-vif 5 (2026.2) on it makes a server's tap itself. Of all releases, since an upgrade leaves a hypervisor's pod as it is.
        host: {
          root: true,
          capabilities: ["NET_ADMIN", "SYS_ADMIN", "DAC_READ_SEARCH"],
          devices: [{ path: "/dev/net/tun" }],
        },
        uses: { memory: 240, cpu: 100 },
        priority: "next",
        keeps: [libvirtDirectory, { ...serversDirectory, fills: true }, volumesDirectory, openvswitchDirectory],
      },
    },
  },
} satisfies ImageRow;
