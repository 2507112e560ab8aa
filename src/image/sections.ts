import type { BakedFile } from "../baked/baked.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { TracedFile } from "../render/rendered.ts";
import { imageMessage } from "./messages.ts";

/**
 * @returns the sections that a file has twice: a name of the pillar (a back end of cinder) that is also one of the
 * service's own sections would change what stands there. oslo.config takes names of sections in any case, but DEFAULT.
 */
export function repeatedSections(traced: readonly TracedFile[], files: readonly BakedFile[]): readonly Diagnostic[] {
  const oslo = new Set(files.filter(({ dialect }) => dialect === "oslo").map(({ path }) => path));
  return traced
    .filter(({ path }) => oslo.has(path))
    .flatMap(({ path, masked }) => {
      const names = [...masked.matchAll(/^\[(.+)\]$/gm)].map((match) => match[1] as string);
      const same = names.map((name) => name.toLowerCase());
      const repeated = new Set(names.filter((_, index) => same.indexOf(same[index] as string) < index));
      return [...repeated].map((section) =>
        imageMessage("section-repeated", { file: path, section }, { kind: "named", name: path }),
      );
    });
}
