import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { overlayMessage } from "./messages.ts";
import { isLinkName } from "./service-links.ts";

/** One of plinth's own variables. `meaning`, `values` and `usual` are words for docs/running.md, which a test holds against this. */
type Variable = {
  readonly meaning: string;
  /** What may stand in it. */
  readonly values: string;
  /** What counts while it is unset or empty. */
  readonly usual: string;
  /** All the values there are; with another one, the usual one counts, and a warning says so. */
  readonly choices?: readonly string[];
};

/** Every variable that plinth reads for itself. What is read, what is warned of and what is documented follow from this table. */
export const variables = {
  PLINTH_IMAGE: { meaning: "the baked image file", values: "a path", usual: "`/etc/plinth/image.json`" },
  PLINTH_MODEL: {
    meaning: "the model's directory, for verbs that take a node",
    values: "a path",
    usual: "`model`",
  },
  PLINTH_WAIT_TIMEOUT: {
    meaning: "how long to wait in all",
    values: "seconds",
    usual: "the pillar's `wait.timeout` (300)",
  },
  PLINTH_LOG_FORMAT: {
    meaning: "how the log is written",
    values: "`json`, `text`",
    usual: "text when standard error is a terminal",
    choices: ["json", "text"],
  },
  PLINTH_LOG_LEVEL: {
    meaning: "the least that is logged",
    values: "`debug`, `info`, `warn`, `error`, `silent`",
    usual: "`info`",
    choices: ["debug", "info", "warn", "error", "silent"],
  },
  PLINTH_ETCD_ENDPOINTS: {
    meaning: "where etcd is",
    values: "`http://etcd-0:2379,http://etcd-1:2379`, or https",
    usual: "no etcd",
  },
  PLINTH_ETCD_PREFIX: { meaning: "what all keys begin with", values: "a path", usual: "`/plinth`" },
  PLINTH_ETCD_USER: { meaning: "etcd's user", values: "a name", usual: "no login" },
  PLINTH_ETCD_PASSWORD: { meaning: "its password", values: "a text", usual: "no login" },
  PLINTH_ETCD_PASSWORD_FILE: { meaning: "the file with its password", values: "a path", usual: "no login" },
  PLINTH_ETCD_CA: {
    meaning: "the certificate authorities that verify etcd's certificate",
    values: "the path of a PEM file",
    usual: "the system's",
  },
  PLINTH_ETCD_CERT: { meaning: "the client certificate", values: "the path of a PEM file", usual: "none" },
  PLINTH_ETCD_KEY: { meaning: "its private key", values: "the path of a PEM file", usual: "none" },
  PLINTH_ETCD_TIMEOUT: { meaning: "how long to wait for etcd", values: "seconds", usual: "30" },
  PLINTH_ETCD_OPTIONAL: { meaning: "whether to go on without etcd", values: "true or false", usual: "false" },
} as const satisfies Readonly<Record<string, Variable>>;

export type VariableName = keyof typeof variables;
export type Environment = Readonly<Record<string, string | undefined>>;

/** @returns the value of one of plinth's own variables. One that is set to nothing counts as not set, as compose files leave it. */
export const own = (environment: Environment, name: VariableName): string | undefined => environment[name] || undefined;

/** The names of the variables that begin with this. */
export const namesFrom = (start: string): readonly VariableName[] =>
  (Object.keys(variables) as VariableName[]).filter((name) => name.startsWith(start));

const prefix = "PLINTH_";
const ends = namesFrom(prefix).map((name) => name.slice(prefix.length));

/** @returns the variables that a name was likely meant to be: by a slip (ETCD_ENDPOINT), or with a word left out (TIMEOUT). */
function meant(name: string): readonly string[] {
  const end = name.slice(prefix.length);
  const slip = nearest(end, ends);
  if (slip !== undefined) return [prefix + slip];
  const words = end.split("_");
  const within = ends.filter((known) => words.every((word) => known.split("_").includes(word)));
  return within.slice(0, 3).map((known) => prefix + known);
}

/** @returns the choice that a value was likely meant to be: `warn` for `warning`. */
const choice = (value: string, choices: readonly string[]): string | undefined =>
  nearest(value, choices) ??
  choices.find((one) => value.toLowerCase().startsWith(one) || (value !== "" && one.startsWith(value.toLowerCase())));

/**
 * @returns a warning for each variable that plinth does not know, though its name begins as plinth's own do, and for each
 * whose value is none of those there are. Names that Kubernetes gives to every pod beside a Service called `plinth` or
 * `plinth-log` are none of ours.
 */
export function checkVariables(environment: Environment): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const name in environment) {
    if (!name.startsWith(prefix)) continue;
    const value = environment[name];
    if (!value) continue;
    const place = { kind: "named", name: `environment variable ${name}` } as const;
    const known: Variable | undefined = Object.hasOwn(variables, name) ? variables[name as VariableName] : undefined;
    if (known === undefined) {
      if (isLinkName(name, environment)) continue;
      found.push(overlayMessage("variable-unknown", { name, meant: meant(name), known: namesFrom(prefix) }, place));
    } else if (known.choices && !known.choices.includes(value)) {
      const { choices, usual } = known;
      found.push(
        overlayMessage("variable-choice", { name, value, near: choice(value, choices), choices, usual }, place),
      );
    }
  }
  return found;
}

const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600 };

/** @returns `5m` or `30s` as a number of seconds, for advice. */
export function inSeconds(text: string): number | undefined {
  const [, digits, unit = ""] = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|min|h)\w*\s*$/i.exec(text) ?? [];
  const factor = units[unit.toLowerCase()];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
