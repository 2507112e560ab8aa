import type { BakedService } from "../image/baked.ts";
import { interpolate } from "../settings/interpolate.ts";
import type { Settings } from "../settings/settings.ts";

/** What plinth becomes: the words of the command and the environment it is given. */
export type HandOver = {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};

/** plinth's own variables, none of which the service has a use for. */
const own = /^PLINTH_/;

/**
 * The environment of the service: the container's, less plinth's own variables and less every variable that filled a
 * secret (`NAME` and `NAME_FILE`): what is in a file of mode 0640 need not stand in /proc/PID/environ as well.
 */
function passedOn(environment: Readonly<Record<string, string | undefined>>, secretNames: ReadonlySet<string>) {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || own.test(name)) continue;
    if (secretNames.has(name) || (name.endsWith("_FILE") && secretNames.has(name.slice(0, -"_FILE".length)))) continue;
    passed[name] = value;
  }
  return passed;
}

/**
 * Plans how plinth becomes `service`.
 *
 * @param instead words to run in place of the service's own command, in the same surroundings.
 * @param keepSecrets pass the whole environment on.
 */
export function planHandOver(
  service: BakedService,
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  instead: readonly string[],
  keepSecrets: boolean,
): HandOver {
  const { values } = settings;
  const base = keepSecrets ? (environment as Record<string, string>) : passedOn(environment, settings.secretNames);
  const added = Object.entries(service.environment).map(([name, text]) => [name, interpolate(text, values)]);
  return {
    command: instead.length > 0 ? instead : service.command.map((word) => interpolate(word, values)),
    environment: { ...base, ...Object.fromEntries(added) },
  };
}
