import type { VerbGroup } from "../verb.ts";
import { diff } from "./diff.ts";

export const release: VerbGroup = {
  name: "release",
  summary: "Compare OpenStack's releases, by what plinth knows of them",
  examples: [["plinth release diff 2025.1 2026.1", "what an upgrade brings"]],
  verbs: [diff],
};
