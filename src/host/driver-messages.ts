import { catalog } from "../diagnostics/catalog.ts";

/** What can go wrong when an upgrade is carried out, whatever engine runs the deployment. */
export const driverMessage = catalog({
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
  "database-elsewhere": {
    failure: "configuration",
    what: () => "the deployment has no database server of its own",
    fix: () => "make a backup of its databases by hand first: plinth makes one of its own server only",
  },
});
