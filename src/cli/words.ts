import yargs, { type Argv } from "yargs";
import { nearest } from "../diagnostics/nearest.ts";
import { visibleLine } from "../diagnostics/visible.ts";
import { bake } from "./bake.ts";
import { catalog } from "./catalog.ts";
import { check } from "./check.ts";
import { compose } from "./compose.ts";
import { explain } from "./explain.ts";
import { explainError } from "./explain-error.ts";
import { graph } from "./graph.ts";
import { healthcheck } from "./healthcheck.ts";
import { imageServices } from "./inputs.ts";
import { keep } from "./keep.ts";
import { keys } from "./keys.ts";
import { manifests } from "./manifests.ts";
import { cliMessage } from "./messages.ts";
import { model } from "./model/model.ts";
import { options } from "./options.ts";
import { release } from "./release/release.ts";
import { render } from "./render.ts";
import { secrets } from "./secrets.ts";
import { start } from "./start.ts";
import { timeline } from "./timeline.ts";
import { upgrade } from "./upgrade/upgrade.ts";
import type { Arguments, Context, Verb, VerbGroup } from "./verb.ts";
import { versionText } from "./version.ts";
import { wait } from "./wait.ts";
import { watch } from "./watch.ts";

const completion: Verb = {
  name: "completion",
  summary: "Print the completion script of a shell",
  positional: "[shell]",
  options: { shell: { type: "string", choices: ["bash", "zsh"], default: "bash", describe: "For which shell" } },
  examples: [
    ["source <(plinth completion bash)", "completion in this bash"],
    ["plinth completion zsh > ~/.zfunc/_plinth", "completion in every zsh"],
  ],
  async run(args, context) {
    context.print(await completionScript(String(args["shell"]), context));
    return 0;
  },
};

export type Row = Verb | VerbGroup;

/** Every verb, in the order in which help lists them. */
export const rows: readonly Row[] = [
  start,
  render,
  explain,
  wait,
  watch,
  check,
  healthcheck,
  timeline,
  catalog,
  keys,
  keep,
  model,
  options,
  bake,
  compose,
  manifests,
  graph,
  release,
  upgrade,
  secrets,
  explainError,
  completion,
];

/** Verbs whose first word is a service of the image: completion offers those. */
const takesService = new Set([start, render, wait, healthcheck].map((verb) => verb.name));

/** A mistake in the words, carried through yargs to the one place that reports. */
class UsageError extends Error {}

type Choose = (verb: Verb, args: Arguments) => void;

/** The names of a verb's positional words, in their order. */
const positionals = (verb: Verb): readonly string[] => verb.positional.match(/[\w-]+/g) ?? [];

/** @param depth how many words name the verb. */
function argumentsOf(verb: Verb, parsed: object, depth: number): Arguments {
  const { _, $0: _program, ...rest } = parsed as { _: (string | number)[]; $0: string; [name: string]: unknown };
  const named = positionals(verb).flatMap((name) => rest[name] ?? []);
  return {
    ...rest,
    _: [...named, ..._.slice(depth)].map(String),
    "--": (rest["--"] as string[] | undefined) ?? [],
  };
}

function withVerb(parser: Argv, verb: Verb, choose: Choose, depth: number): Argv {
  return parser.command(
    `${verb.name} ${verb.positional}`.trim(),
    verb.summary,
    (own) => {
      for (const [command, what] of verb.examples) own.example(command, what);
      return own.options({ ...verb.options });
    },
    (parsed) => choose(verb, argumentsOf(verb, parsed, depth)),
  );
}

function withGroup(parser: Argv, group: VerbGroup, choose: Choose): Argv {
  return parser.command(group.name, group.summary, (own) => {
    for (const [command, what] of group.examples) own.example(command, what);
    const start = own
      .usage(`$0 ${group.name} <verb>\n\n${group.summary}.`)
      .demandCommand(1, `which verb of ${group.name}?`);
    return group.verbs.reduce((built, verb) => withVerb(built, verb, choose, 2), start as Argv);
  });
}

/** What completion offers beside what yargs knows itself: services of the image, nodes of the model. */
function offered(parsed: Arguments, context: Context): readonly string[] {
  // The words begin with the program, and end with the one that is being written.
  const [, first, second, ...rest] = parsed._;
  const row = rows.find(({ name }) => name === first);
  if (row === undefined) return [];
  if ("verbs" in row) {
    const verb = row.verbs.find(({ name }) => name === second);
    return verb?.offers?.({ ...parsed, _: rest.slice(0, -1) }, context) ?? [];
  }
  if (row.offers) return row.offers({ ...parsed, _: parsed._.slice(2, -1) }, context);
  return takesService.has(row.name) ? imageServices(context) : [];
}

function parserOf(words: readonly string[], context: Context, choose: Choose): Argv {
  const parser = yargs([...words])
    .scriptName("plinth")
    .usage("$0 <verb>\n\nThe entrypoint of OpenStack images.")
    // Messages in one language: locale files are not in the bundle, and an error report should read the same everywhere.
    .detectLocale(false)
    .version(versionText())
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .parserConfiguration({ "populate--": true, "parse-positional-numbers": false })
    .strict()
    .demandCommand(1, "which verb?")
    .epilogue(
      "Exit status: 64 usage, 70 a bug, 75 a dependency was not there in time, 78 configuration, 126 and 127 the service could not be run.",
    )
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageError(message);
    })
    .completion(
      "completion-words",
      false as never,
      ((
        _current: string,
        parsed: Arguments,
        complete: (done: (error: Error | null, known?: string[]) => void) => void,
        done: (known: string[]) => void,
      ) => {
        const names = offered(parsed, context).filter((name) => visibleLine(name) === name);
        complete((_error, known) => done([...(known ?? []), ...names]));
      }) as never,
    );
  return rows.reduce(
    (built, row) => ("verbs" in row ? withGroup(built, row, choose) : withVerb(built, row, choose, 1)),
    parser as Argv,
  );
}

/** @returns the text of a shell's completion script. */
async function completionScript(shell: string, context: Context): Promise<string> {
  // yargs decides by this variable, when the parser is built.
  process.env["SHELL"] = `/bin/${shell}`;
  const lines: string[] = [];
  const log = console.log;
  console.log = (line: string) => void lines.push(line);
  try {
    parserOf([], context, () => {}).showCompletionScript();
  } finally {
    console.log = log;
  }
  return lines.join("\n");
}

/** What begins a command line, as far as it is words: with what they name, and a first one that names nothing. */
function lookUp(words: readonly string[]): { readonly named: readonly Row[]; readonly unknown?: string } {
  const named: Row[] = [];
  let known = rows;
  for (const word of words) {
    if (word.startsWith("-")) break;
    const row = known.find(({ name }) => name === word);
    if (row === undefined) return { named, unknown: word };
    named.push(row);
    if (!("verbs" in row)) break;
    known = row.verbs;
  }
  return { named };
}

/** Finds the verb that the words name, and runs it. @returns the exit status. */
export async function dispatch(words: readonly string[], context: Context): Promise<number> {
  const { named, unknown } = lookUp(words);
  const last = named.at(-1);
  if (unknown !== undefined) {
    const known = (last && "verbs" in last ? last.verbs : rows).map(({ name }) => name);
    const group = named.map(({ name }) => `${name} `).join("");
    const message = { verb: `${group}${unknown}`, near: nearest(unknown, known), known };
    return context.report([cliMessage("verb-unknown", message)]);
  }
  let chosen: { readonly verb: Verb; readonly args: Arguments } | undefined;
  try {
    await parserOf(words, context, (verb, args) => {
      chosen = { verb, args };
    }).parseAsync();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    // yargs counts; which word is missing says more.
    const missing = last && "positional" in last && /^Not enough/.test(error.message);
    // yargs says some things in several lines.
    const said = error.message.replace(/\s*\n\s*/g, " ");
    const problem = missing ? `${last.name} wants ${last.positional}` : said;
    return context.report([cliMessage("usage", { problem, verb: named.map(({ name }) => name).join(" ") })]);
  }
  // Help and version were printed by yargs.
  return chosen ? chosen.verb.run(chosen.args, context) : 0;
}
