import { grantedDatabase, identifier } from "./literal.ts";
import {
  allowedHosts,
  cellDatabaseUrl,
  cellTransportUrl,
  databaseUrl,
  hostPort,
  httpUrl,
  ipv6,
  memcachedServers,
  servers,
  transportUrl,
  unspecified,
} from "./url.ts";
import { Lines, Unusable } from "./value.ts";

/** An option that repeats its key: one line for each item. */
const multi = (key: string, values: unknown): Lines | Unusable =>
  Array.isArray(values) ? new Lines(key, values) : new Unusable("it is not a list");

/** Pieces as one text, for files in which a value is a literal. */
function concat(...pieces: readonly unknown[]): string | Unusable {
  const unusable = pieces.find((piece) => piece instanceof Unusable || piece === null || piece === undefined);
  if (unusable instanceof Unusable) return unusable;
  return unusable === undefined && pieces.length > 0 ? pieces.join("") : new Unusable("a part of it is not set");
}

/** A mapping as `key:value,key:value`. */
function mappings(map: unknown): string | Unusable {
  if (map === null || typeof map !== "object") return new Unusable("it is no mapping");
  const entries = Object.entries(map);
  return entries.flat().some((text) => /[,:]/.test(String(text)))
    ? new Unusable("a name in it holds a comma or a colon, which separate names")
    : entries.map(([key, value]) => `${key}:${value}`).join(",");
}

/** The names in a mapping, as a list. */
const keys = (map: unknown): readonly string[] | Unusable =>
  map !== null && typeof map === "object" ? Object.keys(map) : new Unusable("it is no mapping");

/** What a template can call besides macros. Each gives a value, or an Unusable that says why there is none. */
export const functions = {
  databaseUrl,
  transportUrl,
  cellDatabaseUrl,
  cellTransportUrl,
  httpUrl,
  hostPort,
  servers,
  memcachedServers,
  allowedHosts,
  ipv6,
  unspecified,
  multi,
  identifier,
  grantedDatabase,
  concat,
  mappings,
  keys,
} as const;
