import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { deploymentMessage } from "../../src/deployment/messages.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import type { Deployment } from "./deployment.ts";

/** A network that this machine reaches otherwise than by its gateway: `172.31.0.0/16` by `eth1`. */
export type Route = { readonly device: string; readonly first: number; readonly mask: number };

const texts = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
const bits = (mask: number): number => mask.toString(2).replaceAll("0", "").length;
export const routeText = ({ first, mask }: Route): string => `${texts(first)}/${bits(mask)}`;

/** The kernel prints the four bytes of an address, as they are in memory, as one hexadecimal number (net/ipv4/fib_trie.c). */
const swapped = (text: string): number => Buffer.from(text, "hex").readUInt32LE();

/** Reads /proc/net/route. The default route, which leads everywhere, is left out. */
export const readRoutes = (text: string): readonly Route[] =>
  text
    .split("\n")
    .slice(1)
    .map((line) => line.split(/\s+/))
    .filter((columns) => columns.length > 7)
    .map(([device = "", first = "", , , , , , mask = ""]) => ({ device, first: swapped(first), mask: swapped(mask) }))
    .filter(({ mask }) => mask !== 0);

/** @returns the first route that has an address of a /24 network, whose first three numbers are `prefix`. */
export function overlapping(prefix: string, routes: readonly Route[]): Route | undefined {
  const [one = 0, two = 0, three = 0] = prefix.split(".").map(Number);
  const first = ((one << 24) | (two << 16) | (three << 8)) >>> 0;
  return routes.find((route) => {
    const mask = (route.mask & 0xffffff00) >>> 0;
    return (first & mask) >>> 0 === (route.first & mask) >>> 0;
  });
}

/** The devices of the networks that the deployment itself has already. */
function ownDevices({ engine, name }: Deployment): readonly string[] {
  const words = ["network", "ls", "--filter", `label=com.docker.compose.project=${name}`, "--format", "{{.ID}}"];
  const { stdout } = spawnSync(engine, words, { encoding: "utf8" });
  return (stdout ?? "").split("\n").flatMap((id) => (id === "" ? [] : [`br-${id.slice(0, 12)}`]));
}

/** @returns which of a deployment's networks have addresses that this machine reaches elsewhere: that would be cut off. */
export function networksTaken(deployment: Deployment, routes = readRoutes(readFileSync("/proc/net/route", "utf8"))) {
  const own = ownDevices(deployment);
  const others = routes.filter(({ device }) => !own.includes(device));
  const { network, outside, places } = deployment;
  const asked = [
    { prefix: network, place: places.network, path: "_param:network", variable: "STACK_NETWORK" },
    { prefix: outside, place: places.outside, path: "_param:outside_network", variable: "OUTSIDE_NETWORK" },
  ];
  return asked.flatMap(({ prefix, place, path, variable }): readonly Diagnostic[] => {
    const route = overlapping(prefix, others);
    if (!route) return [];
    const message = { prefix, path, variable, other: routeText(route), device: route.device };
    return [{ ...deploymentMessage("network-overlaps", message, place), path }];
  });
}
