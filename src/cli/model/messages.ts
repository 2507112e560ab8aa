import { catalog } from "../../diagnostics/catalog.ts";

/** What can be wrong about how the verbs of a model were called. */
export const modelVerbMessage = catalog({
  "set-wrong": {
    failure: "usage",
    what: ({ given }: { given: string | undefined }) =>
      `--set takes PATH=VALUE, not ${given === undefined ? "a text without = (not shown: it may hold a secret)" : JSON.stringify(given)}`,
    fix: () => "write it as in --set _param:release=2026.1",
  },
});
