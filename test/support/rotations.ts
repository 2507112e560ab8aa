/**
 * How each secret of the dev stack is changed: docs/secrets.md's table, which test/stack/secrets.test.ts holds to this one and to
 * compose.yaml.
 */
export type Rotation = {
  readonly secret: string;
  /** Jobs that tell it to what keeps it. */
  readonly again: readonly string[];
  /** Services that read it, that which keeps it first. */
  readonly restart: readonly string[];
  /** Calls (test/support/cloud-calls.ts) that need it. */
  readonly shows: readonly string[];
};

const row = (secret: string, again: string, restart: string, shows: string): Rotation => {
  const words = (text: string): readonly string[] => text.split(" ").filter((word) => word !== "");
  return { secret, again: words(again), restart: words(restart), shows: words(shows) };
};

const nova = "nova-api nova-metadata nova-conductor nova-scheduler nova-novncproxy";
const neutron = "neutron-server neutron-rpc-server neutron-periodic-workers neutron-ovn-maintenance";
const cinder = "cinder-api cinder-scheduler cinder-volume";
const heat = "heat-api heat-api-cfn heat-engine";

export const rotations: readonly Rotation[] = [
  row("admin", "keystone-bootstrap", "", "placement"),
  row("database-keystone", "", "mysql-server keystone-server", "placement"),
  row("database-glance", "", "mysql-server glance-server", "glance"),
  row("database-placement", "", "mysql-server placement-server", "placement"),
  row("database-nova", "nova-cell-setup", `mysql-server ${nova}`, "nova metadata"),
  row("database-neutron", "", `mysql-server ${neutron}`, "neutron"),
  row("database-cinder", "", `mysql-server ${cinder}`, "cinder"),
  row("database-heat", "", `mysql-server ${heat}`, "heat"),
  row("message-queue", "", `rabbitmq-server ${nova} nova-compute ${neutron} ${cinder} ${heat}`, "nova cinder heat"),
  row("identity-glance", "keystone-catalog", "glance-server", "glance"),
  row("identity-placement", "keystone-catalog", `placement-server ${nova} nova-compute`, "placement nova"),
  row("identity-nova", "keystone-catalog", `${nova} nova-compute ${neutron}`, "nova neutron"),
  row("identity-neutron", "keystone-catalog", `${neutron} ${nova} nova-compute`, "neutron nova"),
  row("identity-cinder", "keystone-catalog", cinder, "cinder"),
  row("identity-heat", "keystone-catalog", heat, "heat"),
  row("orchestration-domain", "keystone-catalog", heat, "heat"),
  row("orchestration-encryption-key", "", heat, "heat"),
  row("metadata", "", `${nova} neutron-ovn-metadata-agent`, "metadata"),
  row("dashboard-secret-key", "", "horizon-server", "dashboard"),
];
