import type { HealthRow } from "../../openstack/component.ts";
import { bracketed, nearAddress } from "../../schema/address.ts";
import { type Json, valueAt } from "../../schema/json.ts";
import { interpolate } from "../../settings/interpolate.ts";
import type { Settings } from "../../settings/settings.ts";
import { type Target, target } from "../../wait/probe.ts";
import type { Broker } from "./broker.ts";

/** What to ask a running service, with nothing left to look up; holds no secret. */
export type Question =
  | { readonly ask: "target"; readonly target: Target }
  | { readonly ask: "broker"; readonly from: string; readonly brokers: readonly Broker[] };

function brokersAt(settings: Settings, from: string): readonly Broker[] {
  const block = valueAt(settings.values, from) as { readonly [key: string]: Json } | null | undefined;
  if (!block) return [];
  const { members } = block;
  const found =
    Array.isArray(members) && members.length > 0 ? (members as readonly Broker[]) : [block as unknown as Broker];
  return found.map(({ host, port }) => ({ host, port }));
}

/** Makes the question of a service's row from its settings. */
export function questionOf(row: HealthRow, settings: Settings): Question {
  if (row.ask === "broker") return { ask: "broker", from: row.from, brokers: brokersAt(settings, row.from) };
  if (row.ask === "socket") {
    return { ask: "target", target: target({ kind: "tcp", host: "localhost", port: 0, path: row.path }) };
  }
  if (row.ask === "mysql") {
    const login = { user: row.user, password: "", database: "", schema: false };
    return { ask: "target", target: target({ kind: "mysql", host: "localhost", port: 0, path: row.socket, ...login }) };
  }
  const host = nearAddress(interpolate(row.host ?? "127.0.0.1", settings.values));
  const port = Number(interpolate(row.port, settings.values));
  if (row.ask !== "http") return { ask: "target", target: target({ kind: row.ask, host, port }) };
  const url = `http://${bracketed(host)}:${port}${row.path}`;
  return { ask: "target", target: target({ kind: "http", url, expect: row.expect }) };
}

/** Where a start leaves the question for later health checks: they then need neither etcd nor a secret. */
export const questionPath = (service: string): string => `/run/plinth/health/${service}.json`;
