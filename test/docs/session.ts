import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type Block, isShown, stepsOf } from "./blocks.ts";

/** What a block came to: undefined where each of its commands ended with 0 and printed what the page shows. */
export type Outcome = string | undefined;

/** A shell in which the blocks of a page run one after the other, as a reader pastes them: variables and directories stay. */
export type Session = {
  readonly run: (block: Block) => Promise<Outcome>;
  /** Ends the shell and all that it started in the foreground or the background. */
  readonly close: () => void;
};

/** How much of a command's output is told of one that failed. */
const linesTold = 40;

/**
 * Starts bash in a directory. A command that fails ends the shell (`set -e`, and in a pipeline any part of it), so that the blocks after
 * it cannot succeed by chance. Standard input is empty.
 *
 * @param stepTimeoutMs how long a step of a block may take
 */
export function openSession(directory: string, env: NodeJS.ProcessEnv, stepTimeoutMs = 1_200_000): Session {
  const notes = mkdtempSync(join(tmpdir(), "plinth-docs-session-"));
  const failure = join(notes, "failure");
  // The shell reads what it is to do from a pipe that the blocks do not see, and answers on another. A group of its own: see close.
  const shell = spawn("bash", ["--noprofile", "--norc"], {
    cwd: directory,
    env,
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  shell.stdin.on("error", () => {});
  let ended: string | undefined;
  let settle: (() => void) | undefined;
  createInterface({ input: shell.stdout }).on("line", () => settle?.());
  shell.once("error", (error) => {
    ended ??= `bash could not be run: ${error.message}`;
    settle?.();
  });
  shell.once("close", (status, signal) => {
    ended ??= signal === null ? `the shell ended with ${status}` : `the shell was ended by ${signal}`;
    settle?.();
  });
  const kill = (): void => {
    // The whole group, or a background process outlives the shell.
    if (shell.pid !== undefined)
      try {
        process.kill(-shell.pid, "SIGKILL");
      } catch {}
  };
  // Where -E has the trap run in functions and subshells, too, the outermost command is noted last: that of the page.
  const note = `printf "%s\\t%s\\t%s" "$?" "$LINENO" "$BASH_COMMAND" > "${failure}"`;
  shell.stdin.write(`set -eE -o pipefail\ntrap '${note}' ERR\n`);

  /** Gives the shell a text. @returns what it printed, and, where it failed, what failed on which of its lines. */
  const give = async (text: string): Promise<{ output: string; failed?: string; line: number }> => {
    const [script, printed] = [join(notes, "block.sh"), join(notes, "output")];
    writeFileSync(script, text);
    writeFileSync(printed, "");
    rmSync(failure, { force: true });
    const answered = new Promise<void>((done) => {
      settle = done;
    });
    const timer = setTimeout(() => {
      ended = `no end after ${stepTimeoutMs / 1000} s`;
      kill();
    }, stepTimeoutMs);
    shell.stdin.write(`. '${script}' < /dev/null > '${printed}' 2>&1\necho done\n`);
    await answered;
    clearTimeout(timer);
    const output = readFileSync(printed, "utf8");
    if (ended === undefined) return { output, line: 1 };
    try {
      const [status, line, ...command] = readFileSync(failure, "utf8").split("\t");
      const words = command.join("\t").split("\n")[0];
      return { output, failed: `\`${words}\` ended with ${status}`, line: Number(line) };
    } catch {
      return { output, failed: ended, line: 1 };
    }
  };

  return {
    async run(block) {
      if (ended !== undefined) return `${block.page}:${block.line}: not reached, ${ended}`;
      for (const { line, text, shown } of stepsOf(block)) {
        const { output, failed, line: within } = await give(text);
        const end = output.trimEnd().split("\n").slice(-linesTold).join("\n");
        if (failed !== undefined)
          return `${block.page}:${line + within - 1}: ${failed}; the end of its output:\n${end}`;
        if (shown !== undefined && !isShown(shown, output)) {
          return `${block.page}:${line}: \`${text.trim()}\` does not print what the page shows:\n${shown}\nbut:\n${end}`;
        }
      }
      return undefined;
    },
    close() {
      ended ??= "the session is closed";
      kill();
      rmSync(notes, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
