import { bracketed } from "../schema/address.ts";
import { type Json, valueAt } from "../schema/json.ts";

/** `{settings.path}`, or `{[settings.path]}` for a host where a port or a path follows: an IPv6 address gets brackets then. */
const reference = /\{(\[)?([a-z][\w-]*(?:\.[\w-]+)*)\]?\}/g;

/** @returns the settings paths that a text refers to: `{database.host}`, `{[bind.address]}`. */
export const references = (text: string): readonly string[] =>
  [...text.matchAll(reference)].map((match) => match[2] as string);

/**
 * Replaces each `{settings.path}` by its value, and each `{[settings.path]}` by a host as it stands in a URL. Baking an image verifies that the paths exist and hold scalars:
 * anything else here is our own mistake.
 */
export const interpolate = (text: string, values: Json): string =>
  text.replace(reference, (whole, bracket: string | undefined, path: string) => {
    const value = valueAt(values, path);
    if (value === undefined || value === null || typeof value === "object") {
      throw new Error(`${whole} in ${JSON.stringify(text)} names no scalar setting`);
    }
    return bracket === undefined ? String(value) : bracketed(String(value));
  });

/** @returns the settings paths that a service's command and environment name. */
export const namedBy = (service: {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}): readonly string[] => [...service.command, ...Object.values(service.environment)].flatMap(references);
