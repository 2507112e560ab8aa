import { fstatSync } from "node:fs";
import { type LogFn, type Logger, pino, stdTimeFunctions } from "pino";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { placeText } from "../diagnostics/frame.ts";
import { visible, visibleLine } from "../diagnostics/visible.ts";
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

/**
 * One readable line, with the facts behind it; what has several lines of its own (a code frame, a stack) is indented under it.
 * No value can end the line, or move the cursor.
 */
function readable(json: string): string {
  const {
    level,
    time,
    msg,
    pid: _pid,
    name: _name,
    frame,
    stack,
    through,
    fix,
    ...facts
  } = JSON.parse(json) as Record<string, unknown>;
  const rest = Object.entries(facts)
    .map(([key, value]) => `${key}=${visibleLine(typeof value === "string" ? value : JSON.stringify(value))}`)
    .join(" ");
  const clock = String(time).slice(11, 23);
  const lines = [
    `${clock} ${level === "info" ? "" : `${String(level)}: `}${visibleLine(String(msg))}${rest ? `  (${rest})` : ""}`,
  ];
  for (const text of [frame, stack]) {
    if (typeof text === "string") lines.push(...text.split("\n").map((line) => `    ${visibleLine(line)}`));
  }
  if (typeof through === "string") lines.push(`    reached through: ${visibleLine(through)}`);
  if (typeof fix === "string") lines.push(`    fix: ${visibleLine(fix)}`);
  return `${lines.join("\n")}\n`;
}

/** The same with every text in it changed. Keys are our own words, and stay. */
function withTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === "string") return change(value);
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((item) => withTexts(item, change));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withTexts(item, change)]));
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
 * @param hide takes secrets out of a text, whoever put them there (the second line of defence). It is given each value before
 * there is a line: a secret that reads like a part of one (`time`, `"`) cannot break it.
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
    hooks: {
      logMethod(this: Logger, parts: unknown[], method: LogFn) {
        method.apply(this, parts.map((part) => withTexts(part, hide)) as Parameters<LogFn>);
      },
    },
  };
  // JSON escapes C0 itself; what is left stands within its texts, where the escapes read back as the same.
  const show = text ? readable : (line: string) => visible(line);
  return pino(options, { write: (line: string) => writeLine(show(line)) });
}

/** Logs diagnostics, each with its place and its fix. */
export function logDiagnostics(log: Log, diagnostics: readonly Diagnostic[]): void {
  for (const { code, severity, what, fix, place, path, node, through } of diagnostics) {
    const where = { ...(place ? placeText(place) : {}), ...(path === undefined ? {} : { path }) };
    const whose = { ...(node === undefined ? {} : { node }), ...(through ? { through } : {}) };
    const facts = { code, ...where, ...whose, fix };
    if (severity === "error") log.error(facts, what);
    else log.warn(facts, what);
  }
}
