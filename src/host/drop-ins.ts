import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** @returns the paths of the drop-in files in a directory, in the order in which oslo.config reads them; none where it is not there. */
export function dropInsIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".conf") && !name.startsWith("."))
      .sort()
      .map((name) => join(directory, name));
  } catch {
    return [];
  }
}

/** @returns the text of a drop-in file; nothing where it cannot be read. */
export function dropInText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
