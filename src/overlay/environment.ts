import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { ReadFile } from "./etcd-settings.ts";
import type { Given, Layer } from "./layer.ts";
import { overlayMessage } from "./messages.ts";
import { withoutLastNewline } from "./secret-file.ts";
import { isLinked, linkOf } from "./service-links.ts";
import type { Environment } from "./variables.ts";

/**
 * The strongest layer: for each name the variable of that name, or the file that `NAME_FILE` points to. What the link of a
 * Service set (service-links.ts) is not here; where it can only be a mistake, a warning says so.
 *
 * @param readFile reads a text file; its diagnostics are passed on, with the variable in `use`.
 */
export function environmentLayer(names: Iterable<string>, environment: Environment, readFile: ReadFile): Result<Layer> {
  const layer = new Map<string, Given>();
  const diagnostics: Diagnostic[] = [];
  const warnings: Diagnostic[] = [];
  const value = (name: string): string | undefined =>
    Object.hasOwn(environment, name) ? environment[name] : undefined;
  for (const name of names) {
    const link = linkOf(name, environment);
    if (link !== undefined) {
      const message = { name, value: value(name) ?? "", service: link };
      warnings.push(overlayMessage("service-link", message, { kind: "named", name: `environment variable ${name}` }));
    }
    const text = isLinked(name, environment) ? undefined : value(name);
    const path = value(`${name}_FILE`);
    const place = { kind: "named", name: `environment variable ${name}_FILE` } as const;
    if (path === undefined) {
      if (text !== undefined) layer.set(name, { text, origin: { from: "environment", place: name } });
    } else if (text !== undefined) diagnostics.push(overlayMessage("parameter-twice", { name }, place));
    else if (path === "") diagnostics.push(overlayMessage("parameter-file-empty", { name }, place));
    else {
      const use = `${name}_FILE names this file for ${name}: mount it, or set ${name} instead`;
      const file = readFile(path, use, `${name}_FILE`);
      if (file.ok) layer.set(name, { text: withoutLastNewline(file.value), origin: { from: "file", place: path } });
      else diagnostics.push(...file.diagnostics);
    }
  }
  return diagnostics.length > 0 ? failure([...diagnostics, ...warnings]) : success(layer, warnings);
}
