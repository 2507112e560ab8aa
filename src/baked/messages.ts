import { catalog } from "../diagnostics/catalog.ts";

/** What can be wrong with the file that an image carries. */
export const bakedMessage = catalog({
  "baked-broken": {
    failure: "configuration",
    what: ({ file, reason }: { file: string; reason: string }) => `${file} is not a baked image: ${reason}`,
    fix: () => "bake it again: plinth bake --node NODE --output FILE",
  },
  "baked-format": {
    failure: "configuration",
    what: ({ file, format, known }: { file: string; format: number; known: number; plinth: string }) =>
      `${file} has format ${format}; this plinth reads format ${known}`,
    fix: ({ plinth }: { file: string; format: number; known: number; plinth: string }) =>
      `bake the image again with this plinth (it was baked by plinth ${plinth})`,
  },
});
