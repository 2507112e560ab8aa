import { fstatSync } from "node:fs";
import { type Logger, pino, stdTimeFunctions } from "pino";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { placeText } from "../diagnostics/frame.ts";
import { own, variables } from "../overlay/variables.ts";
import { writeAll } from "./output.ts";

export type Log = Logger;

const standardError = 2;

/** Major numbers of terminals (Linux, Documentation/admin-guide/devices.txt): the console, ttys, Unix98 pseudo-terminals. */
const terminals = new Set([4, 5, 136, 137, 138, 139, 140, 141, 142, 143]);

/** As isatty(3) would say, without node:tty, which loads all of node:net: a seventh of Node's own boot. */
function terminalLooksOn(): boolean {
  try {
    const { rdev } = fstatSync(standardError);
    return terminals.has((rdev >> 8) & 0xfff);
  } catch {
    return false;
  }
}

/** One readable line, with the facts behind it; multi-line text (a code frame) is indented under it. */
function readable(json: string): string {
  const {
    level,
    time,
    msg,
    pid: _pid,
    name: _name,
    frame,
    through,
    fix,
    ...facts
  } = JSON.parse(json) as Record<string, unknown>;
  const rest = Object.entries(facts)
    .map(([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
  const clock = String(time).slice(11, 23);
  const lines = [`${clock} ${level === "info" ? "" : `${String(level)}: `}${String(msg)}${rest ? `  (${rest})` : ""}`];
  if (typeof frame === "string") lines.push(...frame.split("\n").map((line) => `    ${line}`));
  if (typeof through === "string") lines.push(`    reached through: ${through}`);
  if (typeof fix === "string") lines.push(`    fix: ${fix}`);
  return `${lines.join("\n")}\n`;
}

/** Nobody reading our log any more is no reason to keep a service from starting. */
function writeLine(line: string): void {
  try {
    writeAll(standardError, line);
  } catch {}
}

/**
 * The log, on standard error: JSON lines, or text when a terminal looks on. `PLINTH_LOG_FORMAT` and `PLINTH_LOG_LEVEL` say
 * otherwise; of a value that they cannot have, `slips` warns.
 *
 * Written synchronously: execve(2) drops what is still buffered, and the last line before it is the one that matters.
 *
 * @param hide takes secrets out of a line, whoever put them there (the second line of defence).
 */
export function openLog(environment: NodeJS.ProcessEnv, hide: (text: string) => string): Log {
  const format = own(environment, "PLINTH_LOG_FORMAT");
  const wanted = own(environment, "PLINTH_LOG_LEVEL");
  const text = format === "text" || (format !== "json" && terminalLooksOn());
  const levels: readonly string[] = variables.PLINTH_LOG_LEVEL.choices;
  const level = wanted !== undefined && levels.includes(wanted) ? wanted : "info";
  const options = {
    level,
    base: { name: "plinth", pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return pino(options, { write: (line: string) => writeLine(hide(text ? readable(line) : line)) });
}

/** Logs diagnostics, each with its place and its fix. */
export function logDiagnostics(log: Log, diagnostics: readonly Diagnostic[]): void {
  for (const { code, severity, what, fix, place, through } of diagnostics) {
    const facts = { code, ...(place ? placeText(place) : {}), ...(through ? { through } : {}), fix };
    if (severity === "error") log.error(facts, what);
    else log.warn(facts, what);
  }
}
