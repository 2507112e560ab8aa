import type { NeedRow, SchemaRow } from "../openstack/component.ts";
import { bracketed } from "../schema/address.ts";
import { type Json, valueAt } from "../schema/json.ts";
import { interpolate } from "../settings/interpolate.ts";
import type { Settings } from "../settings/settings.ts";
import { anyOf, type Probe, type TargetOf, target } from "./probe.ts";

type Block = { readonly [key: string]: Json };

/** Where libvirtd listens and its clients look for it. */
const libvirtSocket = "/run/libvirt/libvirt-sock";

/** Settings are typed by their schema: a value of another kind here is our own mistake, thus a throw. */
function text(block: Block, key: string): string {
  const value = block[key];
  if (typeof value !== "string") throw new Error(`settings block has no text ${key}`);
  return value;
}

function number(block: Block, key: string): number {
  const value = block[key];
  if (typeof value !== "number") throw new Error(`settings block has no number ${key}`);
  return value;
}

const address = (block: Block) => ({ host: text(block, "host"), port: number(block, "port") });

/** @returns the addresses of a block: its `members`, or itself. */
const members = (block: Block | readonly Block[]): readonly Block[] => {
  if (Array.isArray(block)) return block;
  const listed = (block as Block).members;
  return Array.isArray(listed) && listed.length > 0 ? (listed as readonly Block[]) : [block as Block];
};

function httpUrl(block: Block, path: string): string {
  const { host, port } = address(block);
  const protocol = typeof block.protocol === "string" ? block.protocol : "http";
  return `${protocol}://${bracketed(host)}:${port}${path}`;
}

/** Whether a need is one in these settings: of a broker that only notifications go to, where there are notifications. */
function applies({ where }: NeedRow, { values }: Settings): boolean {
  if (where === undefined) return true;
  const value = valueAt(values, where.setting);
  return where.is === undefined ? value !== undefined && value !== null : value === where.is;
}

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

function probeFor(need: NeedRow, settings: Settings): Probe | undefined {
  if (need.probe === "file") return target({ kind: "file", path: interpolate(need.path, settings.values) });
  const { from } = need;
  const found = valueAt(settings.values, from);
  if (found === undefined || found === null) return undefined;
  const block = found as Block;
  switch (need.probe) {
    case "mysql":
      return target({
        kind: "mysql",
        from,
        ...address(block),
        user: text(block, "user"),
        password: text(block, "password"),
        database: text(block, "name"),
        schema: need.schema,
        ...(need.row ? { row: { ...need.row, is: interpolate(need.row.is, settings.values) } } : {}),
      });
    case "amqp": {
      const login = {
        user: text(block, "user"),
        password: text(block, "password"),
        virtualHost: text(block, "virtual_host"),
      };
      // oslo.messaging is given all members and uses whichever it gets hold of: one is enough for the service to run.
      return anyOf(members(block).map((member) => target({ kind: "amqp", from, ...address(member), ...login })));
    }
    case "memcached":
      // One is enough here, too: a lost cache server costs speed, not answers (dogpile treats it as a miss).
      return anyOf(members(block).map((member) => target({ kind: "memcached", from, ...address(member) })));
    case "keystone":
      // A password goes to keystone itself only, and whose certificates the service trusts is not known here. Without a
      // password (an application credential) there is no login to try either.
      if (block.protocol === "https" || typeof block.password !== "string") {
        return target({ kind: "http", from, url: httpUrl(block, "/v3"), expect: [200] });
      }
      return target({
        kind: "keystone",
        from,
        url: httpUrl(block, "/v3"),
        user: text(block, "user"),
        password: text(block, "password"),
        project: text(block, "tenant"),
        domain: text(block, "domain"),
      });
    case "http":
      return target({ kind: "http", from, url: httpUrl(block, need.path), expect: need.expect });
    case "libvirt":
      return libvirtAt(text(block, "uri"), from);
    case "tcp":
      return anyOf(members(block).map((member) => target({ kind: "tcp", from, ...address(member) })));
  }
}

/** @returns the database of a settings block, or another of its server, to log in to. */
export function databaseAt({ from, name }: SchemaRow, settings: Settings): TargetOf<"mysql"> {
  const own = probeFor({ probe: "mysql", from, schema: false }, settings) as TargetOf<"mysql">;
  return name === undefined ? own : (target({ ...own, database: interpolate(name, settings.values) }) as typeof own);
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
