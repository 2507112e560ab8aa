import { spawnSync } from "node:child_process";
import { capture } from "../../src/host/process/captured.ts";

/** What `kubectl` did. Standard error has its complaints, also where it went on with the rest. */
export type Ran = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** Milliseconds that one call may take: an API server that does not answer is told of. */
const kubectlTimeoutMs = 120_000;

/**
 * Runs kubectl against the cluster that KUBECONFIG, or ~/.kube/config, names.
 *
 * @param input for `-f -`.
 */
export async function kubectl(words: readonly string[], input = "", timeoutMs = kubectlTimeoutMs): Promise<Ran> {
  const { status, ...said } = await capture("kubectl", words, { input, timeout: timeoutMs });
  return { ...said, status: status ?? 1 };
}

/** What kubectl complained of, where it must not fail. */
export class KubectlFailed extends Error {
  constructor(words: readonly string[], { stderr, stdout }: Ran) {
    super(
      `kubectl ${words.slice(0, 6).join(" ")}: ${(stderr.trim() || stdout.trim()).split("\n").slice(-4).join("\n")}`,
    );
  }
}

/** The same, for what has to succeed. @returns its standard output. Rejects with what it said. */
export async function mustKubectl(words: readonly string[], input?: string): Promise<string> {
  const ran = await kubectl(words, input);
  if (ran.status !== 0) throw new KubectlFailed(words, ran);
  return ran.stdout;
}

/** An object of Kubernetes, as far as all have it. */
export type KubernetesObject = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly generation?: number;
    readonly ownerReferences?: readonly { readonly kind: string; readonly name: string }[];
  };
};

/**
 * Lists objects.
 *
 * @param kinds such as `pods,jobs.batch`. @param more such as a selector; a namespace.
 */
export async function list<T extends KubernetesObject>(
  kinds: string,
  more: readonly string[] = [],
): Promise<readonly T[]> {
  const text = await mustKubectl(["get", kinds, "--output", "json", "--ignore-not-found", ...more]);
  return text.trim() === "" ? [] : (JSON.parse(text) as { readonly items: readonly T[] }).items;
}

/** What `kubectl config` is set to, or why there is nothing: a line. */
export function kubeconfigTrouble(): string | undefined {
  const { status, stderr, error } = spawnSync("kubectl", ["config", "current-context"], { encoding: "utf8" });
  if (error) return error.message;
  return status === 0 ? undefined : stderr.trim();
}
