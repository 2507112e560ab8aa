import { readFileSync } from "node:fs";
import { request } from "node:https";
import { isIPv6 } from "node:net";
import { join } from "node:path";
import { failure, success } from "../../diagnostics/diagnostic.ts";
import { textIfThere } from "../files.ts";
import { reasonOf } from "../process/accounts.ts";
import { type Answer, type Ask, apiTimeoutMs, type Cluster } from "./api.ts";
import { clusterMessage } from "./messages.ts";

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/#directly-accessing-the-rest-api */
const usualDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

/** How a pod speaks to the API server of its cluster. */
export type PodAccount = {
  readonly host: string;
  readonly port: string;
  /** With the files `token`, `ca.crt` and `namespace`. */
  readonly directory: string;
  readonly namespace: string;
};

/** @returns the service account that this process runs with; undefined outside of a pod, or where its token is not mounted. */
export function podAccount(
  environment: Readonly<Record<string, string | undefined>>,
  directory = usualDirectory,
): PodAccount | undefined {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = "443" } = environment;
  const namespace = textIfThere(join(directory, "namespace"))?.trim();
  return host === undefined || namespace === undefined ? undefined : { host, port, directory, namespace };
}

function exchange(
  { host, port, directory }: PodAccount,
  method: string,
  path: string,
  body: string | undefined,
): Promise<{ readonly status: number; readonly text: string }> {
  // Read for each request: kubelet renews the token.
  const token = readFileSync(join(directory, "token"), "utf8").trim();
  const ca = readFileSync(join(directory, "ca.crt"));
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; text: string }>();
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/json",
    ...(body === undefined
      ? {}
      : { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
  };
  const signal = AbortSignal.timeout(apiTimeoutMs);
  const sent = request({ host, port, method, path, ca, headers, signal, agent: false }, (answer) => {
    const parts: Buffer[] = [];
    answer.on("data", (part: Buffer) => parts.push(part));
    answer.on("error", reject);
    answer.on("end", () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
  });
  sent.on("error", (error) => reject(signal.aborted ? new Error(`no answer within ${apiTimeoutMs / 1000} s`) : error));
  sent.end(body);
  return promise;
}

function answerOf({ status, text }: { readonly status: number; readonly text: string }): Answer {
  let body: unknown = null;
  try {
    body = JSON.parse(text);
  } catch {
    // What is no JSON is told as it is.
  }
  if (status < 300) return { status, body, said: "" };
  const said = (body as { message?: unknown } | null)?.message;
  return { status, body, said: typeof said === "string" ? said : text.trim() };
}

/** @returns the cluster that this pod is in, asked as its service account. */
export function clusterOfPod(account: PodAccount): Cluster {
  const { host, port } = account;
  const url = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const ask: Ask = async (method, path, body) => {
    try {
      return success(answerOf(await exchange(account, method, path, body === undefined ? body : JSON.stringify(body))));
    } catch (error) {
      return failure([clusterMessage("cluster-silent", { url, reason: reasonOf(error) })]);
    }
  };
  return { ask, asMany: 8 };
}
