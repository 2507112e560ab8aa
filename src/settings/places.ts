import type { Place } from "../diagnostics/diagnostic.ts";
import { placeText as frame } from "../diagnostics/frame.ts";

/** A place in the model: which of the files, line and column (1-based). */
export type Position = readonly [file: number, line: number, column: number];

/** Where things stand in the model: looked at only when there is something to complain about or to explain. */
export type Places = {
  /** The files of the model that positions are in, as they were named when the image was baked. */
  readonly files: readonly string[];
  /** Path from the role's root to its position; paths that are not here were filled by a default. */
  readonly positions: Readonly<Record<string, Position>>;
  /** The same for the pillar's `parameters`. */
  readonly parameters?: Readonly<Record<string, Position>>;
  /** Paths whose value is another path's (`api_database.host`: `database.host`). */
  readonly copied?: Readonly<Record<string, string>>;
};

/**
 * @returns a position as a diagnostic has it, or undefined where there is none. What no file of the model says has a name
 * in parentheses in place of a file: `(command line)`.
 */
export function placeAt({ files }: Places, position: Position | undefined): Place | undefined {
  if (!position) return undefined;
  const [index, line, column] = position;
  const file = files[index];
  if (file === undefined) return undefined;
  return file.startsWith("(") ? { kind: "named", name: file } : { kind: "document", file, line, column };
}

/** @returns a position as `model/classes/nova/controller.yml:12:5`, or undefined where there is none. */
export function placeText(places: Places, position: Position | undefined): string | undefined {
  const place = placeAt(places, position);
  return place && frame(place).at;
}
