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
  "backup-failed": {
    failure: "dependency",
    what: ({ path, reason }: { path: string; reason: string }) => `no backup of the databases in ${path}: ${reason}`,
    fix: () => "make room, let the database work (make status), and run the same again. Nothing was changed yet",
  },
  "upgrade-held": {
    failure: "dependency",
    what: ({ holder, waited }: { holder: string; waited: number }) =>
      `another upgrade of this cloud is at work, and did not end within ${waited} s: ${holder}`,
    fix: () => "let it end, or end that process: the lock ends with it. More time: --timeout",
  },
});
