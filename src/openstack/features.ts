import { inRange, type ReleaseRange, releaseOfComponent } from "./releases.ts";

/**
 * What changed from release to release, as far as templates and services care. A template asks `has.transport_url`,
 * never for a release by name. `component` limits a row to one component's own release (see `mixed` in releases.ts).
 */
type FeatureRow = ReleaseRange & { readonly component?: string; readonly why: string };

const features = {
  transport_url: {
    since: "newton",
    why: "one [DEFAULT] transport_url replaces [oslo_messaging_rabbit] rabbit_host, rabbit_userid, ... (oslo.messaging 5)",
  },
  keystoneauth: { since: "newton", why: "auth_type (keystoneauth1) in place of keystoneclient's auth_plugin" },
  memcached_servers: { since: "ocata", why: "[cache] of oslo.cache in nova in place of [DEFAULT] memcached_servers" },
  api_database: { since: "mitaka", component: "nova", why: "nova-manage api_db exists from mitaka on" },
  placement: { since: "ocata", component: "nova", why: "nova-compute and the scheduler need placement from ocata on" },
  vnc_section: { since: "liberty", component: "nova", why: "VNC options moved from [DEFAULT] to [vnc]" },
  nova_cert: { until: "pike", component: "nova", why: "nova-cert was removed in pike" },
  ec2_api: { until: "mitaka", component: "nova", why: "the EC2 API left nova in mitaka" },
  fernet_driver_name: {
    since: "liberty",
    component: "keystone",
    why: "stevedore names (fernet, sql) instead of dotted class paths",
  },
} as const satisfies Record<string, FeatureRow>;

export type Feature = keyof typeof features;

/** @returns for every feature whether `component` has it in an image of `release`. */
export function featuresOf(release: string, component: string): Readonly<Record<Feature, boolean>> {
  const own = releaseOfComponent(release, component);
  const rows = Object.entries<FeatureRow>(features);
  return Object.fromEntries(rows.map(([name, row]) => [name, inRange(row, own)])) as Record<Feature, boolean>;
}
