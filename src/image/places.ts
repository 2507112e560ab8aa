import type { Pillar } from "../pillar/compile.ts";
import { pointOf } from "../pillar/place.ts";
import type { Places, Position } from "../settings/places.ts";

/** @returns where the pillar's values stand in the model, each file named once. */
export function placesOf({ positions, parameters, copied }: Pillar): Required<Places> {
  const files = new Map<string, number>();
  const numbered = (places: Pillar["positions"]): Record<string, Position> =>
    Object.fromEntries(
      Object.entries(places).map(([path, at]) => {
        const { file, line, column } = pointOf(at);
        const index = files.get(file) ?? files.size;
        files.set(file, index);
        return [path, [index, line, column]];
      }),
    );
  const [values, own] = [numbered(positions), numbered(parameters.at)];
  return { files: [...files.keys()], positions: values, parameters: own, copied };
}
