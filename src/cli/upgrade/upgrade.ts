import type { VerbGroup } from "../verb.ts";
import { back } from "./back.ts";
import { plan } from "./plan.ts";
import { runVerb } from "./run.ts";

export const upgrade: VerbGroup = {
  name: "upgrade",
  summary: "Upgrade the model's cloud to another release of OpenStack",
  examples: [
    ["plinth upgrade plan --from 2025.1 --to 2026.1", "what to do, and in which order"],
    ["plinth upgrade run --from 2025.1 --to 2026.1 --directory cloud", "does it, to the cloud of cloud/compose.yaml"],
  ],
  verbs: [plan, runVerb, back],
};
