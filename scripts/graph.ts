import { writeFileSync } from "node:fs";
import { graphOf } from "../src/graph/graph.ts";
import { svgOf } from "../src/graph/svg.ts";
import { describeNamed, tellWrong } from "./stack/model.ts";

export const picture = "docs/pictures/deployment.svg";

/** The project's own deployment as the README shows it: `make golden` writes it, and a test compares it. */
export function ownPicture(): string {
  const described = describeNamed({});
  if (!described.ok) process.exit(tellWrong(described.diagnostics));
  return svgOf(graphOf(described.value));
}

if (import.meta.main) writeFileSync(picture, ownPicture());
