import { setTimeout as sleep } from "node:timers/promises";
import { composeHere } from "../deployment.ts";
import { type SmallDisk, smallDisk } from "./disk.ts";
import type { Bounds, Cloud, Fault } from "./fault.ts";
import { engine, logOf, type Running, signalContainers, signalService } from "./from-outside.ts";

/** What a server's metadata say, asked from within one: it goes through the metadata agent and its network namespaces. */
async function metadataAnswers({ inGuest }: Cloud): Promise<string | undefined> {
  try {
    const text = await inGuest("demo-1", "wget -q -T 5 -O - http://169.254.169.254/openstack/latest/meta_data.json");
    return /"public_keys"/.test(text) ? undefined : "a guest's metadata have no key";
  } catch (error) {
    return `a guest's metadata: ${(error as Error).message}`;
  }
}

/** That a service's container was restarted, and servers get their metadata. */
const restarted =
  (service: string) =>
  async (cloud: Cloud, before: readonly Running[]): Promise<string | undefined> =>
    (await cloud.container(service)).startedAt === before.find((one) => one.service === service)?.startedAt
      ? `${service} was not restarted`
      : metadataAnswers(cloud);

/** What nobody else's requests go through. */
const harmless: Bounds = { healsWithin: 60, lostPings: 0, apiOutage: 3 };
/** An API answers nobody until it has been started again, which takes seconds of Python's imports. */
const api: Bounds = { healsWithin: 60, lostPings: 0, apiOutage: 45 };
/** The switch: guests are not reached until it is back. */
const switching: Bounds = { healsWithin: 60, guestsSilent: 10, apiOutage: 3 };

/** A server gets metadata again. */
const metadata = { healsWithin: 10, metadataAway: 10 } as const satisfies Bounds;

/** What a crash of each service may cost; of all others what is `harmless`. */
const crashes: Readonly<Record<string, Bounds>> = {
  ...Object.fromEntries(
    [
      ...["mysql-server", "keystone-server", "glance-server", "placement-server", "nova-api", "neutron-server"],
      ...["cinder-api", "heat-api", "horizon-server", "rabbitmq-server"],
    ].map((service) => [service, api]),
  ),
  // heat's API asks its engine.
  "heat-engine": api,
  "memcached-server": { ...harmless, apiOutage: 1 },
  ovsdb: switching,
  "ovs-vswitchd": switching,
  "ovn-controller": switching,
  "neutron-ovn-metadata-agent": { ...harmless, ...metadata },
  // Servers live in it, and nova starts those that ran.
  hypervisor: { healsWithin: 120, guestsSilent: 120, apiOutage: 3, reboots: true },
};

/** Services of each kind that are stopped as by a debugger: Python's, uWSGI's master, and those of other languages. */
const hanging = [
  ...["nova-conductor", "keystone-server", "nova-api", "neutron-ovn-metadata-agent", "mysql-server", "rabbitmq-server"],
  ...["memcached-server", "ovsdb", "libvirt-compute", "nova-compute"],
];

const crash = (service: string): Fault => ({
  name: `crash:${service}`,
  make: async ({ deployment, container }) => signalContainers(deployment, [await container(service)], "KILL"),
  holds: crashes[service] ?? harmless,
  proof: restarted(service),
});

const restart = (service: string, holds: Bounds): Fault => ({
  name: `restart:${service}`,
  make: async ({ deployment, container }) => engine(deployment, ["restart", (await container(service)).id]),
  holds,
  proof: metadataAnswers,
});

/** As an upgrade does it: another container in its place. */
const replace = (service: string, holds: Bounds): Fault => ({
  name: `replace:${service}`,
  async make({ deployment, container }) {
    await engine(deployment, ["rm", "--force", (await container(service)).id]);
    await composeHere(deployment, ["up", "--detach", "--no-build", "--pull", "never", "--no-deps", service]);
  },
  holds,
  proof: metadataAnswers,
});

/**
 * An engine cannot freeze a container (cgroup v1) at the moment in which another process begins in it, as each of its checks does: "unable to
 * freeze".
 */
async function freeze({ deployment, container }: Cloud, service: string): Promise<void> {
  const { id } = await container(service);
  for (let left = 5; ; left--) {
    const paused = await engine(deployment, ["pause", id]).catch((error: Error) => error);
    if (!(paused instanceof Error)) return;
    if (left === 0) throw paused;
    await sleep(500);
  }
}

/** Nothing of it runs, and its connections stay open: a machine that hangs. */
const pause = (service: string): Fault => ({
  name: `pause:${service}`,
  make: (cloud) => freeze(cloud, service),
  lasts: 60,
  end: async ({ deployment, container }) => engine(deployment, ["unpause", (await container(service)).id]),
  holds: { healsWithin: 30, lostPings: 0, apiOutageAfterEnd: 5 },
});

/**
 * Its disk is full for a minute: for as long as this fault is looked at it has one of its own.
 *
 * @param path of its data. @param says what its log or its check has of it.
 */
const full = (service: string, path: string, says: RegExp): Fault => {
  let disk: SmallDisk | undefined;
  return {
    name: `full:${service}`,
    async prepare({ deployment, container }) {
      const one = await smallDisk(deployment, await container(service), path);
      disk = one;
      return one.remove;
    },
    make: async () => disk?.fill(),
    lasts: 60,
    end: async () => disk?.free(),
    async told({ deployment, container }) {
      const { id } = await container(service);
      const words = ["exec", id, "/opt/plinth/bin/plinth", "healthcheck", "--ready"];
      const found = await engine(deployment, words).catch(
        ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => stdout + stderr,
      );
      if (/^ready/m.test(found)) return `${service} says that it is ready`;
      // MariaDB notices when it has to grow a file, which may take longer.
      const said = found + (await logOf(deployment, id));
      return says.test(said) ? undefined : `neither log nor check of ${service} says that its disk is full`;
    },
    holds: { healsWithin: 30, lostPings: 0, apiOutageAfterEnd: 5 },
  };
};

/** Ended and started again by its user. */
const stop = (service: string, lasts: number, holds: Bounds): Fault => ({
  name: `stop:${service}`,
  make: async ({ deployment, container }) => engine(deployment, ["stop", (await container(service)).id]),
  lasts,
  end: async ({ deployment, container }) => engine(deployment, ["start", (await container(service)).id]),
  holds,
});

const hang = (service: string): Fault => ({
  name: `hang:${service}`,
  make: async ({ deployment, container }) => signalService(deployment, await container(service), "STOP"),
  holds: {
    // A minute until it is found and restarted, and what a crash takes.
    healsWithin: 60 + (crashes[service] ?? harmless).healsWithin,
    ...(service === "ovsdb" ? {} : { lostPings: 0 }),
  },
  proof: restarted(service),
});

const lossless: Bounds = { healsWithin: 60, lostPings: 0, apiOutage: 3 };

/** Several at the same moment, as a machine out of memory or a power cut does it. @param services empty for all. */
const together = (name: string, services: readonly string[], holds: Bounds): Fault => ({
  name,
  async make({ deployment, containers }) {
    const hit = (await containers()).filter(
      ({ service, pid }) => pid > 0 && (services.length === 0 || services.includes(service)),
    );
    return signalContainers(deployment, hit, "KILL");
  },
  holds,
  proof: metadataAnswers,
});

/** The faults, in the order in which they are made. @param services of the stack, jobs left out. */
export const faultsOf = (services: readonly string[]): readonly Fault[] => [
  ...services.map(crash),
  restart("memcached-server", { ...harmless, apiOutage: 1 }),
  ...["libvirt-compute", "nova-compute"].flatMap((service) => [restart(service, lossless), replace(service, lossless)]),
  ...[restart, replace].map((how) => how("neutron-ovn-metadata-agent", { ...lossless, ...metadata })),
  ...["ovsdb", "ovs-vswitchd", "ovn-controller"].map((service) => restart(service, switching)),
  restart("keeper", lossless),
  together("crash:database+broker+keystone", ["mysql-server", "rabbitmq-server", "keystone-server"], {
    healsWithin: 90,
    lostPings: 0,
  }),
  together("crash:all", [], { healsWithin: 180, guestsSilent: 120, reboots: true }),
  stop("nova-compute", 30, { healsWithin: 30, lostPings: 0, apiOutage: 1 }),
  stop("mysql-server", 30, { healsWithin: 30, lostPings: 0, apiOutageAfterEnd: 15 }),
  stop("rabbitmq-server", 30, { healsWithin: 60, lostPings: 0, apiOutageAfterEnd: 15 }),
  ...["keystone-server", "neutron-server", "mysql-server", "rabbitmq-server"].map(pause),
  full("mysql-server", "/var/lib/mysql", /disk is full|no space|Errcode: 28|MiB are free/i),
  full("rabbitmq-server", "/var/lib/rabbitmq", /disk resource limit alarm set|low on disk|MiB are free/i),
  ...hanging.map(hang),
];

/**
 * Picks faults by what a user typed.
 *
 * @param words names or kinds with spaces between them, as in `FAULTS="crash:ovsdb hang"`; empty for all.
 * @returns the faults, or the first word that is neither.
 */
export function selected(faults: readonly Fault[], words: string): readonly Fault[] | { readonly unknown: string } {
  const wanted = words.split(/[\s,]+/).filter(Boolean);
  const isMeant = (word: string, { name }: Fault): boolean => name === word || name.split(":")[0] === word;
  const unknown = wanted.find((word) => !faults.some((fault) => isMeant(word, fault)));
  if (unknown !== undefined) return { unknown };
  return wanted.length === 0 ? faults : faults.filter((fault) => wanted.some((word) => isMeant(word, fault)));
}
