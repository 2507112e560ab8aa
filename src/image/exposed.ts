import type { BakedImage } from "../baked/baked.ts";
import { valueAt } from "../schema/json.ts";
import { references } from "../settings/interpolate.ts";

/**
 * The ports that the services of an image listen at for others, ascending: what its pillar says, or the pillar's own value of the
 * dynamic parameter that stands there.
 */
export function exposedPorts(image: Pick<BakedImage, "services" | "pillar" | "parameters">): readonly number[] {
  const paths = Object.values(image.services).flatMap(({ ports }) => Object.values(ports).flatMap(references));
  const found = paths.flatMap((path) => {
    const value = valueAt(image.pillar, path);
    const parameter = typeof value === "string" ? /^\$(\w+)$/.exec(value)?.[1] : undefined;
    const port = Number(parameter === undefined ? value : image.parameters[parameter]);
    return Number.isInteger(port) && port > 0 ? [port] : [];
  });
  return [...new Set(found)].sort((one, other) => one - other);
}
