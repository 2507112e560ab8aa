import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Engine, openEngine } from "../host/engine/engine.ts";
import { type RecoveryAction, recoveryActions } from "../host/engine/recovery.ts";
import { reasonOf } from "../host/process/accounts.ts";
import { cliMessage } from "./messages.ts";
import { type Context, text, type Verb } from "./verb.ts";

const usualSocket = "/run/docker.sock";

/** Seconds between two looks. */
const interval = 2;

/** Seconds after which a container that could not be started is tried again at the latest. Before, they double from two on. */
const longestPause = 60;

/** The container that we run in, by the files that the engine mounts into it (/etc/hosts and such, of its own directory). */
function ownContainer(): string | undefined {
  return /\/containers\/([0-9a-f]{64})\//.exec(readFileSync("/proc/self/mountinfo", "latin1"))?.[1];
}

/** Containers that could not be started, by id: how often, and from when on they are tried again (milliseconds since 1970). */
type Failures = Map<string, { readonly times: number; readonly notBefore: number }>;

async function recover(
  engine: Engine,
  { container, by, why }: RecoveryAction,
  failures: Failures,
  context: Context,
): Promise<void> {
  const facts = { container: container.name, why };
  const failed = failures.get(container.id);
  if (failed && Date.now() < failed.notBefore) return;
  try {
    await engine[by](container.id);
    failures.delete(container.id);
    context.log.info(facts, `${container.name} is ${by === "start" ? "started" : "restarted"}: ${why}`);
  } catch (error) {
    const times = (failed?.times ?? 0) + 1;
    const pause = Math.min(interval * 2 ** (times - 1), longestPause);
    failures.set(container.id, { times, notBefore: Date.now() + pause * 1000 });
    context.log.warn({ ...facts, reason: reasonOf(error) }, `${container.name} cannot be ${by}ed: ${reasonOf(error)}`);
  }
}

export const keep: Verb = {
  name: "keep",
  summary:
    "Start again what the engine gives up: containers that it could not start, and those left in namespaces that are gone",
  positional: "",
  options: {
    socket: { type: "string", default: usualSocket, describe: "Where the container engine listens" },
    project: { type: "string", describe: "Project of Compose whose containers are meant; that of this container" },
  },
  examples: [
    ["plinth keep", "the containers of the project that this container belongs to, for as long as it runs"],
    ["plinth keep --project plinth --socket /run/user/1000/docker.sock", "another project, another engine"],
  ],
  async run(args, context) {
    const engine = openEngine(text(args, "socket") ?? usualSocket);
    const own = text(args, "project") === undefined ? ownContainer() : undefined;
    let project = text(args, "project");
    if (project === undefined && own === undefined) return context.report([cliMessage("project-unknown", {})]);
    let told = "";
    const failures: Failures = new Map();
    for (;;) {
      try {
        project ??= await engine.projectOf(own as string);
        if (project === undefined) return context.report([cliMessage("project-unknown", {})]);
        const actions = recoveryActions(await engine.containersOf(project));
        await Promise.all(actions.map((one) => recover(engine, one, failures, context)));
        told = "";
      } catch (error) {
        // An engine that is being restarted is away for a while.
        const reason = reasonOf(error);
        if (reason !== told) context.report([cliMessage("engine-silent", { reason })]);
        told = reason;
      }
      await sleep(interval * 1000);
    }
  },
};
