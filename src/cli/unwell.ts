import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { startingEnvironment, variablesOf } from "../host/environment.ts";
import { logDiagnostics, openLog } from "../host/log.ts";

/** Logs what a health check found. Its words hold no secret: they are addresses, names and what servers say. */
export function report(diagnostics: readonly Diagnostic[]): void {
  const started = startingEnvironment();
  const environment = started.ok ? variablesOf(started.value) : {};
  logDiagnostics(
    openLog(environment, (line) => line),
    diagnostics,
  );
}
