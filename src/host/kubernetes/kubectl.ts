import { failure, success } from "../../diagnostics/diagnostic.ts";
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

const verbs: Readonly<Record<Method, string>> = { GET: "get", POST: "create", PUT: "replace" };

/** @returns the cluster that kubectl speaks to, with its credentials. */
export function clusterByKubectl({ program, context, kubeconfig }: Kubectl, environment: readonly string[]): Cluster {
  const which = [
    ...(kubeconfig === undefined ? [] : [`--kubeconfig=${kubeconfig}`]),
    ...(context === undefined ? [] : [`--context=${context}`]),
  ];
  const command = [...program, ...which].join(" ");
  const found = findProgram(program, environment, "kubectl");
  const ask: Ask = async (method, path, body) => {
    if ("problem" in found)
      return failure([clusterMessage("kubectl-missing", { command, reason: found.problem.what })]);
    const words = [...program.slice(1), verbs[method], ...which, `--request-timeout=${apiTimeoutMs / 1000}s`];
    // The API itself, by its paths: kubectl then asks for nothing else, keeps no cache, and notes nothing in annotations.
    words.push("--raw", path, ...(body === undefined ? [] : ["--filename", "-"]));
    let ran: Captured;
    try {
      const env = environmentForKernel(environment);
      ran = await capture(found.file, words, { env, input: body === undefined ? "" : JSON.stringify(body) });
    } catch (error) {
      return failure([clusterMessage("kubectl-missing", { command, reason: reasonOf(error) })]);
    }
    if (ran.status === 0) {
      try {
        return success({ status: 200, body: JSON.parse(ran.stdout), said: "" });
      } catch {
        const reason = "what it prints is no JSON";
        return failure([clusterMessage("kubectl-failed", { command, reason })]);
      }
    }
    const refusal = refusalIn(ran.stderr);
    if (refusal) return success(refusal);
    const lines = ran.stderr.split("\n").filter((line) => line.trim() !== "");
    const own = lines.filter((line) => !warning.test(line));
    const reason = (own.at(-1) ?? lines.at(-1) ?? `it ended with status ${ran.status}`).replace(/^error: /i, "");
    return failure([clusterMessage("kubectl-failed", { command, reason })]);
  };
  // Each is a process of its own.
  return { ask, asMany: 4 };
}
