import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { readSecretFile } from "../host/secret-file.ts";
import { environmentLayer } from "../overlay/environment.ts";
import type { Context } from "./verb.ts";

/**
 * The dynamic parameters that the words of a command line name, from the environment alone: the value of NAME, or what the file
 * that NAME_FILE names holds. What is wrong with one is added to `problems`.
 */
export function parametersOf(context: Context): {
  readonly value: (name: string) => string | undefined;
  readonly problems: readonly Diagnostic[];
} {
  const problems: Diagnostic[] = [];
  const known = new Map<string, string | undefined>();
  const value = (name: string): string | undefined => {
    if (known.has(name)) return known.get(name);
    known.set(name, undefined);
    const read = environmentLayer([name], context.environment, readSecretFile);
    if (read.ok) known.set(name, read.value.get(name)?.text);
    else problems.push(...read.diagnostics);
    return known.get(name);
  };
  return { value, problems };
}
