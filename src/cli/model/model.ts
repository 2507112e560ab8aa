import type { VerbGroup } from "../verb.ts";
import { check } from "./check.ts";
import { classes } from "./classes.ts";
import { diff } from "./diff.ts";
import { explain } from "./explain.ts";
import { nodes } from "./nodes.ts";
import { show } from "./show.ts";

export const model: VerbGroup = {
  name: "model",
  summary: "Look into the model (a reclass inventory) that every pillar is compiled from",
  examples: [
    ["plinth model show nova-controller", "the parameters of a node"],
    ["plinth model explain nova-controller nova:controller:workers", "where one of them comes from"],
    ["plinth model diff HEAD", "which images an edit changes"],
  ],
  verbs: [nodes, show, classes, explain, diff, check],
};
