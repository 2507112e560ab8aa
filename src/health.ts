/** Where the binary begins for `plinth healthcheck`: see scripts/build/loader.ts. */
import { askQuickly } from "./cli/health-quickly.ts";
import { statusOf } from "./diagnostics/exit-status.ts";
import { startingWords } from "./host/environment.ts";
import { standardOutput, writeAll } from "./host/output.ts";

askQuickly(startingWords().slice(1)).then(
  async (found) => {
    if (found === undefined) return void import("./main.ts");
    if (found.ok) writeAll(standardOutput, `${found.value}\n`);
    else (await import("./cli/unwell.ts")).report(found.diagnostics);
    process.exit(found.ok ? 0 : statusOf(found.diagnostics));
  },
  // Our bug: the verb, which is asked the same, reports it as such.
  () => import("./main.ts"),
);
