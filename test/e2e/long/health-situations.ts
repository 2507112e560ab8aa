import { spawn } from "node:child_process";

/** What is true of a service: whether it works, and whether it can serve. */
export type Truth = "works" | "waits" | "broken";

/** The two answers that are true: a service that `waits` for another works, and cannot serve. */
export const answersOf = (truth: Truth): readonly [alive: boolean, ready: boolean] => [
  truth !== "broken",
  truth === "works",
];

export type Situation = {
  readonly title: string;
  /** Words of `docker`; NAME- stands before a service. Run one after the other. */
  readonly make: readonly (readonly string[])[];
  readonly undo: readonly (readonly string[])[];
  /** Services that are no longer well. Those that are not named here are. */
  readonly truth: Readonly<Record<string, Truth>>;
  /** Services of which nothing is said: they cannot be asked, or it takes them long to notice. */
  readonly unknown?: readonly string[];
};

/** A container of the stack, as `docker` knows it. */
export const container = (service: string): string => `NAME-${service}-1`;
const inside = (service: string, ...words: string[]): readonly string[] => ["exec", container(service), ...words];
/** Words of `docker` that keep a container's own check from ending what a situation has hung, and that let it do so again. */
const hold = (service: string): readonly string[] => inside(service, "touch", "/run/plinth/health/hold");
const release = (service: string): readonly string[] => inside(service, "rm", "--force", "/run/plinth/health/hold");
const frozen = (service: string, processes: string) => ({
  make: [hold(service), inside(service, "sh", "-c", `kill -STOP ${processes}`)],
  undo: [inside(service, "sh", "-c", `kill -CONT ${processes}`), release(service)],
});
const rabbitmqctl = (...words: string[]) => inside("rabbitmq-server", "rabbitmqctl", ...words);
const sql = (text: string) => inside("mysql-server", "mariadb", "--execute", text);

const waiting = (...services: string[]): Readonly<Record<string, Truth>> =>
  Object.fromEntries(services.map((service) => [service, "waits"]));

/** Who needs what, of the services that the test asks. */
const onDatabase = [
  ...["keystone-server", "glance-server", "placement-server", "nova-api", "nova-conductor", "nova-scheduler"],
  ...[
    "neutron-server",
    "neutron-rpc-server",
    "cinder-api",
    "cinder-scheduler",
    "cinder-volume",
    "heat-api",
    "heat-engine",
  ],
];
const onHypervisor = [
  "nova-compute",
  "ovs-vswitchd",
  "ovn-controller",
  "libvirt-compute",
  "neutron-ovn-metadata-agent",
];
const onBroker = [
  // glance tells of its images over the broker only where there are notifications.
  ...onDatabase.filter((service) => !["keystone-server", "placement-server", "glance-server"].includes(service)),
  "nova-compute",
];
const onKeystone = [
  ...onDatabase.filter(
    (service) => !["keystone-server", "cinder-scheduler", "cinder-volume", "neutron-rpc-server"].includes(service),
  ),
  "nova-compute",
];
const onSouthbound = ["ovn-controller", "neutron-ovn-metadata-agent"];
const onNorthbound = ["neutron-server", "neutron-rpc-server", "ovn-northd"];

/** The services that are asked in every situation. */
export const asked: readonly string[] = [
  ...onDatabase,
  ...["mysql-server", "rabbitmq-server", "memcached-server", "ovn-northbound", "ovn-southbound", "ovn-northd", "ovsdb"],
  ...onHypervisor,
];

/** The service: the only child of the container's init. */
const service = "$(cat /proc/1/task/1/children)";
/** A process other than its first: a worker that it has started. */
const worker = `$(for p in ${service}; do cut -d' ' -f1 /proc/$p/task/$p/children; done)`;

export const situations: readonly Situation[] = [
  { title: "nothing is wrong", make: [], undo: [], truth: {} },
  ...["nova-scheduler", "nova-compute", "neutron-rpc-server", "heat-engine", "memcached-server", "ovs-vswitchd"].map(
    (name) => ({ title: `${name} is frozen`, ...frozen(name, service), truth: { [name]: "broken" as const } }),
  ),
  {
    title: "nova-conductor is frozen",
    ...frozen("nova-conductor", service),
    truth: { "nova-conductor": "broken", "nova-compute": "waits" },
  },
  ...["neutron-rpc-server", "nova-api", "cinder-volume"].map((name) => ({
    title: `a worker of ${name} is frozen`,
    ...frozen(name, worker),
    truth: { [name]: "broken" as const },
  })),
  {
    title: "the broker's disk alarm is on",
    make: [rabbitmqctl("set_disk_free_limit", "900000GB")],
    undo: [rabbitmqctl("set_disk_free_limit", "50MB")],
    truth: waiting("rabbitmq-server", ...onBroker),
  },
  {
    title: "the broker's memory alarm is on",
    make: [rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1MB")],
    undo: [rabbitmqctl("set_vm_memory_high_watermark", "0.4")],
    truth: waiting("rabbitmq-server", ...onBroker),
  },
  {
    title: "the broker is paused",
    make: [["pause", container("rabbitmq-server")]],
    undo: [["unpause", container("rabbitmq-server")]],
    truth: waiting(...onBroker),
    unknown: ["rabbitmq-server"],
  },
  {
    title: "the database is paused",
    make: [["pause", container("mysql-server")]],
    undo: [["unpause", container("mysql-server")]],
    truth: waiting(...onDatabase, "nova-compute"),
    unknown: ["mysql-server"],
  },
  {
    title: "the database is cut off",
    make: [["network", "disconnect", "NAME_default", container("mysql-server")]],
    undo: [["network", "connect", "--alias", "mysql-server", "NAME_default", container("mysql-server")]],
    truth: waiting(...onDatabase, "nova-compute"),
  },
  {
    title: "the database is read-only",
    make: [sql("SET GLOBAL read_only = 1")],
    undo: [sql("SET GLOBAL read_only = 0")],
    truth: waiting("mysql-server", ...onDatabase),
  },
  {
    title: "nova's password at the database is another one",
    make: [sql("SET PASSWORD FOR nova@'%' = PASSWORD('another')")],
    undo: [["restart", container("mysql-server")]],
    truth: waiting("nova-api", "nova-conductor", "nova-scheduler"),
  },
  {
    title: "keystone is paused",
    make: [["pause", container("keystone-server")]],
    undo: [["unpause", container("keystone-server")]],
    truth: waiting(...onKeystone),
    unknown: ["keystone-server"],
  },
  {
    title: "OVN's northbound database is paused",
    make: [["pause", container("ovn-northbound")]],
    undo: [["unpause", container("ovn-northbound")]],
    truth: waiting("ovn-northd"),
    // Whether it answers they learn from its port, which the kernel holds open.
    unknown: ["ovn-northbound", ...onNorthbound],
  },
  {
    title: "OVN's northbound database is gone",
    make: [["stop", container("ovn-northbound")]],
    undo: [["start", container("ovn-northbound")]],
    truth: waiting(...onNorthbound),
    unknown: ["ovn-northbound"],
  },
  {
    title: "OVN's southbound database is gone",
    make: [["stop", container("ovn-southbound")]],
    undo: [["start", container("ovn-southbound")]],
    truth: waiting("ovn-northd", "neutron-server", "neutron-rpc-server", ...onSouthbound),
    unknown: ["ovn-southbound"],
  },
  {
    title: "a hypervisor's ovsdb died",
    make: [["kill", container("ovsdb")]],
    undo: [],
    truth: waiting(...onHypervisor),
    unknown: ["ovsdb"],
  },
  {
    title: "a hypervisor's network is another one, and nobody restarts who lived in that of before",
    make: [
      ...onHypervisor.map(hold),
      ["start", container("ovsdb")],
      ["stop", container("keeper")],
      ["restart", container("hypervisor")],
      ["restart", container("ovsdb")],
    ],
    undo: [...onHypervisor.map(release), ["start", container("keeper")]],
    truth: Object.fromEntries(onHypervisor.map((service) => [service, "broken"])),
  },
];

/** What a health check said: its status, and its line. */
export type Said = { readonly status: number; readonly line: string };

export const docker = (name: string, words: readonly string[]): Promise<Said> =>
  new Promise((resolve, reject) => {
    const child = spawn(
      "docker",
      words.map((word) => word.replace(/^NAME(?=[-_])/, name)),
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    let line = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (line += text.toString()));
    child.once("error", reject);
    child.once("close", (status) => resolve({ status: status ?? -1, line: line.trim() }));
  });

/** Asks a service one of the two questions, as its container's user. */
export const ask = (name: string, service: string, question: "alive" | "ready"): Promise<Said> =>
  docker(name, [...inside(service, "/opt/plinth/bin/plinth", "healthcheck"), `--${question}`]);

/** Several at a time. */
export async function each<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const rest = [...items.entries()];
  const worker = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

/** @returns the services whose answers are not the truth, a line each; none where all are. */
export async function lies(name: string, { truth, unknown = [] }: Situation): Promise<readonly string[]> {
  const services = asked.filter((service) => !unknown.includes(service));
  const found = await each(services, 4, async (service) => {
    const [alive, ready] = answersOf(truth[service] ?? "works");
    const [saidAlive, saidReady] = [await ask(name, service, "alive"), await ask(name, service, "ready")];
    if ((saidAlive.status === 0) === alive && (saidReady.status === 0) === ready) return [];
    return [`${service}: ${truth[service] ?? "works"}, but says ${saidAlive.line} | ${saidReady.line}`];
  });
  return found.flat();
}
