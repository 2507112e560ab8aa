import { inRange, type ReleaseRange } from "./releases.ts";

/**
 * What changed from release to release, as far as it matters to templates and services. A template asks `has.transport_url`,
 * never for a release by name. `component` names the component that changed; without it, all did.
 */
type FeatureRow = ReleaseRange & { readonly component?: string; readonly why: string };

const features = {
  // The libraries that all components share.
  transport_url: {
    since: "newton",
    why: "one [DEFAULT] transport_url replaces [oslo_messaging_rabbit] rabbit_host, rabbit_userid, ... (oslo.messaging 5)",
  },
  broker_interval: { since: "newton", why: "[oslo_messaging_rabbit] rabbit_interval_max (oslo.messaging 4.6)" },
  quorum_queues: { since: "2023.1", why: "oslo.messaging 14 can use RabbitMQ's quorum queues" },
  queue_manager: {
    since: "2024.1",
    why: "oslo.messaging 14.6 can name transient queues predictably, so that they can be quorum queues, too",
  },
  rpc_ping: {
    since: "zed",
    why: "[DEFAULT] rpc_ping_enabled: every RPC server answers oslo_rpc_server_ping (oslo.messaging 12.4)",
  },
  notification_section: {
    since: "mitaka",
    why: "[oslo_messaging_notifications] replaces [DEFAULT] notification_driver (oslo.messaging 3.1)",
  },
  keystoneauth: { since: "newton", why: "auth_type (keystoneauth1) in place of keystoneclient's auth_plugin" },
  www_authenticate_uri: { since: "queens", why: "auth_uri got the name of what it is for (keystonemiddleware 4.18)" },
  service_tokens: {
    since: "ocata",
    why: "a service's own token beside the user's ([service_user], service_token_roles)",
  },
  cache_encryption: {
    since: "queens",
    why: "keystonemiddleware encrypts what it keeps in memcached by cryptography; before by pycrypto, which no package brings",
  },
  pymysql: {
    since: "mitaka",
    why: "packages bring PyMySQL; before, python-mysqldb, SQLAlchemy's default for mysql://",
  },
  verbose: { until: "liberty", why: "oslo.log 1.0 logs warnings only without it; from 1.11 on it is the default" },
  policy_d: { since: "zed", why: "Debian's packages keep their policy in policy.d" },
  wsgi_module: {
    since: "2025.1",
    why: "the API is a Python module (keystone.wsgi, nova.wsgi); scripts like keystone-wsgi-public go away in 2026.1",
  },
  // nova
  manager_shutdown: {
    since: "2026.1",
    component: "nova",
    why: "conductor, scheduler and compute sleep for manager_shutdown_timeout when they are stopped, 160 s by default",
  },
  oslo_cache: { since: "ocata", component: "nova", why: "[cache] replaces [DEFAULT] memcached_servers" },
  api_database: { since: "mitaka", component: "nova", why: "nova-manage api_db exists from mitaka on" },
  cells: { since: "ocata", component: "nova", why: "cells v2: hosts are mapped to a cell" },
  placement: { since: "ocata", component: "nova", why: "nova-compute and the scheduler need placement from ocata on" },
  scheduler_sections: {
    since: "ocata",
    component: "nova",
    why: "[scheduler] and [filter_scheduler] replace [DEFAULT] scheduler_*",
  },
  scheduler_workers: { since: "rocky", component: "nova", why: "the scheduler can have several workers" },
  nova_notifications: {
    since: "ocata",
    component: "nova",
    why: "[notifications] replaces [DEFAULT] notify_on_state_change",
  },
  api_section: { since: "ussuri", component: "nova", why: "dhcp_domain went to [api] when nova-network was gone" },
  nova_network: {
    until: "mitaka",
    component: "nova",
    why: "neutron had to be asked for: network_api_class, security_group_api; from mitaka on by use_neutron, then always",
  },
  own_http_server: {
    until: "zed",
    why: "nova, glance, cinder and heat serve their APIs themselves; uWSGI does from zed on",
  },
  endpoint_override: {
    since: "pike",
    component: "nova",
    why: "other services come from the catalog or endpoint_override, no longer by [glance] host, [neutron] url",
  },
  volume_v2: { until: "ocata", component: "nova", why: "cinder's API was volumev2 in the catalog" },
  auto_upgrade_level: { since: "liberty", component: "nova", why: "[upgrade_levels] compute = auto" },
  vnc_section: { since: "liberty", component: "nova", why: "VNC options moved from [DEFAULT] to [vnc]" },
  vnc_proxy_in_section: { since: "mitaka", component: "nova", why: "novncproxy_host and _port moved to [vnc], too" },
  vnc_server_names: { since: "pike", component: "nova", why: "[vnc] vncserver_listen became server_listen" },
  vnc_keymap: { until: "rocky", component: "nova", why: "the keymap is the client's matter" },
  vnc_lite: { since: "rocky", component: "nova", why: "noVNC 1.0 calls its page vnc_lite.html, not vnc_auto.html" },
  nova_cert: { until: "pike", component: "nova", why: "nova-cert was removed in pike" },
  ec2_api: { until: "mitaka", component: "nova", why: "the EC2 API left nova in mitaka" },
  ovn: {
    since: "ussuri",
    component: "ovn",
    why: "neutron has the driver of OVN; before, hypervisors have Open vSwitch alone",
  },
  // support
  transient_queues_deprecated: {
    since: "2025.1",
    component: "rabbitmq",
    why: "RabbitMQ 4, of Debian 13 on, permits transient queues that several connections use only if it is told to",
  },
  pcie_ports: { since: "train", component: "nova", why: "[libvirt] num_pcie_ports" },
  ovsdb_connection: { since: "train", component: "nova", why: "[os_vif_ovs] ovsdb_connection (os-vif 1.15)" },
  // keystone
  driver_names: {
    since: "liberty",
    component: "keystone",
    why: "stevedore names (fernet, sql) instead of dotted class paths",
  },
  eventlet_server: { until: "mitaka", component: "keystone", why: "keystone-all serves the API; then uWSGI" },
  persistent_tokens: { until: "rocky", component: "keystone", why: "uuid tokens, in a database or memcached" },
  credential_keys: { since: "newton", component: "keystone", why: "credentials are encrypted at rest" },
  receipts: { since: "stein", component: "keystone", why: "authentication receipts have a key repository, too" },
  ldap_writable: { until: "ocata", component: "keystone", why: "keystone could write to LDAP unless told not to" },
  bcrypt_passwords: {
    since: "queens",
    component: "keystone",
    why: "bcrypt takes 72 bytes of a password, and keystone warns on every login unless its own limit is no more",
  },
  oslo_cache_backend: { since: "mitaka", component: "keystone", why: "cache back ends are oslo.cache's and dogpile's" },
  // glance
  glance_server: { until: "zed", component: "glance", why: "glance-api serves the API itself; uWSGI does from zed on" },
  glance_registry: { until: "ussuri", component: "glance", why: "the registry between the API and the database went" },
  glance_module: {
    since: "2025.2",
    component: "glance",
    why: "glance.wsgi.api, which 30.2 has and Debian's 30.0 has not; the script glance-wsgi-api goes away in 2026.1",
  },
  glance_stores: {
    since: "train",
    component: "glance",
    why: "enabled_backends and a section for each store replace [glance_store] stores (rocky had them on trial)",
  },
  // neutron
  neutron_server: {
    until: "2025.1",
    component: "neutron",
    why: "neutron-server is the API and all of its workers; then uWSGI serves the API, and workers are programs of their own",
  },
  neutron_overlapping_ips: {
    until: "mitaka",
    component: "neutron",
    why: "allow_overlapping_ips had to be asked for; then it was the default",
  },
  rpc_state_reports: { since: "mitaka", component: "neutron", why: "agents' reports have RPC workers of their own" },
  ovs_datapath: { since: "liberty", component: "neutron", why: "Open vSwitch may switch in a user program, too" },
  neutron_dns: {
    since: "liberty",
    component: "neutron",
    why: "ports have DNS names; before, dhcp_domain was the agent's",
  },
  physnet_mtu: { since: "newton", component: "neutron", why: "global_physnet_mtu: networks' MTU follows from it" },
  nova_endpoint_type: {
    since: "liberty",
    component: "neutron",
    why: "Of nova's endpoints it takes the one it is told",
  },
  neutron_placement: { since: "newton", component: "neutron", why: "neutron reports to placement" },
  rootwrap_daemon: {
    since: "zed",
    component: "neutron",
    why: "one helper that stays root, in place of one a command; Debian's sudoers allow it",
  },
  ovsdb_native: { since: "newton", component: "neutron", why: "agents talk to Open vSwitch's database themselves" },
  nova_metadata_host: { since: "pike", component: "neutron", why: "nova_metadata_ip got the name of what it may be" },
  neutron_driver_names: {
    since: "mitaka",
    component: "neutron",
    why: "stevedore names (openvswitch) instead of dotted class paths, which liberty takes, too",
  },
  project_network_types: {
    since: "2026.1",
    component: "neutron",
    why: "[ml2] tenant_network_types got keystone's word for a tenant",
  },
  external_network_bridge: {
    until: "newton",
    component: "neutron",
    why: "routers' external networks were on a bridge of their own unless told otherwise",
  },
  // cinder, heat, horizon
  api_process: {
    until: "zed",
    why: "cinder-api, heat-api, ... serve the APIs themselves, where [DEFAULT] osapi_volume_listen, [heat_api] say; then uWSGI",
  },
  python2: { until: "ussuri", why: "services run on Python 2, and so does uWSGI's plugin" },
  glance_api_version: {
    until: "pike",
    component: "cinder",
    why: "cinder spoke version 1 of glance's API unless told otherwise",
  },
  availability_zone_fallback: { since: "liberty", component: "cinder", why: "allow_availability_zone_fallback" },
  coordination: { since: "mitaka", component: "cinder", why: "locks are tooz', under [coordination] backend_url" },
  nova_section: {
    since: "pike",
    component: "cinder",
    why: "[nova] with keystoneauth replaces os_region_name, os_privileged_user_*",
  },
  target_helper: { since: "queens", component: "cinder", why: "iscsi_helper became target_helper" },
  trustee: {
    since: "liberty",
    component: "heat",
    why: "[trustee] says as whom trusts are used; before, [keystone_authtoken] did",
  },
  clients_keystone_auth_uri: { since: "liberty", component: "heat", why: "[clients_keystone] auth_uri" },
  heat_cache: { since: "liberty", component: "heat", why: "answers of other services are kept by oslo.cache" },
  ec2_auth: {
    since: "2026.1",
    component: "heat",
    why: "heat has keystone check a guest's EC2 signature as a user of its own; [ec2authtoken] auth_uri is going",
  },
  cloudwatch: { until: "queens", component: "heat", why: "heat-api-cloudwatch was removed in queens" },
  dashboard_package: {
    since: "zed",
    component: "horizon",
    why: "Debian's package: wsgi.py in /usr/share, static files in /var/lib; Ubuntu's old one had all of it in /usr/share",
  },
  pymemcache: {
    since: "yoga",
    component: "horizon",
    why: "Django 3.2 has PyMemcacheCache; MemcachedCache went in 4.1",
  },
  volume_v3: { since: "queens", component: "horizon", why: "cinder's API is version 3" },
} as const satisfies Record<string, FeatureRow>;

export type Feature = keyof typeof features;

/** Each with its name, for reports of what changes. */
export const featureRows: readonly (FeatureRow & { readonly name: string })[] = Object.entries<FeatureRow>(
  features,
).map(([name, row]) => ({ name, ...row }));

/** @returns for every feature whether `release` has it. */
export function featuresOf(release: string): Readonly<Record<Feature, boolean>> {
  const rows = Object.entries<FeatureRow>(features);
  return Object.fromEntries(rows.map(([name, row]) => [name, inRange(row, release)])) as Record<Feature, boolean>;
}
