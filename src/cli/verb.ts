import type { Diagnostic, Result } from "../diagnostics/diagnostic.ts";
import type { Log } from "../host/log.ts";
import type { Redact } from "../settings/redact.ts";
import type { Settings } from "../settings/settings.ts";

/** One option of a verb, as a row: `start` reads its own (start-words.ts), all others go through yargs. */
export type OptionRow = {
  readonly type: "string" | "boolean";
  readonly describe: string;
  readonly default?: string | boolean;
  readonly choices?: readonly string[];
  /** Another name for it. Not for options of `start`. */
  readonly alias?: string;
};

export type Options = Readonly<Record<string, OptionRow>>;

/** What came on the command line, by the options' own names; `_` are the positional words, `--` those after it. */
export type Arguments = {
  readonly _: readonly string[];
  readonly "--": readonly string[];
  readonly [name: string]: unknown;
};

/** What a verb may touch. */
export type Context = {
  /** The variables that plinth was started with, by their names. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The same as they came, `NAME=VALUE` each: what is passed on. */
  readonly passed: readonly string[];
  readonly log: Log;
  /** To standard output. Control characters are shown as escapes, unless the text is to be `exact`. */
  readonly print: (text: string, how?: { readonly exact: boolean }) => void;
  /** Logs diagnostics. @returns the exit status they give. */
  readonly report: (diagnostics: readonly Diagnostic[]) => number;
  /** From here on no log line shows a secret of these settings, or one of these secrets. */
  readonly protect: (secrets: Settings | readonly string[]) => void;
  /** Takes the secrets that are protected out of a text that does not go to the log. */
  readonly redact: Redact;
  /** `last` is called when a signal ends plinth. */
  readonly ending: { last: (signal: string) => void };
};

export type Verb = {
  readonly name: string;
  readonly summary: string;
  /** Positional words in yargs' notation, such as `<service>` or `[words..]`. */
  readonly positional: string;
  readonly options: Options;
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly run: (args: Arguments, context: Context) => Promise<number>;
  /** What completion offers for the next positional word, options aside. Called at each Tab, so it must be quick. */
  readonly offers?: (args: Arguments, context: Context) => readonly string[];
};

/** A word before other verbs: `plinth model nodes`. */
export type VerbGroup = {
  readonly name: string;
  readonly summary: string;
  readonly examples: Verb["examples"];
  readonly verbs: readonly Verb[];
};

/** @returns the value of an option that is a text, or undefined; of one that was given twice, the last. */
export const text = (args: Arguments, name: string): string | undefined => {
  const value = [args[name]].flat().at(-1);
  return typeof value === "string" ? value : undefined;
};

/** @returns the values of an option that may be given several times. */
export const texts = (args: Arguments, name: string): readonly string[] =>
  [args[name]].flat().filter((value) => typeof value === "string");

/** Logs a result's warnings. @returns its value, or the exit status of its errors. */
export function valueOrStatus<T>(
  result: Result<T>,
  context: Context,
): { readonly value: T } | { readonly status: number } {
  if (!result.ok) return { status: context.report(result.diagnostics) };
  if (result.warnings.length > 0) context.report(result.warnings);
  return { value: result.value };
}
