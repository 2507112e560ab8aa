import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { Held } from "../../upgrade/driver.ts";
import { driverMessage } from "../driver-messages.ts";
import { environmentForKernel } from "../strings.ts";
import { composeMessage } from "./messages.ts";
import { ask, engineFailed, engineProgram, type Project, runEngine } from "./project.ts";

/** Milliseconds between two attempts to get the lock. */
const interval = 1000;

const byLabel = "plinth.upgrade.by";

/**
 * What runs in the container: it prints what was noted before, says that it has, and adds what it is given, a line at a time. It ends when
 * its standard input does, which is when whoever writes there is gone.
 */
const script = `set -e
touch /record/log
cat /record/log
echo
echo "held"
while IFS= read -r line; do
  printf '%s\\n' "$line" >> /record/log
  sync /record/log
  echo "noted"
done`;

const containerOf = ({ name }: Project): string => `${name}-upgrade`;
const volumeOf = ({ name }: Project): string => `${name}_upgrade`;

/** @returns the words that start the container: its name is what only one can have. */
const words = (project: Project, image: string, by: string): readonly string[] => [
  ...["run", "--rm", "--interactive", "--name", containerOf(project)],
  ...["--label", `${byLabel}=${by}`],
  ...["--network", "none", "--read-only", "--cap-drop", "ALL", "--user", "0:0", "--pull", "never"],
  ...["--security-opt", "no-new-privileges", "--volume", `${volumeOf(project)}:/record`],
  ...["--entrypoint", "/bin/sh", image, "-c", script],
];

/** The lines that a program writes, each to whoever waits for it. */
function lines(child: ChildProcessWithoutNullStreams) {
  let rest = "";
  const here: string[] = [];
  const waiting: ((line: string | undefined) => void)[] = [];
  let ended = false;
  const give = (line: string): void => {
    const next = waiting.shift();
    if (next) next(line);
    else here.push(line);
  };
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    const parts = (rest + text).split("\n");
    rest = parts.pop() ?? "";
    for (const line of parts) give(line);
  });
  child.once("close", () => {
    ended = true;
    for (const next of waiting.splice(0)) next(undefined);
  });
  return (): Promise<string | undefined> => {
    const line = here.shift();
    if (line !== undefined) return Promise.resolve(line);
    return ended ? Promise.resolve(undefined) : new Promise((settle) => waiting.push(settle));
  };
}

type Attempt = { readonly held: Held } | { readonly refused: string };

async function attempt(project: Project, file: string, image: string, by: string): Promise<Attempt> {
  const child = spawn(file, words(project, image, by), {
    env: environmentForKernel(project.environment),
    stdio: ["pipe", "pipe", "pipe"],
    // A Ctrl-C of the terminal is ours: what is being done is to be noted first.
    detached: true,
  });
  let said = "";
  child.stderr.setEncoding("utf8");
  child.stderr.on("data", (text: string) => {
    said += text;
  });
  child.stdin.on("error", () => {});
  const failed = new Promise<string>((settle) => child.once("error", (error) => settle(error.message)));
  const next = lines(child);
  const record: string[] = [];
  for (;;) {
    const line = await Promise.race([next(), failed.then(() => undefined)]);
    if (line === undefined) return { refused: said.trim() || "it ended at once" };
    if (line === "held") break;
    record.push(line);
  }
  const lost = new AbortController();
  let released = false;
  const closed = new Promise<void>((settle) => child.once("close", () => settle()));
  closed.then(() => {
    if (!released) lost.abort(new Error(`the container ${containerOf(project)} has ended: ${said.trim()}`));
  });
  return {
    held: {
      record: record.join("\n"),
      lost: lost.signal,
      async note(line) {
        child.stdin.write(`${line.replaceAll("\n", " ")}\n`);
        const answer = await next();
        if (answer === "noted") return success(undefined);
        const reason = said.trim() || "the container that keeps it has ended";
        return failure([composeMessage("engine-command-failed", { command: "noting what is done", reason })]);
      },
      async release() {
        released = true;
        child.stdin.end();
        await closed;
      },
    },
  };
}

/** @returns who has the container that is the lock, in words; undefined where nobody has. */
async function holderOf(project: Project): Promise<Result<string | undefined>> {
  const format = `{{index .Config.Labels "${byLabel}"}}, since {{.State.StartedAt}}`;
  const ran = await runEngine(project, ["container", "inspect", "--format", format, containerOf(project)]);
  if (!ran.ok) return ran;
  return success(ran.value.status === 0 ? ran.value.stdout.trim() : undefined);
}

/**
 * Takes the lock of a project's upgrades, which is a container with a name that only one can have. It runs for as long as its
 * standard input is open: whoever is killed lets go of it at once, and nothing is left behind. What it is given it adds to a file in a volume of
 * the project, which `make down` removes by its label.
 *
 * @param image any image with a shell. @param within milliseconds until somebody else's lock must be free.
 */
export async function hold(
  project: Project,
  image: string,
  { by, within, onWait }: { readonly by: string; readonly within: number; readonly onWait: (holder: string) => void },
): Promise<Result<Held>> {
  const program = engineProgram(project);
  if (!program.ok) return program;
  // Labels as Compose has them, by which the project's volumes are found.
  const label = [
    "--label",
    `com.docker.compose.project=${project.name}`,
    "--label",
    "com.docker.compose.volume=upgrade",
  ];
  const made = await ask(project, ["volume", "create", ...label, volumeOf(project)]);
  if (!made.ok) return made;
  const began = performance.now();
  for (let first = true; ; first = false) {
    const tried = await attempt(project, program.value, image, by);
    if ("held" in tried) return success(tried.held);
    const holder = await holderOf(project);
    if (!holder.ok) return holder;
    if (!/is already in use/.test(tried.refused)) {
      const said = { status: 1, stdout: "", stderr: tried.refused };
      return failure([engineFailed(project.command, ["run", containerOf(project)], said)]);
    }
    const who = holder.value ?? "one that ends just now";
    if (first) onWait(who);
    const waited = performance.now() - began;
    if (waited > within)
      return failure([driverMessage("upgrade-held", { holder: who, waited: Math.round(waited / 1000) })]);
    await sleep(interval);
  }
}
