import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KubernetesObject } from "./kubectl.ts";

/** Where the API has the objects of a namespace, by kind. */
const paths = {
  Pod: "/api/v1/namespaces/*/pods",
  Event: "/api/v1/namespaces/*/events",
  Deployment: "/apis/apps/v1/namespaces/*/deployments",
  StatefulSet: "/apis/apps/v1/namespaces/*/statefulsets",
  Job: "/apis/batch/v1/namespaces/*/jobs",
} as const;

export type Kind = keyof typeof paths;

/** Lists the objects of a kind in a namespace. @param selector of labels. Rejects with what the API server said. */
export type Read = <T extends KubernetesObject>(
  kind: Kind,
  namespace: string,
  selector?: string,
) => Promise<readonly T[]>;

export type Reader = Disposable & { readonly read: Read };

/** Milliseconds that an answer may take. */
const requestTimeoutMs = 60_000;

/**
 * Opens one connection to the cluster for whoever looks again and again: a process of kubectl for each look costs a quarter of a second of a
 * processor, which a machine that is the cluster, too, needs for what it waits for; and a login where the kubeconfig names a program
 * for that. `kubectl proxy` listens at a socket that only this user can reach.
 *
 * @returns how to list; it ends with its scope (`using`). Rejects with kubectl's words where it ends at once.
 */
export async function openReader(): Promise<Reader> {
  const directory = mkdtempSync(join(tmpdir(), "plinth-kubectl-"));
  const socketPath = join(directory, "socket");
  const child = spawn("kubectl", ["proxy", "--unix-socket", socketPath], { stdio: ["ignore", "pipe", "pipe"] });
  const agent = new Agent({ keepAlive: true });
  const close = (): void => {
    process.off("exit", close);
    child.kill();
    agent.destroy();
    rmSync(directory, { recursive: true, force: true });
  };
  process.once("exit", close);
  let said = "";
  child.stderr.on("data", (part: Buffer) => {
    said += part.toString();
  });
  const ended = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("close", () => reject(new Error(`kubectl proxy ended: ${said.trim()}`)));
  });
  ended.catch(() => {});
  // "Starting to serve on ..."
  await Promise.race([once(child.stdout, "data"), ended]);
  const ask = async (path: string): Promise<string> => {
    const asked = get({ socketPath, path, agent, signal: AbortSignal.timeout(requestTimeoutMs) });
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    const text = (await answer.setEncoding("utf8").toArray()).join("");
    if (answer.statusCode !== 200) throw new Error(`GET ${path}: ${answer.statusCode} ${text.slice(0, 300)}`);
    return text;
  };
  const read: Read = async <T extends KubernetesObject>(kind: Kind, namespace: string, selector = "") => {
    const query = selector === "" ? "" : `?labelSelector=${encodeURIComponent(selector)}`;
    const text = await Promise.race([ask(`${paths[kind].replace("*", namespace)}${query}`), ended]);
    // The items of a list have no kind: all have the list's.
    return (JSON.parse(text) as { readonly items: readonly T[] }).items.map((item) => ({ ...item, kind }));
  };
  return { read, [Symbol.dispose]: close };
}
