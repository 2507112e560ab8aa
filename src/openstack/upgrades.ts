import type { ReleaseRange } from "./releases.ts";

/**
 * How upstream has each component upgraded: the steps in their order. A step applies if both releases of an upgrade are in its
 * ranges. Commands run in the image of the later release, unless `of` says otherwise.
 */
type Step = {
  /** Of the phase: `conductor`. Needed where a component has several of a kind. */
  readonly name?: string;
  /** What it does, if its kind does not say so. */
  readonly title?: string;
  readonly from?: ReleaseRange;
  readonly to?: ReleaseRange;
  readonly why: string;
};

/** A command in an image, with the environment of one of its jobs. */
export type CommandStep = Step & {
  readonly what: "expand" | "migrate" | "check" | "contract" | "online migrations";
  readonly image: string;
  /** The job whose files and parameters it has. */
  readonly job: string;
  /** By default the job's own command. */
  readonly command?: readonly string[];
  /** Exit statuses that are not failures (0). */
  readonly accepts?: readonly number[];
  readonly of?: "from";
  /** The older release cannot use the database afterwards. */
  readonly final?: true;
};

/**
 * Services that are replaced. `stop`: they stop, and start when they are replaced. `unpin`: they restart unchanged, and so detect that
 * no service speaks the older protocol.
 */
export type ServiceStep = Step & {
  readonly what: "roll" | "stop" | "unpin";
  /** As `nova-controller conductor`; left out, all services of the component that no other step of this kind names. */
  readonly services?: readonly string[];
  /** Options that the services need meanwhile. Templates write them, which a test verifies. */
  readonly settings?: readonly {
    readonly file: string;
    readonly section: string;
    readonly option: string;
    readonly value: string;
    readonly why: string;
  }[];
};

export type ComponentUpgrade = {
  readonly component: string;
  readonly steps: readonly (CommandStep | ServiceStep)[];
  /** A job of the older release that its services need in order to start after newer ones. */
  readonly back?: { readonly image: string; readonly job: string; readonly why: string };
};

const manage = (program: string, file: string, ...words: string[]): readonly string[] => [
  `/usr/bin/${program}`,
  "--config-file",
  file,
  ...words,
];
const keystone = { image: "keystone-server", job: "db-sync" } as const;
const glance = { image: "glance-server", job: "db-sync" } as const;
const placement = { image: "placement-server", job: "db-sync" } as const;
const nova = { image: "nova-controller", job: "db-sync" } as const;
const neutron = { image: "neutron-server", job: "db-sync" } as const;
const neutronManage = (...words: string[]) => [
  ...manage("neutron-db-manage", "/etc/neutron/neutron.conf", "--config-file"),
  "/etc/neutron/plugins/ml2/ml2_conf.ini",
  ...words,
];
const cinder = { image: "cinder-controller", job: "db-sync" } as const;
const heat = { image: "heat-server", job: "db-sync" } as const;

/** `PROGRAM upgrade check` of each component, from stein on: 1 is a warning, 2 a failure. */
const upgradeCheck = (image: string): CommandStep => ({
  what: "check",
  ...{ image, job: "upgrade-check" },
  accepts: [0, 1],
  to: { since: "stein" },
  why: "the new release says itself whether the cloud is ready for it",
});

/** nova's services use the protocol of the oldest compute. */
const pinned: NonNullable<ServiceStep["settings"]> = [
  {
    file: "/etc/nova/nova.conf",
    section: "upgrade_levels",
    option: "compute",
    value: "auto",
    why: "calls to computes have the version of the oldest one until all are of the new release",
  },
];

/** Before there were rolling upgrades of a component, its schema was for one release only. */
const stopBefore = (until: string): ServiceStep => ({
  what: "stop",
  to: { until },
  why: "its schema is for one release only: no service of the older one may run on it",
});

const offline = (surroundings: { readonly image: string; readonly job: string }, until: string): CommandStep => ({
  what: "migrate",
  ...surroundings,
  to: { until },
  final: true,
  why: "its services begin on the schema of the new release",
});

/** In the order of upgrades: first keystone, then what others use. */
export const upgrades: readonly ComponentUpgrade[] = [
  {
    // https://docs.openstack.org/keystone/latest/admin/upgrading.html#upgrading-with-minimal-downtime
    component: "keystone",
    steps: [
      stopBefore("ocata"),
      offline(keystone, "ocata"),
      {
        what: "expand",
        image: "keystone-server",
        job: "db-expand",
        to: { since: "ocata" },
        why: "what both releases can use is added",
      },
      // Neither `db_sync --migrate`, which does nothing since zed (alembic), nor keystone-status, which loads its back ends before it reads
      // its configuration, and so ends where keys are not in /etc/keystone/fernet-keys (keystone/cmd/status.py).
      { what: "roll", why: "services of the new release begin" },
      {
        what: "contract",
        image: "keystone-server",
        job: "db-contract",
        final: true,
        to: { since: "ocata" },
        why: "what only the older release used is removed",
      },
    ],
  },
  {
    // https://docs.openstack.org/glance/latest/admin/zero-downtime-db-upgrade.html
    component: "glance",
    steps: [
      stopBefore("ocata"),
      offline(glance, "ocata"),
      {
        what: "expand",
        image: "glance-server",
        job: "db-expand",
        to: { since: "ocata" },
        why: "what both releases can use is added",
      },
      {
        what: "migrate",
        image: "glance-server",
        job: "db-migrate",
        to: { since: "ocata" },
        why: "data is copied to where the new release has it",
      },
      upgradeCheck("glance-server"),
      { what: "roll", why: "services of the new release begin" },
      {
        what: "contract",
        image: "glance-server",
        job: "db-contract",
        final: true,
        to: { since: "ocata" },
        why: "what only the older release used is removed",
      },
    ],
  },
  {
    // https://docs.openstack.org/placement/latest/admin/upgrade-to-stein.html
    component: "placement",
    steps: [
      { what: "migrate", ...placement, why: "migrations only add, so that the older API runs on" },
      upgradeCheck("placement-server"),
      { what: "roll", why: "services of the new release begin" },
      {
        what: "online migrations",
        image: "placement-server",
        job: "online-data-migrations",
        final: true,
        why: "data is moved to the new schema while the API runs",
      },
    ],
  },
  {
    // https://docs.openstack.org/nova/latest/admin/upgrades.html
    component: "nova",
    back: {
      image: "nova-controller",
      job: "service-versions",
      why: "nova starts no service that is older than the oldest of its kind in the database",
    },
    steps: [
      {
        what: "online migrations",
        of: "from",
        image: "nova-controller",
        job: "db-sync",
        command: manage("nova-manage", "/etc/nova/nova.conf", "db", "migrate_flavor_data"),
        from: { since: "kilo", until: "liberty" },
        why: "liberty's migrations refuse a database whose flavors are not moved yet",
      },
      {
        what: "online migrations",
        of: "from",
        image: "nova-controller",
        job: "online-data-migrations",
        from: { since: "ocata" },
        why: "what the older release has begun has to be at its end before the new schema",
      },
      {
        what: "migrate",
        ...nova,
        why: "all databases, each cell's too; migrations only add, so that older services run on",
      },
      { ...upgradeCheck("nova-controller"), to: { since: "ocata" } },
      {
        what: "roll",
        name: "conductor",
        services: ["nova-controller conductor"],
        settings: pinned,
        why: "the others send it objects, which an older conductor would not know",
      },
      {
        what: "roll",
        name: "control",
        settings: pinned,
        why: "all but the computes, which are spoken to as the oldest of them wants it",
      },
      {
        what: "roll",
        name: "compute",
        services: ["nova-compute compute"],
        why: "they come last, since a newer one may ask a conductor for what an older conductor has not got; servers run on",
      },
      {
        what: "unpin",
        services: [
          "nova-controller conductor",
          "nova-controller scheduler",
          "nova-controller api",
          "nova-controller metadata",
          "nova-compute compute",
        ],
        to: { since: "liberty" },
        why: "what the oldest compute knows is found out at start ([upgrade_levels] compute = auto), and now all know the new release",
      },
      {
        what: "online migrations",
        image: "nova-controller",
        job: "online-data-migrations",
        to: { since: "ocata" },
        final: true,
        why: "data is moved to the new schema while services run",
      },
    ],
  },
  {
    // https://docs.openstack.org/neutron/latest/contributor/alembic_migrations.html
    component: "neutron",
    steps: [
      {
        what: "expand",
        image: "neutron-server",
        job: "db-expand",
        to: { since: "liberty" },
        why: "what both releases can use is added",
      },
      {
        ...stopBefore("newton"),
        services: ["neutron-server server"],
        why: "until newton a release could have migrations that no server may run beside",
      },
      {
        what: "migrate",
        image: "neutron-server",
        job: "db-contract",
        to: { since: "liberty", until: "newton" },
        final: true,
        why: "the other half of the schema",
      },
      {
        what: "check",
        name: "offline",
        title: "look for migrations that need stopped servers",
        ...neutron,
        command: neutronManage("has_offline_migrations"),
        to: { since: "newton" },
        why: "upstream has had none since newton; exit status 1 says that there is one",
      },
      upgradeCheck("neutron-server"),
      { what: "roll", name: "server", why: "servers before agents: a newer server understands older agents" },
      {
        what: "roll",
        name: "agents",
        services: ["neutron-server ovn-metadata-agent"],
        why: "networks of servers work without them; only metadata is away for a moment",
      },
      {
        what: "contract",
        image: "neutron-server",
        job: "db-contract",
        to: { since: "newton" },
        final: true,
        why: "what only the older release used is removed",
      },
    ],
  },
  {
    // https://docs.openstack.org/cinder/latest/admin/upgrades.html
    component: "cinder",
    steps: [
      {
        what: "online migrations",
        of: "from",
        image: "cinder-controller",
        job: "online-data-migrations",
        from: { since: "ocata" },
        why: "what the older release has begun has to be at its end before the new schema",
      },
      stopBefore("mitaka"),
      offline(cinder, "mitaka"),
      {
        what: "migrate",
        ...cinder,
        to: { since: "mitaka" },
        why: "migrations only add, so that older services run on",
      },
      upgradeCheck("cinder-controller"),
      {
        what: "roll",
        name: "scheduler",
        services: ["cinder-controller scheduler"],
        why: "each service speaks as the oldest of the others does, as it finds in the database at its start",
      },
      { what: "roll", name: "volume", services: ["cinder-volume volume"], why: "volumes stay attached without it" },
      {
        what: "roll",
        name: "api",
        services: ["cinder-controller api"],
        why: "it comes after those that it sends calls to",
      },
      {
        what: "unpin",
        services: ["cinder-controller scheduler", "cinder-volume volume", "cinder-controller api"],
        to: { since: "mitaka" },
        why: "services find out at start that all are of the new release",
      },
      {
        what: "online migrations",
        image: "cinder-controller",
        job: "online-data-migrations",
        to: { since: "ocata" },
        final: true,
        why: "data is moved to the new schema while services run",
      },
    ],
  },
  {
    // https://docs.openstack.org/heat/latest/operating_guides/upgrades_guide.html
    component: "heat",
    steps: [
      stopBefore("pike"),
      offline(heat, "pike"),
      { what: "migrate", ...heat, to: { since: "pike" }, why: "migrations only add, so that older engines run on" },
      upgradeCheck("heat-server"),
      { what: "roll", why: "engines and APIs together: their calls to each other have no versions" },
    ],
  },
  { component: "horizon", steps: [{ what: "roll", why: "services of the new release begin" }] },
];
