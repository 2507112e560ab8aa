import { dirname, join } from "node:path";
import type { Result } from "../diagnostics/diagnostic.ts";
import { readText, textIfThere } from "../host/files.ts";
import { type Baked, bake } from "../image/bake.ts";
import { type Arguments, text } from "./verb.ts";
import { version } from "./version.ts";

/** Templates come along with the binary: /opt/plinth/bin/plinth, /opt/plinth/share/config-templates. */
const templatesBeside = (): string => join(dirname(process.execPath), "../share/config-templates");

/** Reads a pillar and its templates, and bakes them. */
export function bakePillar(args: Arguments): Result<Baked> {
  const file = text(args, "pillar") ?? "";
  const read = readText(file, "name the pillar with --pillar FILE");
  if (!read.ok) return read;
  const folder = text(args, "templates") ?? templatesBeside();
  const load = (name: string): string | undefined => textIfThere(join(folder, name));
  const source = { text: read.value, file, imageName: text(args, "image-name"), release: text(args, "release") };
  return bake({ ...source, load }, version);
}
