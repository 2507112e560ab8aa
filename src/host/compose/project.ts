import { type Diagnostic, failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { reasonOf } from "../process/accounts.ts";
import { type Captured, capture, lastLines } from "../process/captured.ts";
import { findProgram } from "../process/program.ts";
import { environmentForKernel } from "../strings.ts";
import { composeMessage } from "./messages.ts";

/** A project of Compose on this machine's engine, and how it is spoken to. */
export type Project = {
  /** The engine's command, such as `docker`. */
  readonly command: string;
  readonly name: string;
  /** What paths in its files are relative to. */
  readonly directory: string;
  /** `NAME=VALUE` each, as plinth got it. */
  readonly environment: readonly string[];
};

/** A file of the project, and the release whose images it names. */
export type ComposeFile = { readonly path: string; readonly release: string; readonly imagePrefix: string };

/** @returns the path of the engine's command, or that there is no such command. */
export function engineProgram({ command, environment }: Pick<Project, "command" | "environment">): Result<string> {
  const found = findProgram([command], environment, "upgrade");
  if (!("problem" in found)) return success(found.file);
  return failure([composeMessage("engine-command-missing", { command, reason: found.problem.what })]);
}

/** Runs the engine's command. @returns how it ended, or that there is no such command. */
export async function runEngine(
  { command, environment }: Project,
  words: readonly string[],
  more: { readonly set?: Readonly<Record<string, string>>; readonly input?: string } = {},
): Promise<Result<Captured>> {
  const program = engineProgram({ command, environment });
  if (!program.ok) return program;
  const env = { ...environmentForKernel(environment), ...more.set };
  try {
    return success(
      await capture(program.value, words, { env, ...(more.input === undefined ? {} : { input: more.input }) }),
    );
  } catch (error) {
    return failure([composeMessage("engine-command-missing", { command, reason: reasonOf(error) })]);
  }
}

/** @returns what a command that failed said, in words of ours. */
export function engineFailed(
  command: string,
  words: readonly string[],
  { stderr, stdout, status }: Captured,
): Diagnostic {
  const said = lastLines(stderr || stdout, 4).join("; ");
  return composeMessage("engine-command-failed", {
    command: [command, ...words].join(" "),
    reason: said || `it ended with ${status ?? "a signal"}`,
  });
}

/** Runs the engine's command. @returns its standard output, where it ended well. */
export async function ask(project: Project, words: readonly string[]): Promise<Result<string>> {
  const ran = await runEngine(project, words);
  if (!ran.ok) return ran;
  return ran.value.status === 0
    ? success(ran.value.stdout)
    : failure([engineFailed(project.command, words, ran.value)]);
}

/** Words that lead Compose to a file of the project. */
const wordsOf = ({ name, directory }: Project, { path }: ComposeFile): readonly string[] => [
  ...["compose", "--project-name", name, "--project-directory", directory, "--file", path],
];

/**
 * One container after the other: engines up to 20.10 may count an endpoint of a network twice when two containers join it at the same moment,
 * and then the network can never be removed ("has active endpoints"). Two cores start them no faster at once.
 */
export const oneAtATime = { COMPOSE_PARALLEL_LIMIT: "1" };

/**
 * Runs Compose for a file of the project. Its variables that choose the images are those of the file: others may stand in the
 * environment since the project was started.
 */
export function runCompose(project: Project, file: ComposeFile, words: readonly string[]): Promise<Result<Captured>> {
  const set = {
    ...oneAtATime,
    VERSION: file.release,
    IMAGE_PREFIX: file.imagePrefix,
  };
  return runEngine(project, [...wordsOf(project, file), ...words], { set });
}

/** The same for what has to end well. */
export async function compose(
  project: Project,
  file: ComposeFile,
  words: readonly string[],
): Promise<Result<undefined>> {
  const ran = await runCompose(project, file, words);
  if (!ran.ok) return ran;
  if (ran.value.status === 0) return success(undefined);
  return failure([engineFailed(`${project.command} compose`, words, ran.value)]);
}
