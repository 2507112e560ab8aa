import { integer, list, type SectionField, section, string } from "../schema/field.ts";
import { namesIn, parseParts } from "./placeholder.ts";

/** Where the settings hold the pillar's `wait` block; no role's schema has a key of this name (a test holds it). */
export const waitKey = "wait";
export const parametersKey = "parameters";

/** Seconds that a start waits in all when nothing else is said. */
export const usualSeconds = 300;

/** What every pillar may say beside its component: how long a start waits, and for what beside the service's own needs. */
export const waitSchema = section("Waiting for what the service needs, before it is started.", {
  timeout: integer("Seconds until plinth gives up with status 75.", {
    default: usualSeconds,
    minimum: 1,
    maximum: 86400,
  }),
  for: list(
    "Further things to wait for, as URLs: tcp, http, https, mysql, amqp, memcached, etcd, file.",
    string(
      "For instance tcp://host:port, http://host:port/path#expect=200, file:///path. $NAME may stand for any part.",
    ),
    { default: [] },
  ),
});

// scheme://user:password@
const password = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@:]*:(?<password>[^@]*)@/i;

/** @returns the names that stand in a URL's password, and whether there is a password written out. */
export function passwordOf(url: string): { readonly names: readonly string[]; readonly written: boolean } {
  const found = password.exec(url)?.groups?.["password"] ?? "";
  const parts = parseParts(found);
  if ("malformedAt" in parts) return { names: [], written: true };
  return { names: namesIn(parts), written: parts.some((part) => typeof part === "string") };
}

/** The role's schema with the settings that every pillar has: what the settings' paths are measured by. */
export const settingsSchema = <Role extends SectionField>(role: Role) => ({
  ...role,
  fields: { ...role.fields, [waitKey]: waitSchema },
});
