import type { NeedRow, SchemaRow } from "../openstack/component.ts";
import { bracketed } from "../schema/address.ts";
import { holds } from "../settings/condition.ts";
import { interpolate } from "../settings/interpolate.ts";
import type { Settings } from "../settings/settings.ts";
import { type Block, blockAt } from "./blocks.ts";
import { anyOf, type Probe, type TargetOf, target } from "./probe.ts";

/** Where libvirtd listens and its clients look for it. */
const libvirtSocket = "/run/libvirt/libvirt-sock";

type Address = { readonly host: string; readonly port: number };

/** @returns the addresses of a block: its `members`, or itself. */
export function addressesOf({ host, port, members }: Block<"connected">): readonly Address[] {
  if (members !== null && members !== undefined && members.length > 0) return members;
  // A schema asks for exactly one of both.
  return host === null ? [] : [{ host, port }];
}

const httpUrl = ({ protocol, host, port }: Block<"http">, path: string): string =>
  `${protocol ?? "http"}://${bracketed(host)}:${port}${path}`;

/** Whether a need is one in these settings: of a broker that only notifications go to, where there are notifications. */
const applies = ({ where }: NeedRow, { values }: Settings): boolean => holds(where, values);

/**
 * @returns libvirtd's place in a connection URI (https://libvirt.org/uri.html): `qemu:///system` and `qemu+unix://` are a
 * Unix socket, `qemu+tcp://` an address. Undefined for the others: TLS wants a certificate, SSH a key.
 */
function libvirtAt(uri: string, from: string): Probe | undefined {
  const found = URL.canParse(uri) ? new URL(uri) : undefined;
  const transport = /^[a-z]+(?:\+([a-z]+))?:$/.exec(found?.protocol ?? "");
  if (!found || !transport) return undefined;
  if (transport[1] === "unix" || (transport[1] === undefined && found.hostname === "")) {
    const path = found.searchParams.get("socket") ?? libvirtSocket;
    return target({ kind: "libvirt", from, host: "localhost", port: 0, path });
  }
  if (transport[1] !== "tcp") return undefined;
  const host = found.hostname.replace(/^\[|\]$/g, "");
  return target({ kind: "libvirt", from, host, port: Number(found.port || 16509) });
}

/** What is asked of a database, by a need or otherwise. */
type AskedOfDatabase = Pick<Extract<NeedRow, { readonly probe: "mysql" }>, "from" | "schema" | "row">;

function databaseTarget({ from, schema, row }: AskedOfDatabase, settings: Settings): TargetOf<"mysql"> | undefined {
  const block = blockAt("mysql", from, settings);
  if (!block) return undefined;
  const { host, port, user, password, name: database } = block;
  const asked = row && { ...row, is: interpolate(row.is, settings.values) };
  const login = { host, port, user, password, database };
  return target({ kind: "mysql", from, ...login, schema, ...(asked ? { row: asked } : {}) });
}

function probeFor(need: NeedRow, settings: Settings): Probe | undefined {
  switch (need.probe) {
    case "file":
      return target({ kind: "file", path: interpolate(need.path, settings.values) });
    case "space":
      return target({ kind: "space", path: need.path, mebibytes: need.mebibytes });
    case "mysql":
      return databaseTarget(need, settings);
    case "amqp": {
      const { probe: kind, from } = need;
      const block = blockAt(kind, from, settings);
      if (!block) return undefined;
      const { user, password, virtual_host: virtualHost } = block;
      // oslo.messaging is given all members and uses whichever it gets hold of: one is enough for the service to run.
      return anyOf(addressesOf(block).map((at) => target({ kind, from, ...at, user, password, virtualHost })));
    }
    case "memcached": {
      const { probe: kind, from } = need;
      const members = blockAt(kind, from, settings);
      // One is enough here, too: a lost cache server costs speed, not answers (dogpile treats it as a miss).
      return members && anyOf(members.map(({ host, port }) => target({ kind, from, host, port })));
    }
    case "keystone": {
      const { probe: kind, from } = need;
      const block = blockAt(kind, from, settings);
      if (!block) return undefined;
      const { protocol, user, password, tenant: project, domain } = block;
      const url = httpUrl(block, "/v3");
      // A password goes to keystone itself only, and whose certificates the service trusts is not known here. Without a
      // password (an application credential) there is no login to try either.
      if (protocol === "https" || password === null) return target({ kind: "http", from, url, expect: [200] });
      return target({ kind, from, url, user, password, project, domain });
    }
    case "http": {
      const { probe: kind, from, path, expect } = need;
      const block = blockAt(kind, from, settings);
      return block && target({ kind, from, url: httpUrl(block, path), expect });
    }
    case "libvirt": {
      const block = blockAt(need.probe, need.from, settings);
      return block && libvirtAt(block.uri, need.from);
    }
    case "tcp": {
      const { probe: kind, from } = need;
      const block = blockAt(kind, from, settings);
      return block && target({ kind, from, host: block.host, port: block.port });
    }
  }
}

/**
 * @returns the database of a settings block, or another of its server, to log in to. That the block is there was checked
 * when the image was baked: a job has its lock in a database without which it would not be one.
 */
export function databaseAt({ from, name }: SchemaRow, settings: Settings): TargetOf<"mysql"> {
  const own = databaseTarget({ from, schema: false }, settings);
  if (!own) throw new Error(`there is no database at ${from} in the settings`);
  return name === undefined ? own : target({ ...own, database: interpolate(name, settings.values) });
}

/**
 * What must be there before a service starts, and what it is better off with (`optional`), from the settings. A need whose
 * settings block was left out falls away; an address that several needs share is asked once, as what must be there if one of
 * them says so.
 */
export function probesFor(needs: readonly NeedRow[], settings: Settings): Probe[] {
  const probes: Probe[] = [];
  for (const need of needs.toSorted((one, other) => Number(one.optional ?? false) - Number(other.optional ?? false))) {
    const probe = applies(need, settings) ? probeFor(need, settings) : undefined;
    if (!probe || probes.some((other) => other.name === probe.name && need.probe !== "mysql")) continue;
    probes.push(need.optional ? { ...probe, optional: true } : probe);
  }
  return probes;
}
