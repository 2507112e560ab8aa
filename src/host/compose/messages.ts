import { catalog } from "../../diagnostics/catalog.ts";

/** What can go wrong between plinth and Docker Compose. */
export const composeMessage = catalog({
  "engine-command-failed": {
    failure: "dependency",
    what: ({ command, reason }: { command: string; reason: string }) => `${command} failed: ${reason}`,
    fix: () => "let the container engine do that first; then run the same again: it goes on where it was",
  },
  "engine-command-missing": {
    failure: "configuration",
    what: ({ command, reason }: { command: string; reason: string }) => `${command} cannot be run: ${reason}`,
    fix: () => "install Docker with Compose v2, or say by --engine what it is called",
  },
});
