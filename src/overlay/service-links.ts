import type { Given, Layer } from "./layer.ts";

/**
 * Variables that nobody set for plinth: Kubernetes gives each pod the address of every Service of its namespace
 * (https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables), and Docker's links did the same
 * before (https://docs.docker.com/engine/network/links/). A Service called `service-database` makes
 * SERVICE_DATABASE_SERVICE_HOST=10.96.0.10, SERVICE_DATABASE_SERVICE_PORT=3306, SERVICE_DATABASE_PORT=tcp://10.96.0.10:3306,
 * SERVICE_DATABASE_PORT_3306_TCP=tcp://10.96.0.10:3306 and SERVICE_DATABASE_PORT_3306_TCP_ADDR, _PORT and _PROTO.
 *
 * The names of some of them promise something else than what is in them: those values are never meant (`linkOf`). The others
 * are what their names say, and a pillar may name them on purpose, but nobody chose them: they are the weakest of what a
 * container is given (`linksLayer`).
 */

type Environment = Readonly<Record<string, string | undefined>>;

const address = /^(?:tcp|udp|sctp):\/\/(?:[\d.]+|\[[0-9a-f:.]+\]|[0-9a-f]*(?::[0-9a-f]*){2,}):\d+$/i;
const addressName = /^(.+)_PORT(?:_\d+_(?:TCP|UDP|SCTP))?$/;
/** What Docker's links call the link itself: `DB_NAME=/web/db`. */
const docker = /^\/[^/\s]+\/[^/\s]+$/;

const isAddress = (text: string | undefined): text is string => text !== undefined && address.test(text);

/**
 * @returns the name of the Service whose link a variable is, where its value is none for a parameter: an address as a URL in
 * what should be a port, the name of a link in what should be a name. Undefined for everything else.
 */
export function linkOf(name: string, environment: Environment): string | undefined {
  const value = environment[name];
  // A name may be that of something every object has (`constructor`).
  if (typeof value !== "string") return undefined;
  // At a start most values are none, and a regular expression that is never run is never compiled.
  if (!value.includes("://") && !value.startsWith("/")) return undefined;
  const [, base] = addressName.exec(name) ?? [];
  if (base !== undefined && isAddress(value)) return serviceName(base);
  const owner = name.endsWith("_NAME") ? name.slice(0, -"_NAME".length) : "";
  return owner !== "" && docker.test(value) && isAddress(environment[`${owner}_PORT`]) ? serviceName(owner) : undefined;
}

/** How a Service is called whose variables begin with this (kubelet's makeEnvVariableName, backwards). */
const serviceName = (base: string): string => base.toLowerCase().replaceAll("_", "-");

const part =
  /^(.+?)_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:ADDR|PORT|PROTO))?)?|NAME|ENV_\w+)$/;

/** @returns whether a variable is a part of a Service's link, whatever is in it. */
export function isLinkName(name: string, environment: Environment): boolean {
  const [, base] = part.exec(name) ?? [];
  return base !== undefined && (isAddress(environment[`${base}_PORT`]) || !!environment[`${base}_SERVICE_HOST`]);
}

/** `X_SERVICE_HOST` and `X_SERVICE_PORT`, where they are what the Service's own `X_PORT` says. */
function isOffered(name: string, environment: Environment): boolean {
  if (!name.endsWith("_SERVICE_HOST") && !name.endsWith("_SERVICE_PORT")) return false;
  const [, base, what] = /^(.+)_SERVICE_(HOST|PORT)$/.exec(name) ?? [];
  const whole = environment[`${base}_PORT`];
  if (!isAddress(whole)) return false;
  const [, host = "", port] = /^\w+:\/\/\[?([^\]]+?)\]?:(\d+)$/.exec(whole) ?? [];
  return environment[name] === (what === "HOST" ? host : port);
}

/** @returns for each name that a Service's link fills as it is meant, what it gives. */
export function linksLayer(names: Iterable<string>, environment: Environment): Layer {
  const layer = new Map<string, Given>();
  for (const name of names) {
    if (!isOffered(name, environment)) continue;
    const text = environment[name] ?? "";
    layer.set(name, { text, origin: { from: "environment", place: `${name} (the link of a Service)` } });
  }
  return layer;
}

/** @returns whether a variable was set by a Service's link: it counts in the layer of links, or not at all. */
export const isLinked = (name: string, environment: Environment): boolean =>
  linkOf(name, environment) !== undefined || isOffered(name, environment);
