import { exitStatus, statusOf } from "../diagnostics/exit-status.ts";
import { visible } from "../diagnostics/visible.ts";
import { startingEnvironment, variablesOf } from "../host/environment.ts";
import { logDiagnostics, openLog } from "../host/log.ts";
import { standardOutput, writeAll } from "../host/output.ts";
import { deliverPendingSignals } from "../host/process/signals.ts";
import { checkVariables } from "../overlay/variables.ts";
import { openProtection } from "./protect.ts";
import { execUnlessService, start } from "./start.ts";
import { parseStart } from "./start-words.ts";
import type { Context } from "./verb.ts";

/** Whoever reads our output may have gone (`plinth explain ... | head`): that is not our failure. */
function print(text: string, { exact }: { readonly exact: boolean } = { exact: false }): void {
  const shown = exact ? text : visible(text);
  writeAll(standardOutput, shown.endsWith("\n") ? shown : `${shown}\n`);
}

/** Verbs that read the environment of a container. Health checks do, too, but they come by the second and say one thing only. */
const surrounded = new Set(["start", "render", "explain", "wait", "watch", "check"]);

/** Verbs that may compute for seconds. */
const computing = new Set([
  ...["model", "bake", "render", "check", "explain", "timeline"],
  ...["compose", "manifests", "graph", "secrets"],
]);

/**
 * Runs plinth with these words and ends the process with the status that comes of it. A thrown error is our bug: 70,
 * with the stack.
 *
 * `start` does not load yargs: it is what every container waits for, and yargs costs as much as a third of Node's boot.
 *
 * @param ending its `last` is called when a signal ends plinth.
 */
export async function run(words: readonly string[], ending: { last: (signal: string) => void }): Promise<void> {
  const started = startingEnvironment();
  const environment = started.ok ? variablesOf(started.value) : {};
  const { redact, protect } = openProtection(environment);
  const log = openLog(environment, redact.ours);
  const context: Context = {
    environment,
    passed: started.ok ? started.value : [],
    log,
    print,
    report(diagnostics) {
      logDiagnostics(log, diagnostics);
      return statusOf(diagnostics);
    },
    protect,
    redact,
    ending,
  };
  try {
    if (!started.ok) process.exit(context.report(started.diagnostics));
    if (surrounded.has(words[0] ?? "")) context.report(checkVariables(environment));
    if (process.pid === 1 && computing.has(words[0] ?? "")) {
      const { runAsChild } = await import("./process-one.ts");
      process.exit(await runAsChild(words, context.passed));
    }
    const straight = words[0] === "start" ? parseStart(words.slice(1)) : undefined;
    if (words[0] === "start" && !straight) await execUnlessService(words.slice(1), context);
    const status = straight
      ? await start.run(straight, context)
      : await (await import("./words.ts")).dispatch(words, context);
    await deliverPendingSignals();
    process.exit(status);
  } catch (error) {
    const { message, stack = "" } = error instanceof Error ? error : new Error(String(error));
    const frames = stack.split("\n").filter((line) => /^ +at /.test(line));
    log.error(
      { code: "bug", fix: "report it, with this line and what was run", stack: frames.join("\n") },
      `plinth itself failed: ${redact.theirs(message)}`,
    );
    process.exit(exitStatus.bug);
  }
}
