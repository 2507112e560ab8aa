import { inRange, type ReleaseRange, releaseOfComponent } from "./releases.ts";

/**
 * What changed from release to release, as far as templates and services care. A template asks `has.transport_url`,
 * never for a release by name. `component` limits a row to one component's own release (see `mixed` in releases.ts).
 */
type FeatureRow = ReleaseRange & { readonly component?: string; readonly why: string };

const features = {
  // The libraries that all components share.
  transport_url: {
    since: "newton",
    why: "one [DEFAULT] transport_url replaces [oslo_messaging_rabbit] rabbit_host, rabbit_userid, ... (oslo.messaging 5)",
  },
  quorum_queues: { since: "2023.1", why: "oslo.messaging 14 can use RabbitMQ's quorum queues" },
  queue_manager: {
    since: "2024.1",
    why: "oslo.messaging 14.6 can name transient queues predictably, so that they can be quorum queues, too",
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
  own_http_server: { until: "zed", component: "nova", why: "nova-api serves the APIs itself; uWSGI does from zed on" },
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
  oslo_cache_backend: { since: "mitaka", component: "keystone", why: "cache back ends are oslo.cache's and dogpile's" },
} as const satisfies Record<string, FeatureRow>;

export type Feature = keyof typeof features;

/** @returns for every feature whether `component` has it in an image of `release`. */
export function featuresOf(release: string, component: string): Readonly<Record<Feature, boolean>> {
  const own = releaseOfComponent(release, component);
  const rows = Object.entries<FeatureRow>(features);
  return Object.fromEntries(rows.map(([name, row]) => [name, inRange(row, own)])) as Record<Feature, boolean>;
}
