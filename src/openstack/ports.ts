/**
 * The port of every server, by its purpose: the only place with numbers. The schemas take their defaults from here, and
 * `make golden` writes model/classes/system/port.yml from it, by which a deployment changes a port everywhere at once. The port that a
 * container listens on is in its settings: the rows of services name the path (`ports` of a service in component.ts).
 *
 * The numbers are those of the projects themselves, so that services have their usual ports
 * (https://docs.openstack.org/install-guide/firewalls-default-ports.html).
 */
export const ports = {
  identity: 5000,
  /** keystone's admin API, as long as that had a port of its own (rocky). */
  identity_admin: 35357,
  image: 9292,
  image_registry: 9191,
  placement: 8778,
  compute: 8774,
  compute_ec2: 8773,
  metadata: 8775,
  console: 6080,
  network: 9696,
  volume: 8776,
  orchestration: 8004,
  orchestration_cfn: 8000,
  orchestration_cloudwatch: 8003,
  dashboard: 8080,
  /** The dashboard's port at HAProxy: the default of browsers. */
  dashboard_proxy: 80,
  database: 3306,
  message_queue: 5672,
  memcached: 11211,
  etcd: 2379,
  ovn_northbound: 6641,
  ovn_southbound: 6642,
  /** Open vSwitch's own database, on each hypervisor. */
  openvswitch: 6640,
  /** OpenContrail's API server, and its analytics: nothing that plinth starts. */
  contrail: 8082,
  contrail_analytics: 8081,
  libvirt_tls: 16514,
  haproxy_health: 8404,
} as const;

export type PortName = keyof typeof ports;
