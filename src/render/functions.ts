import { identifier } from "./literal.ts";
import { databaseUrl, hostPort, httpUrl, memcachedServers, servers, transportUrl } from "./url.ts";
import { Lines, Unusable } from "./value.ts";

/** An option that repeats its key: one line for each item. */
const multi = (key: string, values: unknown): Lines | Unusable =>
  Array.isArray(values) ? new Lines(key, values) : new Unusable("it is not a list");

/** What a template can call besides macros. Each gives a value, or an Unusable that says why there is none. */
export const functions = {
  databaseUrl,
  transportUrl,
  httpUrl,
  hostPort,
  servers,
  memcachedServers,
  multi,
  identifier,
} as const;
