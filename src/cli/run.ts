import { exitStatus, statusOf } from "../diagnostics/exit-status.ts";
import { startingEnvironment, variablesOf } from "../host/environment.ts";
import { logDiagnostics, openLog } from "../host/log.ts";
import { standardOutput, writeAll } from "../host/output.ts";
import { slips } from "../overlay/variables.ts";
import type { Settings } from "../settings/settings.ts";
import { hiderOf } from "./protect.ts";
import { becomeInstead, parseStart, start } from "./start.ts";
import type { Context } from "./verb.ts";

/** Whoever reads our output may have gone (`plinth explain ... | head`): that is not our failure. */
const print = (text: string): void => void writeAll(standardOutput, text.endsWith("\n") ? text : `${text}\n`);

/** Verbs that read the environment of a container. Health checks do, too, but they come by the second and say one thing only. */
const surrounded = new Set(["start", "render", "explain", "wait", "watch", "check"]);

/**
 * Runs plinth with these words and ends the process with the status that comes of it. A thrown error is our bug: 70,
 * with the stack.
 *
 * `start` does not load yargs: it is what every container waits for, and yargs costs as much as a third of Node's boot.
 *
 * @param ending its `last` is called when a signal ends plinth.
 */
export async function run(words: readonly string[], ending: { last: (signal: string) => void }): Promise<void> {
  let hide = (text: string): string => text;
  const started = startingEnvironment();
  const environment = started.ok ? variablesOf(started.value) : {};
  const log = openLog(environment, (line) => hide(line));
  const context: Context = {
    environment,
    passed: started.ok ? started.value : [],
    log,
    print,
    report(diagnostics) {
      logDiagnostics(log, diagnostics);
      return statusOf(diagnostics);
    },
    protect(settings: Settings) {
      hide = hiderOf(settings);
    },
    ending,
  };
  try {
    if (!started.ok) process.exit(context.report(started.diagnostics));
    if (surrounded.has(words[0] ?? "")) context.report(slips(environment));
    const straight = words[0] === "start" ? parseStart(words.slice(1)) : undefined;
    if (words[0] === "start" && !straight) becomeInstead(words.slice(1), context);
    const status = straight
      ? await start.run(straight, context)
      : await (await import("./words.ts")).dispatch(words, context);
    process.exit(status);
  } catch (error) {
    log.error(
      {
        code: "bug",
        fix: "report it, with this line and what was run",
        stack: error instanceof Error ? error.stack : String(error),
      },
      `plinth itself failed: ${error instanceof Error ? error.message : String(error)}`,
    );
    process.exit(exitStatus.bug);
  }
}
