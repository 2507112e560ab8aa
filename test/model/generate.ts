/**
 * Writes a model of any number of nodes in the shape of the public salt-formulas models: `service` classes with the defaults of
 * each formula, `system` classes that put them together, a `cluster` with its parameters and roles, and nodes with
 * little of their own. `node test/model/generate.ts DIR 2000`.
 */
import { pathToFileURL } from "node:url";
import { range, type TextFile, writeFiles } from "./generated-files.ts";

const services = [
  ..."nova keystone glance cinder neutron heat horizon placement octavia barbican designate manila".split(" "),
  ..."galera rabbitmq memcached etcd haproxy keepalived nginx prometheus grafana fluentd".split(" "),
];
/** What every host has. */
const hosts = ["linux", "ntp", "openssh", "rsyslog"];
const roleCount = 40;

const supportClass = (service: string): string => `parameters:
  ${service}:
    _support:
      collectd: {enabled: true}
      heka: {enabled: false}
      sensu: {enabled: true, checks: [${service}_api, ${service}_process]}
`;

const singleClass = (service: string, port: number): string => `classes:
  - service.${service}.support
applications:
  - ${service}
parameters:
  _param:
    ${service}_version: \${_param:openstack_version}
  ${service}:
    server:
      enabled: true
      version: \${_param:${service}_version}
      bind: {address: '\${_param:single_address}', port: ${port}}
      database:
        engine: mysql
        host: \${_param:database_host}
        port: 3306
        name: ${service}
        user: ${service}
        password: $SERVICE_DATABASE_PASSWORD
      identity: {engine: keystone, host: '\${_param:identity_host}', port: 35357, region: '\${_param:region}', tenant: service}
      filters: [authtoken, audit]
      ratios: {cpu: 16.0, ram: 1.5, disk: 1.0}
`;

const clusterClass = (service: string): string => `classes:
  - service.${service}.server.single
parameters:
  ${service}:
    server:
      bind:
        address: \${_param:cluster_local_address}
      message_queue:
        engine: rabbitmq
        virtual_host: /openstack
        members:
          - host: \${_param:cluster_node01_address}
          - host: \${_param:cluster_node02_address}
          - host: \${_param:cluster_node03_address}
      cache:
        engine: memcached
        members:
          - {host: '\${_param:cluster_node01_address}', port: 11211}
          - {host: '\${_param:cluster_node02_address}', port: 11211}
`;

const systemClass = (service: string): string => `classes:
  - service.${service}.server.cluster
parameters:
  _param:
    ${service}_workers: 4
    ${service}_url: http://\${_param:cluster_vip_address}:\${_param:haproxy_port}/${service}
  ${service}:
    server:
      workers: \${_param:${service}_workers}
      notification: {driver: messagingv2, topics: [notifications, '\${_param:notification_topic}']}
      filters: [ratelimit]
`;

const hostClass = (name: string): string => `parameters:
  ${name}:
    system:
      enabled: true
      name: \${_reclass_:name:short}
      domain: \${_param:cluster_domain}
      packages:
        ${name}-base: {version: latest}
        ${name}-tools: {version: latest, hold: false}
      options: [${name}_a, ${name}_b]
`;

const initClass = `classes:
  - cluster.cloud.infra
${hosts.map((host) => `  - system.${host}`).join("\n")}
parameters:
  _param:
    openstack_version: "2025.1"
    region: RegionOne
    single_address: \${_param:address}
    cluster_local_address: \${_param:address}
    notification_topic: notifications
    haproxy_port: 8080
`;

const infraClass = `parameters:
  _param:
    cluster_domain: cloud.example.com
    cluster_vip_address: 10.0.0.10
    database_host: 10.0.0.20
    identity_host: 10.0.0.30
    cluster_node01_address: 10.0.0.11
    cluster_node02_address: 10.0.0.12
    cluster_node03_address: 10.0.0.13
  linux:
    network:
      resolv: {dns: [10.0.0.53, 10.0.1.53], search: ['\${_param:cluster_domain}']}
      interface:
        eth0: {enabled: true, type: eth, address: '\${_param:address}', netmask: 255.255.0.0, mtu: 1500}
        bond0: {enabled: false, type: bond, slaves: [eth1, eth2], mode: 802.3ad}
`;

function roleClass(index: number): string {
  const chosen = range(5).map((step) => services[(index * 3 + step * 5) % services.length]);
  return `classes:
${chosen.map((service) => `  - system.${service}.server.cluster`).join("\n")}
  - cluster.cloud
applications: [role${index}]
parameters:
  _param:
    ${chosen[0]}_workers: ${8 + index}
  ${chosen[0]}:
    server:
      ~filters: [role${index}]
`;
}

const nodeFile = (index: number): string => `classes:
  - cluster.cloud.role${index % roleCount}
parameters:
  _param:
    address: 10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}
  linux:
    system:
      rack: r${index % 50}
`;

/** @returns every file of a model with this many nodes, one after the other. */
export function* largeModel(nodes: number): Generator<TextFile> {
  for (const [index, service] of services.entries()) {
    yield [`classes/service/${service}/support.yml`, supportClass(service)];
    yield [`classes/service/${service}/server/single.yml`, singleClass(service, 5000 + index)];
    yield [`classes/service/${service}/server/cluster.yml`, clusterClass(service)];
    yield [`classes/system/${service}/server/cluster.yml`, systemClass(service)];
  }
  for (const host of hosts) yield [`classes/system/${host}.yml`, hostClass(host)];
  yield ["classes/cluster/cloud/init.yml", initClass];
  yield ["classes/cluster/cloud/infra.yml", infraClass];
  for (const index of range(roleCount)) yield [`classes/cluster/cloud/role${index}.yml`, roleClass(index)];
  for (const index of range(nodes)) yield [`nodes/role${index % roleCount}/n${index}.yml`, nodeFile(index)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFiles(process.argv[2] ?? "build/bench/model", largeModel(Number(process.argv[3] ?? 2000)));
}
