/**
 * How plinth generates a secret if the operator provides none. A certificate will be a kind of its own: another secret signs it,
 * it consists of several files, and it expires.
 */
export type MadeRow = {
  readonly kind: "random";
  /** Characters. */
  readonly length: number;
  readonly alphabet: "hexadecimal";
};

/** A service or job that an image can become. */
export type ServiceName = { readonly image: string; readonly service: string };

/**
 * A secret of the deployment. The containers that get it follow: those of the images below `fills` whose service needs the
 * parameter, as the image's contract says (`neededBy` in src/image/contract.ts).
 */
export type SecretRow = {
  readonly name: string;
  readonly made: MadeRow;
  /** The dynamic parameters that it fills. The image that stores it, or passes it to what stores it, comes first. */
  readonly fills: readonly { readonly image: string; readonly parameter: string }[];
  /**
   * When it changes, services that get it are restarted in the order of `fills`, and these jobs run again: they
   * write it to a database.
   */
  readonly again: readonly ServiceName[];
  /** The user's loss by a change, or what there is to know about one, for docs/secrets.md. */
  readonly change: string;
};

// 32: heat takes exactly that many characters of its encryption key. Hexadecimal digits are not special in a URL, a shell, SQL or a template.
const random: MadeRow = { kind: "random", length: 32, alphabet: "hexadecimal" };

const catalog: ServiceName = { image: "keystone-server", service: "catalog" };

const filling = (images: readonly string[], parameter: string): SecretRow["fills"] =>
  images.map((image) => ({ image, parameter }));

/** The password of a component's account at MariaDB. */
const database = (component: string, images: readonly string[], more: Partial<SecretRow> = {}): SecretRow => ({
  name: `database-${component}`,
  made: random,
  fills: [
    ...filling(["mysql-server"], `SERVICE_DATABASE_${component.toUpperCase()}_PASSWORD`),
    ...filling(images, "SERVICE_DATABASE_PASSWORD"),
  ],
  again: [],
  change: "",
  ...more,
});

/** The password of a component's user in keystone: its own, and that of others who speak as that user. */
const identity = (
  component: string,
  images: readonly string[],
  others: SecretRow["fills"],
  change: string,
): SecretRow => ({
  name: `identity-${component}`,
  made: random,
  fills: [
    ...filling(["keystone-server"], `SERVICE_IDENTITY_${component.toUpperCase()}_PASSWORD`),
    ...filling(images, "SERVICE_IDENTITY_PASSWORD"),
    ...others,
  ],
  again: [catalog],
  change,
});

const nova = ["nova-controller", "nova-compute"] as const;
const cinder = ["cinder-controller", "cinder-volume"] as const;

/** Every secret of a deployment, once. */
export const secrets: readonly SecretRow[] = [
  {
    name: "admin",
    made: random,
    fills: filling(["keystone-server"], "SERVICE_IDENTITY_ADMIN_PASSWORD"),
    again: [{ image: "keystone-server", service: "bootstrap" }],
    change: "keystone's bootstrap sets it in keystone's database. No service knows it",
  },
  database("keystone", ["keystone-server"], {
    change: "MariaDB sets the accounts' passwords at each start, before it listens",
  }),
  database("glance", ["glance-server"]),
  database("placement", ["placement-server"]),
  database("nova", ["nova-controller"], {
    again: [{ image: "nova-controller", service: "cell-setup" }],
    change:
      "the job only for cells that an earlier plinth, or nova-manage, mapped: their URLs stood in the database with the password",
  }),
  database("neutron", ["neutron-server"]),
  database("cinder", cinder),
  database("heat", ["heat-server"]),
  {
    name: "message-queue",
    made: random,
    fills: filling(
      ["rabbitmq-server", ...nova, "neutron-server", ...cinder, "heat-server"],
      "SERVICE_MESSAGE_QUEUE_PASSWORD",
    ),
    again: [],
    change: "RabbitMQ takes over the accounts of the pillar at each start",
  },
  identity(
    "glance",
    ["glance-server"],
    [],
    "the catalog job tries each user's password, and sets it where it is another. That ends the user's tokens. The key of the service's token cache is this secret, too: tokens are verified again",
  ),
  identity(
    "placement",
    ["placement-server"],
    filling(nova, "SERVICE_PLACEMENT_PASSWORD"),
    "nova reports as placement's user",
  ),
  identity(
    "nova",
    nova,
    filling(["neutron-server"], "SERVICE_COMPUTE_PASSWORD"),
    "neutron tells nova of ports as nova's user",
  ),
  identity(
    "neutron",
    ["neutron-server"],
    filling(nova, "SERVICE_NETWORK_PASSWORD"),
    "nova asks for ports as neutron's user",
  ),
  identity("cinder", cinder, [], ""),
  identity("heat", ["heat-server"], [], ""),
  {
    name: "orchestration-domain",
    made: random,
    fills: filling(["keystone-server", "heat-server"], "SERVICE_ORCHESTRATION_DOMAIN_PASSWORD"),
    again: [catalog],
    change: "the password of the administrator of the stacks' domain",
  },
  {
    name: "orchestration-encryption-key",
    made: random,
    fills: filling(["heat-server"], "SERVICE_ORCHESTRATION_ENCRYPTION_KEY"),
    again: [],
    change: "what heat encrypted by the old key is lost: see below",
  },
  {
    name: "metadata",
    made: random,
    fills: filling(["nova-controller", "neutron-server"], "SERVICE_METADATA_PASSWORD"),
    again: [],
    change: "until both sides have it, servers get no metadata (403)",
  },
  {
    name: "dashboard-secret-key",
    made: random,
    fills: filling(["horizon-server"], "SERVICE_DASHBOARD_SECRET_KEY"),
    again: [],
    change: "all users of the dashboard log in again",
  },
];
