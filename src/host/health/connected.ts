import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { addressText, type Outcome } from "../../wait/probe.ts";
import type { Address } from "../network/connect.ts";
import { allProcesses } from "./processes.ts";
import { type Connection, connectionsIn, plainAddress } from "./sockets.ts";

/** Where a broker may be: its port, and its addresses unless the name server does not tell them. */
type Place = { readonly port: number; readonly addresses: ReadonlySet<string> | undefined };

async function placeOf({ host, port }: Address, timeoutMs: number): Promise<Place> {
  if (isIP(host)) return { port, addresses: new Set([plainAddress(host)]) };
  // Only where a name has to be looked up: loading it costs every check.
  const { lookup } = await import("node:dns/promises");
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
 * Whether the service is connected to one of these addresses: a connection that the kernel calls established, held by a
 * process of this container. Reads /proc only; asks neither the service nor who is at the other end.
 */
export async function askConnected(to: readonly Address[], timeoutMs: number): Promise<Outcome> {
  const places = await Promise.all(to.map((address) => placeOf(address, timeoutMs)));
  const found = connections().filter(({ remote, port }) =>
    places.some((place) => place.port === port && (place.addresses?.has(remote) ?? true)),
  );
  const processes = allProcesses();
  const others = processes.filter(({ own, inside }) => inside && !own);
  const names = to.map(addressText).join(", ");
  if (others.some(({ sockets }) => found.some(({ inode }) => sockets?.has(inode)))) return { state: "ready" };
  // What a hidden process holds cannot be seen, but the user of a connection that nobody visible holds can.
  const hidden = others.filter(({ sockets }) => sockets === undefined);
  const unexplained = found.filter(({ inode }) => !processes.some(({ sockets }) => sockets?.has(inode)));
  if (hidden.some(({ uid }) => unexplained.some((connection) => connection.uid === uid))) return { state: "ready" };
  if (hidden.length === 0 || unexplained.length === 0) {
    const reason = `none of ${others.length} processes here holds an established connection to ${names}`;
    return { state: "unready", reason };
  }
  const pids = hidden.slice(0, 5).map(({ pid }) => pid);
  const reason = `no access to /proc/PID/fd of process ${pids.join(", ")}: ask as the service's own user, or as root with the capabilities SETUID and SETGID; hidepid must not be set on /proc`;
  return { state: "refused", reason };
}
