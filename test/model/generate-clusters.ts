/**
 * Writes a model in the shape of Mirantis' lab models (mk-lab-salt-model, stacklight-salt-model), completed as their own
 * `reclass:storage` completes them: many small clusters of one set of system classes, each with its own `_param`, 6 to 20 nodes
 * each in 6 to 10 roles, and nodes that say their address, name and priority. Every node is written `copies` times, with
 * names and addresses of its own. `node test/model/generate-clusters.ts DIR CLUSTERS COPIES`.
 *
 * What was counted there (clusters of the two repositories, 2017): 10 to 30 classes named by a role, 25 to 60 merged; system
 * classes of 30 to 90 lines, half of the values references to `_param`; haproxy's lists of three servers for each port; 60 to
 * 120 keys in `_param`, a third of them references to other keys; a configuration node with an entry for each other node.
 */
import { pathToFileURL } from "node:url";
import { range, type TextFile, writeFiles } from "./generated-files.ts";

type Service = { readonly name: string; readonly ports: readonly number[] };

const apis: readonly Service[] = [
  { name: "keystone", ports: [5000, 35357] },
  { name: "glance", ports: [9292, 9191] },
  { name: "nova", ports: [8773, 8774, 8775, 6080] },
  { name: "neutron", ports: [9696] },
  { name: "cinder", ports: [8776] },
  { name: "heat", ports: [8000, 8003, 8004] },
  { name: "ceilometer", ports: [8777] },
  { name: "aodh", ports: [8042] },
];
const monitors: readonly Service[] = [
  { name: "elasticsearch", ports: [9200] },
  { name: "kibana", ports: [5601] },
  { name: "grafana", ports: [3000] },
  { name: "influxdb", ports: [8086] },
  { name: "sensu", ports: [4567, 3001] },
];
const plain =
  "galera rabbitmq memcached haproxy keepalived horizon opencontrail mongodb redis collectd heka nagios".split(" ");
const clients = "linux openssh ntp salt rsyslog git".split(" ");
const repositories = "contrail mos8 tcp_extra tcp_salt grafana influxdb".split(" ");

const serverLines = (port: number, params: string): string =>
  [1, 2, 3]
    .map(
      (index) => `          - name: \${_param:cluster_node0${index}_hostname}
            host: \${_param:cluster_node0${index}_address}
            port: ${port}
            params: ${params}
`,
    )
    .join("");

const listenClass = ({ name, ports }: Service): string => `parameters:
  haproxy:
    proxy:
      listen:
${ports
  .map(
    (port) => `        ${name}_api_${port}:
          type: openstack-service
          service_name: ${name}
          binds:
          - address: \${_param:cluster_vip_address}
            port: ${port}
          servers:
${serverLines(port, "check inter 10s fastinter 2s downinter 3s rise 3 fall 3")}`,
  )
  .join("")}`;

const supportClass = (name: string): string => `parameters:
  ${name}:
    _support:
      collectd: {enabled: true}
      heka: {enabled: true}
      sensu: {enabled: true}
      sphinx: {enabled: true}
`;

const serviceClass = (name: string, kind: string): string => `applications:
- ${name}
classes:
- service.${name}.support
parameters:
  ${name}:
    server:
      enabled: true
      role: ${kind}
      version: \${_param:${name}_version}
      bind:
        address: ${kind === "single" ? "0.0.0.0" : `\${_param:cluster_local_address}`}
      logging: {level: info, syslog: false, appenders: [file, console]}
      policy:
        'context_is_admin': 'role:admin or role:administrator'
        'admin_or_owner': 'is_admin:True or project_id:%(project_id)s'
`;

const apiClass = ({ name, ports }: Service): string => `classes:
- service.${name}.server.cluster
- service.haproxy.server.single
- service.keepalived.server.single
- system.haproxy.proxy.listen.openstack.${name}
parameters:
  ${name}:
    server:
      plugin: ml2
      bind:
        port: ${ports[0]}
        private_address: \${_param:cluster_local_address}
        public_address: \${_param:cluster_vip_address}
      database:
        engine: mysql
        host: \${_param:openstack_database_address}
        port: 3306
        name: ${name}
        user: ${name}
        password: \${_param:mysql_${name}_password}
      identity:
        engine: keystone
        region: \${_param:openstack_region}
        host: \${_param:${name}_identity_host}
        port: 35357
        tenant: service
        user: ${name}
        password: \${_param:keystone_${name}_password}
      message_queue:
        engine: rabbitmq
        user: openstack
        password: \${_param:rabbitmq_openstack_password}
        virtual_host: '/openstack'
        members:
        - host: \${_param:openstack_message_queue_node01_address}
        - host: \${_param:openstack_message_queue_node02_address}
        - host: \${_param:openstack_message_queue_node03_address}
      cache:
        engine: memcached
        members:
        - host: \${_param:cluster_node01_address}
          port: 11211
        - host: \${_param:cluster_node02_address}
          port: 11211
        - host: \${_param:cluster_node03_address}
          port: 11211
  keystone:
    client:
      server:
        identity:
          project:
            service:
              user:
                ${name}:
                  is_admin: true
                  password: \${_param:keystone_${name}_password}
                  email: \${_param:admin_email}
          service:
            ${name}:
              type: ${name}
              description: OpenStack ${name}
              endpoints:
              - region: \${_param:openstack_region}
                public_address: \${_param:cluster_public_host}
                public_protocol: \${_param:cluster_public_protocol}
                public_port: ${ports[0]}
                internal_address: \${_param:cluster_vip_address}
                internal_port: ${ports[0]}
                admin_address: \${_param:cluster_vip_address}
                admin_port: ${ports[0]}
`;

const monitorClass = ({ name, ports }: Service): string => `classes:
- service.${name}.server.cluster
- system.haproxy.proxy.listen.openstack.${name}
parameters:
  _param:
    cluster_${name}_port: ${ports[0]}
  ${name}:
    server:
      bind: {address: '\${_param:single_address}', port: '\${_param:cluster_${name}_port}'}
      data: {host: '\${_param:stacklight_monitor_address}', port: 9200}
      members:
      - {host: '\${_param:cluster_node01_address}', port: '\${_param:cluster_${name}_port}'}
      - {host: '\${_param:cluster_node02_address}', port: '\${_param:cluster_${name}_port}'}
      - {host: '\${_param:cluster_node03_address}', port: '\${_param:cluster_${name}_port}'}
      threshold: {warning: 80, critical: 95.5}
`;

const clusterServiceClass = (name: string): string => `classes:
- service.${name}.server.cluster
parameters:
  ${name}:
    server:
      cluster: \${_param:cluster_name}
      members:
      - host: \${_param:cluster_node01_address}
        name: \${_param:cluster_node01_hostname}
        id: 1
      - host: \${_param:cluster_node02_address}
        name: \${_param:cluster_node02_hostname}
        id: 2
      - host: \${_param:cluster_node03_address}
        name: \${_param:cluster_node03_hostname}
        id: 3
      admin: {user: admin, password: '\${_param:${name}_admin_password}'}
`;

const clientClass = (name: string): string => `classes:
- service.${name}.support
applications: [${name}]
parameters:
  ${name}:
    system:
      enabled: true
      domain: \${_param:cluster_domain}
      cluster: \${_param:cluster_name}
      timezone: Europe/Prague
      user:
        root: {enabled: true, home: /root, name: root}
        ${name}: {enabled: true, sudo: true, home: '/home/${name}', email: '\${_param:admin_email}'}
      package:
        python-${name}: {version: latest}
        ${name}-common: {version: '1.0'}
      limit: {cma: {enabled: true, domain: '*', limits: [{type: hard, item: nofile, value: 262144}]}}
`;

const repositoryClass = (name: string): string => `parameters:
  linux:
    system:
      repo:
        ${name}:
          source: deb http://apt.example.com/\${_param:linux_system_codename}/ \${_param:apt_component} ${name}
          architectures: amd64
          key_url: http://apt.example.com/${name}.pub
          pin:
          - {pin: 'release a=${name}', priority: 1100, package: '*'}
`;

type Role = {
  readonly path: string;
  readonly short: string;
  readonly count: number;
  readonly classes: readonly string[];
};

const api = ({ name }: Service): string => `system.${name}.server.cluster`;
const repository = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `system.linux.system.repo.${name}`);
const clustered = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `system.${name}.server.cluster`);

const control: Role = {
  path: "openstack.control",
  short: "ctl",
  count: 3,
  classes: [...repository("contrail", "mos8"), ...clustered("galera", "rabbitmq", "memcached"), ...apis.map(api)],
};
const compute: Role = {
  path: "openstack.compute",
  short: "cmp",
  count: 2,
  classes: [
    ...repository("mos8"),
    "service.nova.server.cluster",
    "service.neutron.server.cluster",
    "service.ceilometer.server.single",
  ],
};
const dashboard: Role = {
  path: "openstack.dashboard",
  short: "web",
  count: 1,
  classes: ["service.horizon.server.single"],
};
const monitor: Role = {
  path: "stacklight.server",
  short: "mon",
  count: 3,
  classes: [
    ...repository("grafana", "influxdb"),
    ...clustered("collectd", "heka", "nagios", "redis"),
    ...monitors.map(api),
  ],
};
const telemetry: Role = {
  path: "openstack.telemetry",
  short: "mdb",
  count: 3,
  classes: [...clustered("mongodb"), api(apis[6] as Service)],
};
const network: Role = {
  path: "opencontrail.control",
  short: "ntw",
  count: 3,
  classes: [...repository("contrail"), ...clustered("opencontrail", "redis"), api(apis[3] as Service)],
};
const database: Role = {
  path: "openstack.database",
  short: "dbs",
  count: 3,
  classes: clustered("galera", "haproxy", "keepalived"),
};
const queue: Role = { path: "openstack.message_queue", short: "msg", count: 3, classes: clustered("rabbitmq") };

/** From the smallest cluster to the largest; the mean is that of the labs. */
const sizes: readonly (readonly Role[])[] = [
  [control, compute, dashboard],
  [control, compute, dashboard, monitor],
  [control, compute],
  [control, compute, dashboard, monitor, telemetry, network, database, queue],
];

const initClass = (cluster: string, index: number): string => `classes:
- system.linux.system.single
${clients
  .slice(1)
  .map((name) => `- system.${name}.system.single`)
  .join("\n")}
- cluster.${cluster}.infra
parameters:
  _param:
    cluster_name: ${cluster}
    cluster_domain: ${cluster.replaceAll("_", "-")}.local
    cluster_public_host: 185.22.${index}.10
    cluster_public_protocol: https
    admin_email: root@${cluster}.local
    apt_component: main
    cluster_vip_address: 172.16.${index}.254
    cluster_local_address: \${_param:single_address}
    openstack_version: mitaka
    openstack_region: RegionOne
    openstack_database_address: 172.16.${index}.250
    stacklight_monitor_address: 172.16.${index}.253
${[1, 2, 3]
  .map(
    (node) => `    cluster_node0${node}_hostname: ctl0${node}
    cluster_node0${node}_address: 172.16.${index}.10${node}
    openstack_message_queue_node0${node}_address: \${_param:cluster_node0${node}_address}
`,
  )
  .join("")}    rabbitmq_openstack_password: workshop
${plain.map((name) => `    ${name}_version: \${_param:openstack_version}\n    ${name}_admin_password: workshop${index}\n`).join("")}${[
  ...apis,
  ...monitors,
]
  .map(
    ({ name }) => `    ${name}_version: \${_param:openstack_version}
    ${name}_identity_host: \${_param:cluster_vip_address}
    mysql_${name}_password: mysql${index}
    keystone_${name}_password: keystone${index}
`,
  )
  .join("")}`;

const infraClass = (index: number): string => `parameters:
  _param:
    reclass_data_revision: master
    reclass_config_master: 172.16.${index}.90
  linux:
    network:
      resolv: {dns: [8.8.8.8, 8.8.4.4], search: ['\${_param:cluster_domain}']}
      host:
        cfg01:
          address: \${_param:reclass_config_master}
          names: [cfg01, 'cfg01.\${_param:cluster_domain}']
${["ctl01", "ctl02", "ctl03"]
  .map(
    (name, at) => `        ${name}:
          address: \${_param:cluster_node0${at + 1}_address}
          names: [${name}, '${name}.\${_param:cluster_domain}']
`,
  )
  .join("")}`;

const roleClass = (cluster: string, role: Role): string => `classes:
${role.classes.map((name) => `- ${name}`).join("\n")}
- cluster.${cluster}
parameters:
  _param:
    keepalived_vip_interface: eth1
    ${role.short}_virtual_router_id: 150
  linux:
    network:
      interface:
        eth0: {enabled: true, type: eth, proto: static, address: '\${_param:single_address}', netmask: 255.255.255.0}
        eth1: {enabled: true, type: eth, proto: dhcp}
  keepalived:
    cluster:
      instance:
        VIP:
          virtual_router_id: \${_param:${role.short}_virtual_router_id}
          address: \${_param:cluster_vip_address}
          interface: \${_param:keepalived_vip_interface}
          priority: \${_param:keepalived_vip_priority}
`;

type Member = { readonly role: Role; readonly name: string; readonly order: number; readonly at: number };

const membersOf = (roles: readonly Role[]): readonly Member[] =>
  roles
    .flatMap((role) => range(role.count).map((at) => ({ role, name: `${role.short}0${at + 1}`, order: at })))
    .map((member, at) => ({ ...member, at: at + 101 }));

const configClass = (cluster: string, index: number, roles: readonly Role[]): string => `classes:
${repository("tcp_salt", "tcp_extra")
  .map((name) => `- ${name}`)
  .join("\n")}
- system.git.system.single
- cluster.${cluster}
parameters:
  _param:
    salt_master_base_environment: prd
  reclass:
    storage:
      enabled: true
      data_source: {engine: git, address: git@github.com/model.git, revision: '\${_param:reclass_data_revision}'}
      node:
${membersOf(roles)
  .map(
    ({ role, name, order, at }) => `        ${name}:
          name: ${name}
          domain: \${_param:cluster_domain}
          classes: ['cluster.\${_param:cluster_name}.${role.path}']
          params:
            salt_master_host: \${_param:reclass_config_master}
            linux_system_codename: trusty
            single_address: 172.16.${index}.${at}
            keepalived_vip_priority: ${103 - order}
`,
  )
  .join("")}`;

type Own = { readonly cluster: string; readonly index: number; readonly copy: number; readonly name: string };

const nodeText = ({ cluster, index, copy, name }: Own, path: string, at: number, order: number): string => `classes:
- cluster.${cluster}.${path}
parameters:
  _param:
    linux_system_codename: trusty
    salt_master_host: 172.16.${index}.90
    single_address: 10.${copy}.${index}.${at}
    keepalived_vip_priority: ${103 - order}
  linux:
    system:
      name: ${name}
      domain: ${cluster.replaceAll("_", "-")}.local
      cluster: default
      environment: prd
`;

/** @returns every file of a model of this many clusters, each node written `copies` times. */
export function* clustersModel(clusters: number, copies: number): Generator<TextFile> {
  for (const name of [...apis, ...monitors].map((service) => service.name).concat(plain, clients)) {
    yield [`classes/service/${name}/support.yml`, supportClass(name)];
    if (clients.includes(name)) continue;
    yield [`classes/service/${name}/server/single.yml`, serviceClass(name, "single")];
    yield [`classes/service/${name}/server/cluster.yml`, serviceClass(name, "cluster")];
  }
  for (const service of [...apis, ...monitors]) {
    yield [`classes/system/haproxy/proxy/listen/openstack/${service.name}.yml`, listenClass(service)];
  }
  for (const service of apis) yield [`classes/system/${service.name}/server/cluster.yml`, apiClass(service)];
  for (const service of monitors) yield [`classes/system/${service.name}/server/cluster.yml`, monitorClass(service)];
  for (const name of plain) yield [`classes/system/${name}/server/cluster.yml`, clusterServiceClass(name)];
  for (const name of clients) yield [`classes/system/${name}/system/single.yml`, clientClass(name)];
  for (const name of repositories) yield [`classes/system/linux/system/repo/${name}.yml`, repositoryClass(name)];
  for (const index of range(clusters)) {
    const cluster = `mk${20 + index}_lab`;
    const roles = sizes[index % sizes.length] as readonly Role[];
    const directory = `classes/cluster/${cluster}`;
    yield [`${directory}/init.yml`, initClass(cluster, index)];
    yield [`${directory}/infra/init.yml`, infraClass(index)];
    yield [`${directory}/infra/config.yml`, configClass(cluster, index, roles)];
    for (const role of roles) yield [`${directory}/${role.path.replace(".", "/")}.yml`, roleClass(cluster, role)];
    const config = { path: "infra.config", name: "cfg01", at: 90, order: 0 };
    const members = membersOf(roles).map(({ role, ...member }) => ({ ...member, path: role.path }));
    for (const { path, name, at, order } of [config, ...members]) {
      for (const copy of range(copies)) {
        const own = { cluster, index, copy, name: copy === 0 ? name : `${name}-${copy}` };
        yield [
          `nodes/_generated/${own.name}.${cluster.replaceAll("_", "-")}.local.yml`,
          nodeText(own, path, at, order),
        ];
      }
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [directory = "build/bench/clusters", clusters = "16", copies = "11"] = process.argv.slice(2);
  writeFiles(directory, clustersModel(Number(clusters), Number(copies)));
}
