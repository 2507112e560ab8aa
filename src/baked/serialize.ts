import type { BakedDetails, BakedImage } from "./baked.ts";

/**
 * The text of a baked image: two lines of JSON. A start reads the first only; the second, which is larger, is parsed when
 * there is something to explain. JSON has no raw newline, so the first newline ends the first value.
 */
export const serialize = (image: BakedImage, details: BakedDetails): string =>
  `${JSON.stringify(image)}\n${JSON.stringify(details)}\n`;
