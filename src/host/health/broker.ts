import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { addressText } from "../../wait/probe.ts";
import { healthMessage } from "./messages.ts";
import { allProcesses } from "./processes.ts";
import { type Connection, connectionsIn, plainAddress } from "./sockets.ts";

export type Broker = { readonly host: string; readonly port: number };

/** Where a broker may be: its port, and its addresses unless the name server does not tell them. */
type Place = { readonly port: number; readonly addresses: ReadonlySet<string> | undefined };

async function placeOf({ host, port }: Broker, timeoutMs: number): Promise<Place> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), timeoutMs);
  });
  // A name server that is away for a moment must not make a connected service unhealthy: then the port alone counts.
  const found = await Promise.race([lookup(host, { all: true }).catch(() => undefined), late]);
  clearTimeout(timer);
  return { port, addresses: found && new Set(found.map(({ address }) => plainAddress(address))) };
}

function connections(): Connection[] {
  const tables = ["/proc/net/tcp", "/proc/net/tcp6"].map((table) => {
    try {
      return readFileSync(table, "latin1");
    } catch {
      // A kernel without IPv6 has no tcp6.
      return "";
    }
  });
  return tables.flatMap(connectionsIn);
}

/**
 * Whether the service is connected to one of its brokers: a connection that the kernel calls established, held by a
 * process of this container. Reads /proc only; asks neither the service nor the broker.
 *
 * @returns words for people.
 */
export async function askBroker(brokers: readonly Broker[], timeoutMs: number): Promise<Result<string>> {
  const places = await Promise.all(brokers.map((broker) => placeOf(broker, timeoutMs)));
  const toBroker = connections().filter(({ remote, port }) =>
    places.some((place) => place.port === port && (place.addresses?.has(remote) ?? true)),
  );
  const processes = allProcesses();
  const others = processes.filter(({ own }) => !own);
  const names = brokers.map(addressText).join(", ");
  for (const { pid, sockets } of others) {
    const held = toBroker.filter(({ inode }) => sockets?.has(inode)).length;
    if (held > 0) return success(`process ${pid} is connected to the broker (${held} to ${names})`);
  }
  // What a hidden process holds cannot be seen, but the user of a connection that nobody visible holds can.
  const hidden = others.filter(({ sockets }) => sockets === undefined);
  const unexplained = toBroker.filter(({ inode }) => !processes.some(({ sockets }) => sockets?.has(inode)));
  const owner = hidden.find(({ uid }) => unexplained.some((connection) => connection.uid === uid));
  if (owner) return success(`user ${owner.uid}, who runs process ${owner.pid}, is connected to the broker (${names})`);
  return failure([
    hidden.length > 0 && unexplained.length > 0
      ? healthMessage("processes-hidden", { hidden: hidden.map(({ pid }) => pid) })
      : healthMessage("broker-not-connected", { brokers: names, processes: others.length }),
  ]);
}
