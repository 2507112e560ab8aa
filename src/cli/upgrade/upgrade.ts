import type { VerbGroup } from "../verb.ts";
import { plan } from "./plan.ts";

export const upgrade: VerbGroup = {
  name: "upgrade",
  summary: "Upgrade the model's cloud to another release of OpenStack",
  examples: [["plinth upgrade plan --from 2025.1 --to 2026.1", "what to do, and in which order"]],
  verbs: [plan],
};
