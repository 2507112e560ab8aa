import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { HealthRow } from "../../openstack/component.ts";
import { interpolate } from "../../settings/interpolate.ts";
import { type Json, type Settings, valueAt } from "../../settings/settings.ts";
import { type Target, target } from "../../wait/probe.ts";
import { attempt } from "../probe/attempt.ts";
import { askBroker, type Broker } from "./broker.ts";
import { healthMessage } from "./messages.ts";

/** Tries a target once. @returns words for people. */
export async function askTarget(asked: Target, timeoutMs: number): Promise<Result<string>> {
  // A time of its own: keystone without its keys accepts the connection and never answers.
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  const outcome = await attempt(asked, stop.signal);
  clearTimeout(timer);
  return outcome.state === "ready"
    ? success(`${asked.name} is ready`)
    : failure([healthMessage("service-unhealthy", { asked: asked.name, reason: outcome.reason })]);
}

/** @returns the address to reach a service at that listens on `address`, from within its own container. */
function near(address: string): string {
  if (address === "0.0.0.0") return "127.0.0.1";
  return address === "::" ? "::1" : address;
}

function brokersAt(settings: Settings, from: string): readonly Broker[] {
  const block = valueAt(settings.values, from) as { readonly [key: string]: Json } | null | undefined;
  if (!block) return [];
  const { members } = block;
  return Array.isArray(members) && members.length > 0 ? (members as readonly Broker[]) : [block as unknown as Broker];
}

/**
 * Asks a running service itself, from within its container.
 *
 * @param timeoutMs for the answer.
 * @returns words for people, or why it is not healthy.
 */
export async function askHealth(row: HealthRow, settings: Settings, timeoutMs = 5000): Promise<Result<string>> {
  if (row.ask === "broker") {
    const brokers = brokersAt(settings, row.from);
    return brokers.length > 0 ? askBroker(brokers, timeoutMs) : success(`no broker in the settings (${row.from})`);
  }
  const host = near(interpolate(row.host ?? "127.0.0.1", settings.values));
  const port = Number(interpolate(row.port, settings.values));
  if (row.ask === "tcp") return askTarget(target({ kind: "tcp", host, port }), timeoutMs);
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}${row.path}`;
  return askTarget(target({ kind: "http", url, expect: row.expect }), timeoutMs);
}
