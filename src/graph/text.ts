import { visibleLine } from "../diagnostics/visible.ts";
import type { GraphService } from "./graph.ts";

/** The two characters that XML 1.0 has no way to write (https://www.w3.org/TR/xml/#charsets), control characters aside. */
const unwritable = /[\uFFFE\uFFFF]/g;

/** @returns a name as any format can hold it, in one line. What it would escape is left to the format. */
export const lineOf = (text: string): string =>
  visibleLine(text).replace(unwritable, (sign) => `\\u${sign.charCodeAt(0).toString(16)}`);

/** @returns the lines in a service's box: its name, what sets it apart, its ports. */
export function boxLines({ name, note, ports }: GraphService): readonly string[] {
  const listens = ports.map(({ port }) => port).join(", ");
  const reached = ports.flatMap(({ published }) => published).join(", ");
  return [name, note, listens, reached === "" ? "" : `at ${reached}`].filter((line) => line !== "");
}
