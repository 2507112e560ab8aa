import type { BakedService } from "../baked/baked.ts";
import { interpolate } from "../settings/interpolate.ts";
import type { Settings } from "../settings/settings.ts";
import { withDropIns } from "./drop-ins.ts";

/** What plinth becomes: the words of the command and the environment it is given, `NAME=VALUE` each. */
export type HandOver = {
  readonly command: readonly string[];
  readonly environment: readonly string[];
};

/** plinth's own variables, none of which the service has a use for. */
const plinths = /^PLINTH_/;

const nameOf = (entry: string): string => entry.split("=", 1)[0] ?? "";

/**
 * The environment of the service: the container's, less plinth's own variables and less every variable that filled a
 * secret (`NAME` and `NAME_FILE`): what is in a file of mode 0640 need not stand in /proc/PID/environ as well.
 */
function passedOn(environment: readonly string[], secretNames: ReadonlySet<string>): readonly string[] {
  return environment.filter((entry) => {
    const name = nameOf(entry);
    const isSecret =
      secretNames.has(name) || (name.endsWith("_FILE") && secretNames.has(name.slice(0, -"_FILE".length)));
    return !plinths.test(name) && !isSecret;
  });
}

/** @returns the environment with these variables in place of those of the same names. */
export function withVariables(
  environment: readonly string[],
  added: Readonly<Record<string, string>>,
): readonly string[] {
  const kept = environment.filter((entry) => !Object.hasOwn(added, nameOf(entry)));
  return [...kept, ...Object.entries(added).map(([name, value]) => `${name}=${value}`)];
}

/**
 * Plans how plinth becomes `service`.
 *
 * @param environment the container's, `NAME=VALUE` each, as it came.
 * @param home the service's HOME, where the service's own environment does not say otherwise.
 * @param instead words to run in place of the service's own command, in the same surroundings.
 * @param keepSecrets pass the whole environment on.
 * @param dropIns the directory of drop-in files, where there are any.
 */
export function planHandOver(
  service: BakedService,
  settings: Settings,
  environment: readonly string[],
  home: string,
  instead: readonly string[],
  keepSecrets: boolean,
  dropIns?: string,
): HandOver {
  const { values } = settings;
  const base = keepSecrets ? environment : passedOn(environment, settings.secretNames);
  const added = Object.entries(service.environment).map(([name, text]) => [name, interpolate(text, values)] as const);
  const own = service.command.map((word) => interpolate(word, values));
  const command = dropIns === undefined ? own : withDropIns(own, dropIns);
  return {
    command: instead.length > 0 ? instead : command,
    environment: withVariables(base, { HOME: home, ...Object.fromEntries(added) }),
  };
}
