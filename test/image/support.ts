import { success } from "../../src/diagnostics/diagnostic.ts";
import type { Templates } from "../../src/image/bake.ts";

/** No templates at all: what baking does with the pillar itself is what is looked at. */
export const noTemplates: Templates = {
  compile: () => success({ templates: {}, sources: {} }),
  trace: () => success([]),
};
