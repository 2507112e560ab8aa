import { readFileSync } from "node:fs";
import { docker, dockerOutput } from "./docker.ts";
import type { Stack } from "./stack.ts";

/** A port at which something listens, in the network of one container or of several that share it. */
export type Door = {
  /** The service whose network it is; `hypervisor` for what its containers share; `metadata` for those of the networks. */
  readonly place: string;
  /** As the documentation writes it: `6080`, `5900 and up`, `68/udp`. */
  readonly name: string;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
  /** Where it can be asked for: every address of its network but those of the machine itself. */
  readonly hosts: readonly string[];
};

/** A port that something answers at: `hypervisor 6080`. */
export const doorName = ({ place, name }: Door): string => `${place} ${name}`;

/** Ports that are given out one by one, as servers come. */
const counted: readonly (readonly [first: number, last: number])[] = [
  [5900, 5999],
  [10000, 10099],
];

function portName(port: number, protocol: Door["protocol"]): string {
  const range = counted.find(([first, last]) => first <= port && port <= last);
  return range ? `${range[0]} and up` : protocol === "udp" ? `${port}/udp` : `${port}`;
}

/** What the kernel calls a TCP socket that listens, and a UDP socket that is connected to nobody (tcp_states.h). */
const listens = { tcp: "0A", udp: "07" } as const;

/** 127.0.0.11, where Docker answers for names, in the byte order of /proc/net. */
const dockersNames = "0B00007F";

/** Reads the tables of proc(5) that `tables` printed. */
function portsIn(text: string): readonly (readonly [protocol: Door["protocol"], port: number])[] {
  const found = new Map<string, readonly [Door["protocol"], number]>();
  let protocol: Door["protocol"] = "tcp";
  for (const line of text.split("\n")) {
    const [first = "", local = "", , state] = line.trim().split(/\s+/);
    if (first === "table") protocol = local.startsWith("udp") ? "udp" : "tcp";
    const [address, port = ""] = local.split(":");
    if (state !== listens[protocol] || address === dockersNames) continue;
    const number = Number.parseInt(port, 16);
    found.set(`${protocol} ${number}`, [protocol, number]);
  }
  return [...found.values()];
}

const tables = 'for table in tcp tcp6 udp udp6; do echo "table $table"; cat /proc/net/$table 2>/dev/null || true; done';

const addressesIn = (text: string): readonly string[] =>
  [...text.matchAll(/^address (\S+)\/\d+$/gm)].map(([, address = ""]) => address);

type Container = { readonly ID: string; readonly Service: string };

/**
 * Every port that anything listens at in any network of the stack, as the kernel lists them there.
 *
 * @param bridge an address that somebody gave a bridge of the hypervisor's.
 */
export async function doorsOf(stack: Stack, bridge: string): Promise<readonly Door[]> {
  const running = stack
    .compose("ps", "--format", "json")
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Container);
  const networks = new Map<string, { readonly services: string[]; readonly hosts: string[]; readonly text: string }>();
  const settings = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}";
  const read = await Promise.all(
    running.map(async ({ ID: id, Service: service }) => {
      const text = await dockerOutput(["exec", id, "sh", "-c", `readlink /proc/self/ns/net; ${tables}`]);
      const own = (await dockerOutput(["inspect", "--format", settings, id])).split(" ").filter(Boolean);
      return { service, text, own };
    }),
  );
  for (const { service, text, own } of read) {
    const [network = ""] = text.split("\n");
    const known = networks.get(network);
    known?.services.push(service);
    known?.hosts.push(...own);
    if (!known) networks.set(network, { services: [service], hosts: own, text });
  }
  const doors = [...networks.values()].flatMap(({ services, hosts, text }) => {
    const shared = services.length > 1;
    const place = shared ? "hypervisor" : (services[0] ?? "");
    const all = shared ? [...hosts, bridge] : hosts;
    return portsIn(text).map(([protocol, port]) => ({
      ...{ place, protocol, port, name: portName(port, protocol), hosts: all },
    }));
  });
  const inside = `for network in /run/netns/*; do
    ip netns exec "$(basename "$network")" sh -c '${tables}; ip -o -4 address | awk "{ print \\"address\\", \\$4 }"'
  done`;
  const text = stack.compose("exec", "-T", "neutron-ovn-metadata-agent", "sh", "-c", inside);
  const hosts = addressesIn(text).filter((address) => !address.startsWith("127."));
  const metadata = portsIn(text).map(([protocol, port]) => ({
    ...{ place: "metadata", protocol, port, name: portName(port, protocol), hosts: [...new Set(hosts)] },
  }));
  return [...doors, ...metadata];
}

const ask = `
import concurrent.futures, json, socket, sys
def answers(target):
    try:
        socket.create_connection(target, 3).close()
        return True
    except OSError:
        return False
targets = json.loads(sys.argv[1])
with concurrent.futures.ThreadPoolExecutor(32) as pool:
    print(json.dumps([t for t, yes in zip(targets, pool.map(answers, targets)) if yes]))
`;

/** @returns those of the doors that another container can connect to, at an address of the stack's network: it has no other. */
export async function openToContainers(stack: Stack, doors: readonly Door[]): Promise<readonly Door[]> {
  const targets = doors.flatMap(({ hosts, port }) =>
    hosts.filter((host) => host.startsWith(`${stack.deployment.network}.`)).map((host) => [host, port]),
  );
  const words = ["exec", `${stack.name}-client`, "python3", "-c", ask, JSON.stringify(targets)];
  const { stdout, stderr, status } = await docker(words);
  if (status !== 0) throw new Error(stderr);
  const open = new Set((JSON.parse(stdout) as [string, number][]).map(([host, port]) => `${host} ${port}`));
  return doors.filter(({ hosts, port }) => hosts.some((host) => open.has(`${host} ${port}`)));
}

/** Each address and port at which something may be reached: `172.31.240.21 6080`. */
export const targetsOf = (doors: readonly Door[]): readonly string[] =>
  doors.flatMap(({ hosts, port }) => hosts.map((host) => `${host} ${port}`));

/** What takes a connection of a guest, of these addresses and ports. Eight are tried at a time: what drops packets takes its seconds. */
export function reachedBy(inGuest: (command: string) => string, targets: readonly string[]): ReadonlySet<string> {
  const dial = 'nc -w 3 "$1" "$2" -e /bin/true 2>/dev/null && echo "reached $1 $2"';
  const said = inGuest(`printf '%s\\n' ${targets.map((target) => `'${target}'`).join(" ")} |
    xargs -n 2 -P 8 sh -c '${dial} || true' dial; echo dialled`);
  if (!said.endsWith("dialled")) throw new Error(said);
  return new Set([...said.matchAll(/reached (\S+ \d+)/g)].map(([, target = ""]) => target));
}

/** @returns those of the doors that were reached. */
export const openToGuest = (reached: ReadonlySet<string>, doors: readonly Door[]): readonly Door[] =>
  doors.filter((door) => targetsOf([door]).some((target) => reached.has(target)));

/** Who reaches a port, as docs/security.md says. */
export type Documented = { readonly door: string; readonly containers: boolean; readonly guests: boolean };

/** Reads the table of ports in docs/security.md. */
export const documented = (): readonly Documented[] =>
  [
    ...readFileSync("docs/security.md", "utf8").matchAll(
      /^\| `([\w-]+)` \| ([^|]+) \| [^|]+ \| (yes|no) \| (yes|no) \|/gm,
    ),
  ].flatMap(([, place, ports = "", containers, guests]) =>
    ports.split(",").map((port) => ({
      door: `${place} ${port.trim()}`,
      containers: containers === "yes",
      guests: guests === "yes",
    })),
  );
