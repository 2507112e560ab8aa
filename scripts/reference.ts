/**
 * Writes the pages of docs/ that are made of the sources: commands, messages, decisions, and what each image needs
 * from where it runs (make golden). test/docs/reference.test.ts verifies that they are up to date.
 */
import { writeFileSync } from "node:fs";
import { commandsPage } from "./reference/commands.ts";
import { decisionsPage } from "./reference/decisions.ts";
import { messagesPage } from "./reference/messages.ts";
import { parametersPage } from "./reference/parameters.ts";

/** Each page's text, by its path. */
export const referencePages = async (): Promise<ReadonlyMap<string, string>> =>
  new Map([
    ["docs/commands.md", commandsPage()],
    ["docs/decisions/README.md", decisionsPage()],
    ["docs/errors.md", await messagesPage()],
    ["docs/image-parameters.md", parametersPage()],
  ]);

if (import.meta.main) for (const [path, text] of await referencePages()) writeFileSync(path, text);
