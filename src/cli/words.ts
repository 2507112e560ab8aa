import yargs, { type Argv } from "yargs";
import { nearest } from "../diagnostics/nearest.ts";
import { bake } from "./bake.ts";
import { check } from "./check.ts";
import { explain } from "./explain.ts";
import { healthcheck } from "./healthcheck.ts";
import { imageServices } from "./inputs.ts";
import { cliMessage } from "./messages.ts";
import { render } from "./render.ts";
import { start } from "./start.ts";
import type { Arguments, Context, Verb } from "./verb.ts";
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

const verbs: readonly Verb[] = [start, render, explain, wait, watch, check, healthcheck, bake, completion];
const names = verbs.map((verb) => verb.name);

/** Verbs whose first word is a service of the image: completion offers those. */
const takesService = new Set([start, render, wait, healthcheck].map((verb) => verb.name));

/** A mistake in the words, carried through yargs to the one place that reports. */
class UsageError extends Error {}

function withVerb(parser: Argv, verb: Verb, choose: (verb: Verb, args: Arguments) => void): Argv {
  return parser.command(
    `${verb.name} ${verb.positional}`.trim(),
    verb.summary,
    (own) => {
      for (const [command, what] of verb.examples) own.example(command, what);
      return own.options({ ...verb.options });
    },
    (parsed) => {
      const { _, $0: _program, ...rest } = parsed as { _: (string | number)[]; $0: string; [name: string]: unknown };
      const positional = verb.positional.match(/\w+/)?.[0];
      const first = positional === undefined ? [] : [rest[positional]].flat().filter((word) => word !== undefined);
      choose(verb, {
        ...rest,
        _: [...first, ..._.slice(1)].map(String),
        "--": (rest["--"] as string[] | undefined) ?? [],
      });
    },
  );
}

function parserOf(words: readonly string[], context: Context, choose: (verb: Verb, args: Arguments) => void): Argv {
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
    // Offers an image's services beside what yargs knows itself.
    .completion(
      "completion-words",
      false as never,
      ((
        _current: string,
        argv: { _: string[] },
        complete: (done: (error: Error | null, offered?: string[]) => void) => void,
        done: (offered: string[]) => void,
      ) => {
        const services = argv._.some((word) => takesService.has(word)) ? imageServices(context) : [];
        complete((_error, offered) => done([...(offered ?? []), ...services]));
      }) as never,
    );
  return verbs.reduce((built, verb) => withVerb(built, verb, choose), parser as Argv);
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

/** Finds the verb that the words name, and runs it. @returns the exit status. */
export async function dispatch(words: readonly string[], context: Context): Promise<number> {
  const [verb] = words;
  if (verb !== undefined && !verb.startsWith("-") && !names.includes(verb)) {
    return context.report([cliMessage("verb-unknown", { verb, near: nearest(verb, names), known: names })]);
  }
  let chosen: { readonly verb: Verb; readonly args: Arguments } | undefined;
  try {
    await parserOf(words, context, (found, args) => {
      chosen = { verb: found, args };
    }).parseAsync();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return context.report([
      cliMessage("usage", { problem: error.message, verb: verb?.startsWith("-") ? "" : (verb ?? "") }),
    ]);
  }
  // Help and version were printed by yargs.
  return chosen ? chosen.verb.run(chosen.args, context) : 0;
}
