import type { PortName } from "./ports.ts";
import { inRange, type ReleaseRange } from "./releases.ts";

/**
 * A parameter that tells containers where a service is. Several rows may have the same parameter: if another service answers in
 * other releases, or if a service listens at several ports.
 */
export type AddressRow = ReleaseRange & {
  /** The dynamic parameter that holds the host. */
  readonly parameter: string;
  /** The service that answers, of an image (`glance-server`, `api`). */
  readonly image: string;
  readonly service: string;
  /** The key below the service's `ports` (component.ts), which leads to the setting with the number. */
  readonly port: string;
  /** The row of ports.ts that the setting's default is. */
  readonly portName: PortName;
  /** The dynamic parameter that holds the port, where there is one. */
  readonly portParameter?: string;
  /** Clients do not resolve names. `plinth start` does it for them once (`address` in the schema), so the address must outlive its servers. */
  readonly literal?: true;
  /**
   * HAProxy can be in front of it: the service's key in haproxy-server's `listen`, and the parameter with the hosts of all replicas.
   * The parameter above then holds HAProxy's host.
   */
  readonly proxy?: { readonly listen: string; readonly parameter: string };
};

const api = (
  parameter: string,
  image: string,
  [service, port]: readonly [service: string, port: string],
  portName: PortName,
  listen: string,
  range: ReleaseRange = {},
): AddressRow => ({
  ...range,
  parameter: `SERVICE_${parameter}_HOST`,
  image,
  service,
  port,
  portName,
  proxy: { listen, parameter: `SERVICE_${parameter}_SERVERS` },
});

/** Which service answers for which address parameter. */
export const addresses: readonly AddressRow[] = [
  {
    parameter: "SERVICE_DATABASE_HOST",
    image: "mysql-server",
    service: "server",
    port: "mysql",
    portName: "database",
    portParameter: "SERVICE_DATABASE_PORT",
  },
  {
    parameter: "SERVICE_MESSAGE_QUEUE_HOST",
    image: "rabbitmq-server",
    service: "server",
    port: "amqp",
    portName: "message_queue",
    portParameter: "SERVICE_MESSAGE_QUEUE_PORT",
  },
  {
    parameter: "SERVICE_MEMCACHED_HOST",
    image: "memcached-server",
    service: "server",
    port: "memcached",
    portName: "memcached",
    portParameter: "SERVICE_MEMCACHED_PORT",
  },
  {
    parameter: "SERVICE_ETCD_HOST",
    image: "etcd-server",
    service: "server",
    port: "client",
    portName: "etcd",
    portParameter: "SERVICE_ETCD_PORT",
  },
  api("IDENTITY", "keystone-server", ["server", "public"], "identity", "keystone"),
  api("IDENTITY", "keystone-server", ["server", "admin"], "identity_admin", "keystone-admin", { until: "mitaka" }),
  api("IMAGE", "glance-server", ["api", "api"], "image", "glance"),
  api("IMAGE_REGISTRY", "glance-server", ["registry", "registry"], "image_registry", "glance-registry", {
    until: "ussuri",
  }),
  api("PLACEMENT", "placement-server", ["api", "api"], "placement", "placement"),
  api("COMPUTE", "nova-controller", ["api", "os-api"], "compute", "nova"),
  api("COMPUTE_EC2", "nova-controller", ["api", "ec2-api"], "compute_ec2", "nova-ec2", { until: "mitaka" }),
  api("METADATA", "nova-controller", ["api", "metadata"], "metadata", "nova-metadata", { until: "zed" }),
  api("METADATA", "nova-controller", ["metadata", "metadata"], "metadata", "nova-metadata", { since: "zed" }),
  api("CONSOLE", "nova-controller", ["novncproxy", "novncproxy"], "console", "nova-novncproxy"),
  api("NETWORK", "neutron-server", ["server", "api"], "network", "neutron"),
  api("VOLUME", "cinder-controller", ["api", "api"], "volume", "cinder"),
  api("ORCHESTRATION", "heat-server", ["api", "api"], "orchestration", "heat"),
  api("ORCHESTRATION_CFN", "heat-server", ["api-cfn", "api-cfn"], "orchestration_cfn", "heat-cfn"),
  api("DASHBOARD", "horizon-server", ["server", "dashboard"], "dashboard", "horizon"),
  {
    parameter: "SERVICE_OVN_NORTHBOUND_HOST",
    image: "ovn-server",
    service: "northbound",
    port: "ovsdb",
    portName: "ovn_northbound",
    literal: true,
  },
  {
    parameter: "SERVICE_OVN_SOUTHBOUND_HOST",
    image: "ovn-server",
    service: "southbound",
    port: "ovsdb",
    portName: "ovn_southbound",
    literal: true,
  },
];

/** A service of an image of a release. */
export type Answering = { readonly image: string; readonly service: string; readonly release: string };

/** @returns the rows that a service answers for. `release` is its component's own. */
export const rowsOf = ({ image, service, release }: Answering): readonly AddressRow[] =>
  addresses.filter((row) => row.image === image && row.service === service && inRange(row, release));

/** What a container needs to know about itself. */
export type OwnRow = {
  readonly parameter: string;
  /**
   * `address`: of the hypervisor, an IP address. `name`: of the hypervisor, by which OVN and nova know it. `listen`: where to listen;
   * 0.0.0.0 in a network of containers, one address of the machine where the container has the machine's own network, since
   * these servers have no login. `bridges`: of the hypervisor, which bridge has which device. `uuid`: of the hypervisor, the same for as
   * long as deployment and hypervisor keep their names. `console`: the port of the machine at
   * which users reach the consoles of the hypervisor's servers. `names`: by which clients may call it, those of the image's own
   * value and those that it has in the network of containers.
   */
  readonly is: "address" | "name" | "listen" | "bridges" | "uuid" | "console" | "names";
};

export const ownAddresses: readonly OwnRow[] = [
  { parameter: "OVN_CHASSIS_NAME", is: "name" },
  { parameter: "NOVA_COMPUTE_NAME", is: "name" },
  { parameter: "OVN_ENCAPSULATION_ADDRESS", is: "address" },
  { parameter: "NOVA_COMPUTE_LOCAL_HOST", is: "address" },
  { parameter: "NEUTRON_LOCAL_HOST", is: "address" },
  { parameter: "OVN_BRIDGE_PORTS", is: "bridges" },
  { parameter: "LIBVIRT_HOST_UUID", is: "uuid" },
  { parameter: "SERVICE_CONSOLE_PORT", is: "console" },
  { parameter: "SERVICE_DASHBOARD_ALLOWED_HOSTS", is: "names" },
  { parameter: "SERVICE_MEMCACHED_ADDRESS", is: "listen" },
  { parameter: "SERVICE_ETCD_ADDRESS", is: "listen" },
];
