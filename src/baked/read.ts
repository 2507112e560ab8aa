import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { isMapping, type Json } from "../schema/json.ts";
import { type BakedDetails, type BakedImage, bakedFormat } from "./baked.ts";
import { bakedMessage } from "./messages.ts";

type Opened = { readonly image: BakedImage; readonly details: () => BakedDetails };

const broken = (file: string, reason: string) =>
  failure([bakedMessage("baked-broken", { file, reason }, { kind: "named", name: file })]);

/** @returns the object in a line, or undefined. The parser's own words quote the text, which may hold a static secret. */
function parse(line: string): { readonly [key: string]: Json } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isMapping(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What stands in a baked image. A part that is added to its type and not here does not compile. */
const parts: Readonly<Record<keyof BakedImage, "number" | "string" | "list" | "mapping">> = {
  format: "number",
  plinth: "string",
  image: "mapping",
  account: "mapping",
  has: "mapping",
  pillar: "mapping",
  placeholders: "list",
  serviceSpecificPaths: "list",
  secrets: "list",
  secretNames: "list",
  parameters: "mapping",
  wait: "mapping",
  services: "mapping",
  templates: "mapping",
  templateCache: "string",
  options: "list",
  contents: "mapping",
};
const optional: readonly string[] = ["templateCache", "options", "contents"] satisfies readonly (keyof BakedImage)[];

const kindOf = (value: unknown): string =>
  Array.isArray(value) ? "list" : isMapping(value) ? "mapping" : typeof value;

/**
 * @returns whether all parts are there. What is in them is not looked at, since every start would pay for it: `plinth bake`
 * wrote them, of the format that was just compared.
 */
const isWhole = (image: object): image is BakedImage =>
  Object.entries(parts).every(([name, kind]) => {
    const value: unknown = Reflect.get(image, name);
    return kindOf(value) === kind || (value === undefined && optional.includes(name));
  });

/**
 * Reads a baked image. `details` parses the second line when it is first called; should that line be damaged, there are
 * just no places to tell.
 */
export function readBaked(text: string, file: string): Result<Opened> {
  const end = text.indexOf("\n");
  if (text.trim() === "") return broken(file, "it is empty");
  if (end < 0) return broken(file, "it ends within its first line");
  const image = parse(text.slice(0, end));
  if (!image) return broken(file, "its first line is not the JSON that plinth bake writes");
  const { format, plinth } = image;
  if (typeof format !== "number" || typeof plinth !== "string") return broken(file, "it says no format");
  if (format !== bakedFormat) {
    const message = { file, format, known: bakedFormat, plinth };
    return failure([bakedMessage("baked-format", message, { kind: "named", name: file })]);
  }
  if (!isWhole(image)) return broken(file, "parts of it are missing");
  let details: BakedDetails | undefined;
  const nothing: BakedDetails = {
    files: [],
    positions: {},
    parameters: {},
    copied: {},
    sources: {},
    contract: [],
    mutable: [],
  };
  return success({
    image,
    details: () => {
      details ??= { ...nothing, ...(parse(text.slice(end + 1)) as Partial<BakedDetails> | undefined) };
      return details;
    },
  });
}
