import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { type BakedDetails, type BakedImage, bakedFormat } from "./baked.ts";
import { imageMessage } from "./messages.ts";

type Opened = { readonly image: BakedImage; readonly details: () => BakedDetails };

const broken = (file: string, reason: string) =>
  failure([imageMessage("baked-broken", { file, reason }, { kind: "named", name: file })]);

/** @returns the object in a line, or undefined. The parser's own words quote the text, which may hold a static secret. */
function parse(line: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return value !== null && typeof value === "object" && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

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
    return failure([imageMessage("baked-format", message, { kind: "named", name: file })]);
  }
  if (!image["image"] || !image["pillar"] || !image["services"]) return broken(file, "parts of it are missing");
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
    image: image as unknown as BakedImage,
    details: () => {
      details ??= { ...nothing, ...(parse(text.slice(end + 1)) as Partial<BakedDetails> | undefined) };
      return details;
    },
  });
}
