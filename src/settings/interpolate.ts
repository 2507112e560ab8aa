import { type Json, valueAt } from "../schema/json.ts";

const reference = /\{([a-z][\w-]*(?:\.[\w-]+)*)\}/g;

/** @returns the settings paths that a text refers to: `{database.host}`. */
export const references = (text: string): readonly string[] =>
  [...text.matchAll(reference)].map((match) => match[1] as string);

/**
 * Replaces each `{settings.path}` by its value. That the paths exist and hold scalars is held when an image is baked:
 * anything else here is our own mistake.
 */
export const interpolate = (text: string, values: Json): string =>
  text.replace(reference, (_, path: string) => {
    const value = valueAt(values, path);
    if (value === undefined || value === null || typeof value === "object") {
      throw new Error(`{${path}} in ${JSON.stringify(text)} names no scalar setting`);
    }
    return String(value);
  });

/** @returns the settings paths that a service's command and environment name. */
export const namedBy = (service: {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}): readonly string[] => [...service.command, ...Object.values(service.environment)].flatMap(references);
