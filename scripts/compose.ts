import { writeFileSync } from "node:fs";
import { composeText } from "../src/compose/write.ts";
import { describeNamed, tellWrong } from "./stack/model.ts";

/** The project's own deployment as a project of Docker Compose: `make golden` writes it, and a test compares it. */
export function ownCompose(): string {
  const described = describeNamed({});
  if (!described.ok) process.exit(tellWrong(described.diagnostics));
  return composeText(described.value, { by: "make golden", secretsDirectory: "build/stack/secrets" });
}

if (import.meta.main) writeFileSync("compose.yaml", ownCompose());
