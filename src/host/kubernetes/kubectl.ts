import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import { reasonOf } from "../process/accounts.ts";
import { type Captured, capture } from "../process/captured.ts";
import { findProgram } from "../process/program.ts";
import { environmentForKernel } from "../strings.ts";
import { type Answer, type Ask, apiTimeoutMs, type Cluster, type Method } from "./api.ts";
import { clusterMessage } from "./messages.ts";

/** How kubectl is called: the program with its first words, and which cluster it is to speak to. */
export type Kubectl = {
  /** `KUBECTL`, in words: `minikube kubectl --`. */
  readonly program: readonly string[];
  readonly context?: string | undefined;
  readonly kubeconfig?: string | undefined;
};

/** The statuses of the API's reasons (k8s.io/apimachinery, pkg/apis/meta/v1, StatusReason): kubectl prints the reason alone. */
const statuses: Readonly<Record<string, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  AlreadyExists: 409,
  Conflict: 409,
  RequestEntityTooLarge: 413,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
};

/** Warnings of the API server, of kubectl and of its logging library (klog), which may come before the error itself. */
const warning = /^(Warning:|[WIE]\d{4} \d\d:\d\d)/;

/** @returns the API's answer as kubectl tells it on standard error; undefined where it is kubectl itself that fails. */
function refusalIn(stderr: string): Answer | undefined {
  const [, reason = "", said] = /^Error from server(?: \((\w+)\))?: (.*(?:\n.*)*)/m.exec(stderr) ?? [];
  if (said !== undefined) return { status: statuses[reason] ?? 500, body: null, said: said.trim() };
  const invalid = /^The .* is invalid:.*(?:\n.*)*/m.exec(stderr)?.[0];
  if (invalid !== undefined) return { status: 422, body: null, said: invalid.trim() };
  return /\(Unauthorized\)/.test(stderr) ? { status: 401, body: null, said: stderr.trim() } : undefined;
}

/** What kubectl failed with, as far as it is its own word. */
function reasonIn({ stderr, status }: Captured): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "");
  const own = lines.filter((line) => !warning.test(line));
  return (own.at(-1) ?? lines.at(-1) ?? `it ended with status ${status}`).replace(/^error: /i, "");
}

/** kubectl, with what says which cluster is meant. */
export type RunKubectl = {
  /** As a person would type it: `minikube kubectl -- --context=a`. */
  readonly command: string;
  /** `NAME=VALUE` each, as kubectl gets it. */
  readonly environment: readonly string[];
  /** The path of the program, and the words before those of a call; or that there is none. */
  readonly program: Result<{ readonly file: string; readonly words: readonly string[] }>;
  /** Runs it. @returns how it ended, whatever it said. */
  readonly run: (words: readonly string[], input?: string) => Promise<Result<Captured>>;
  /** The same for what has to end well. @returns its standard output. */
  readonly ask: (words: readonly string[], input?: string) => Promise<Result<string>>;
};

/** @returns kubectl for one cluster. */
export function openKubectl({ program, context, kubeconfig }: Kubectl, environment: readonly string[]): RunKubectl {
  const which = [
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
  ];
  const command = [...program, ...which].join(" ");
  const missing = (reason: string) => failure([clusterMessage("kubectl-missing", { command, reason })]);
  const found = findProgram(program, environment, "kubectl");
  const opened: RunKubectl["program"] =
    "problem" in found
      ? missing(found.problem.what)
      : success({ file: found.file, words: [...program.slice(1), ...which] });
  const run: RunKubectl["run"] = async (words, input = "") => {
    if (!opened.ok) return opened;
    try {
      const env = environmentForKernel(environment);
      return success(await capture(opened.value.file, [...opened.value.words, ...words], { env, input }));
    } catch (error) {
      return missing(reasonOf(error));
    }
  };
  return {
    ...{ command, environment, program: opened, run },
    async ask(words, input) {
      const ran = await run(words, input);
      if (!ran.ok) return ran;
      if (ran.value.status === 0) return success(ran.value.stdout);
      const call = [command, ...words.slice(0, 6)].join(" ");
      return failure([clusterMessage("kubectl-command-failed", { command: call, reason: reasonIn(ran.value) })]);
    },
  };
}

const verbs: Readonly<Record<Method, string>> = { GET: "get", POST: "create", PUT: "replace" };

/** @returns the cluster that kubectl speaks to, with its credentials. */
export function clusterByKubectl({ command, run }: RunKubectl): Cluster {
  const ask: Ask = async (method, path, body) => {
    // The API itself, by its paths: kubectl then asks for nothing else, keeps no cache, and notes nothing in annotations.
    const words = [verbs[method], `--request-timeout=${apiTimeoutMs / 1000}s`, "--raw", path];
    const ran = await (body === undefined ? run(words) : run([...words, "--filename", "-"], JSON.stringify(body)));
    if (!ran.ok) return ran;
    if (ran.value.status === 0) {
      try {
        return success({ status: 200, body: JSON.parse(ran.value.stdout), said: "" });
      } catch {
        const reason = "what it prints is no JSON";
        return failure([clusterMessage("kubectl-failed", { command, reason })]);
      }
    }
    const refusal = refusalIn(ran.value.stderr);
    if (refusal) return success(refusal);
    return failure([clusterMessage("kubectl-failed", { command, reason: reasonIn(ran.value) })]);
  };
  // Each is a process of its own.
  return { ask, asMany: 4 };
}
