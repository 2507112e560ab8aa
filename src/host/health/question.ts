import { readFileSync } from "node:fs";
import type { AskRow, HealthRow, NeedRow } from "../../openstack/component.ts";
import { nearAddress } from "../../schema/address.ts";
import { type Json, valueAt } from "../../schema/json.ts";
import { interpolate } from "../../settings/interpolate.ts";
import type { Settings } from "../../settings/settings.ts";
import { type Block, blockAt } from "../../wait/blocks.ts";
import { addressesOf, databaseAt, probesFor } from "../../wait/needs.ts";
import type { Probe } from "../../wait/probe.ts";
import type { Address } from "../network/connect.ts";
import type { Login } from "../protocol/amqp.ts";
import type { RpcServer } from "./rpc-ping.ts";

/** One thing to ask, with nothing left to look up. May hold the service's passwords. */
export type Check =
  | { readonly ask: "target"; readonly target: Probe }
  | {
      readonly ask: "http";
      readonly place: Address;
      readonly path: string;
      readonly expect?: readonly number[];
      readonly token?: true;
      readonly workers?: string;
    }
  | ({ readonly ask: "rpc"; readonly brokers: readonly Address[]; readonly login: Login } & RpcServer)
  | { readonly ask: "connected"; readonly from: string; readonly to: readonly Address[] }
  | {
      readonly ask: "reported";
      readonly database: Probe;
      readonly binary: string;
      readonly host: string;
      readonly seconds: number;
    }
  | { readonly ask: "cache"; readonly place: Address }
  | { readonly ask: "broker"; readonly place: Address; readonly login: Login; readonly takes: boolean }
  | { readonly ask: "libvirt" | "socket"; readonly path: string }
  | { readonly ask: "mysql"; readonly place: Address; readonly user: string; readonly query?: string }
  | { readonly ask: "control"; readonly path: string; readonly command: string; readonly expect?: string }
  | { readonly ask: "ovsdb"; readonly path: string; readonly database: string; readonly beside?: string }
  | { readonly ask: "namespace"; readonly file: string }
  | {
      readonly ask: "proxies";
      readonly prefix: string;
      readonly program: string;
      readonly pids: string;
      readonly seconds: number;
    };

/** What to ask a running service, made from its rows and its settings at start. */
export type Question = {
  /** Process id of the service, which is plinth's own as long as it waits. */
  readonly pid: number;
  readonly alive: readonly Check[];
  readonly ready: readonly Check[];
  readonly depends: readonly Check[];
};

/** What this machine calls itself (proc_sys_kernel(5)). node:os is only for where that cannot be read: it takes a start longer. */
function ownHost(): string {
  try {
    return readFileSync("/proc/sys/kernel/hostname", "utf8").trimEnd();
  } catch {
    return process.getBuiltinModule("node:os").hostname();
  }
}

/** @returns the keys of a map, or one empty one where no map is asked for. */
const keysOf = (values: Json, path: string | undefined): readonly string[] =>
  path === undefined ? [""] : Object.keys(valueAt(values, path) ?? {});

const loginOf = ({ user, password, virtual_host: virtualHost }: Block<"amqp">): Login => ({
  user,
  password,
  virtualHost,
});

function checksOf(row: AskRow, settings: Settings): readonly Check[] {
  const { values } = settings;
  const fill = (text: string) => interpolate(text, values);
  const placeOf = ({ host = "127.0.0.1", port }: { readonly host?: string; readonly port: string }): Address => ({
    host: nearAddress(fill(host)),
    port: Number(fill(port)),
  });
  switch (row.ask) {
    case "http": {
      const { ask, path, expect, token, workers } = row;
      const more = { ...(expect ? { expect } : {}), ...(token ? { token } : {}), ...(workers ? { workers } : {}) };
      return [{ ask, place: placeOf(row), path, ...more }];
    }
    case "tcp":
    case "memcached": {
      const { host, port } = placeOf(row);
      const kind = row.ask;
      return [{ ask: "target", target: { kind, host, port, name: `${kind} ${host}:${port}` } }];
    }
    case "cache":
      return [{ ask: "cache", place: placeOf(row) }];
    case "connected": {
      const block = blockAt("connected", row.from, settings);
      return block ? [{ ask: "connected", from: row.from, to: addressesOf(block) }] : [];
    }
    case "rpc": {
      const { ask, exchange, topic, server, each, any, from } = row;
      const block = blockAt("amqp", from, settings);
      if (!block) return [];
      const asked = { ask, brokers: addressesOf(block), login: loginOf(block), exchange, topic };
      if (any) return [asked];
      return keysOf(values, each).map((key) => ({
        ...asked,
        // A name that the settings leave empty is the machine's own, as it is to the service.
        server: (server === undefined ? "" : `${fill(server)}${key}`) || ownHost(),
      }));
    }
    case "reported": {
      const { ask, binary, server, each, seconds, from } = row;
      if (!blockAt("mysql", from, settings)) return [];
      const database = databaseAt({ from }, settings);
      return keysOf(values, each).map((key) => ({ ask, database, binary, host: `${fill(server)}${key}`, seconds }));
    }
    case "broker": {
      const { ask, from, takes = false } = row;
      const place = placeOf(row);
      return Object.entries(blockAt("virtualHosts", from, settings) ?? {}).map(([virtualHost, login]) => ({
        ask,
        place,
        login: { ...login, virtualHost },
        takes,
      }));
    }
    case "mysql": {
      const { ask, socket, user, query } = row;
      const place = { host: "localhost", port: 0, path: socket };
      return [{ ask, place, user, ...(query === undefined ? {} : { query }) }];
    }
    default: {
      const { since: _since, until: _until, ...check } = row;
      return [check];
    }
  }
}

/** Makes the question of a service's rows from its settings. */
export function questionOf(row: HealthRow, needs: readonly NeedRow[], settings: Settings): Question {
  const all = (rows: readonly AskRow[] = []) => rows.flatMap((one) => checksOf(one, settings));
  // What a call over the broker finds out need not be asked again.
  const called = new Set(row.alive.flatMap((one) => (one.ask === "rpc" ? [one.from] : [])));
  const targets = (wanted: (need: NeedRow) => boolean): readonly Check[] =>
    probesFor(needs.filter(wanted), settings).map((target) => ({ ask: "target", target }));
  const isOptional = ({ optional }: NeedRow) => optional === true;
  return {
    pid: process.pid,
    alive: all(row.alive),
    ready: [
      ...all(row.ready),
      ...targets((need) => !isOptional(need) && !("from" in need && need.probe === "amqp" && called.has(need.from))),
      ...all(row.depends),
    ],
    depends: [...targets(({ probe }) => probe !== "file"), ...all(row.depends)],
  };
}

/** Where a start leaves the question for later health checks: they then need neither etcd nor the environment. */
export const questionPath = (service: string): string => `/run/plinth/health/${service}.json`;
