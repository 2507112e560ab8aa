import type { Cluster } from "./api.ts";
import { clusterByKubectl, openKubectl, type RunKubectl } from "./kubectl.ts";
import { clusterOfPod, podAccount } from "./pod.ts";

/** Which cluster is meant, as an operator says it. */
export type ClusterSelection = { readonly context?: string | undefined; readonly kubeconfig?: string | undefined };

/** @returns kubectl for the cluster that is meant. KUBECTL names the program, in words. */
export function kubectlFor(
  which: ClusterSelection,
  environment: Readonly<Record<string, string | undefined>>,
  passed: readonly string[],
): RunKubectl {
  const words = (environment["KUBECTL"] ?? "").split(/\s+/).filter((word) => word !== "");
  return openKubectl({ program: words.length > 0 ? words : ["kubectl"], ...which }, passed);
}

/**
 * Opens the cluster that is meant: by kubectl, which knows contexts and all ways to log in; in a pod with a service account, where
 * nobody says otherwise, by plinth itself, since images have no kubectl.
 *
 * @param passed the environment, `NAME=VALUE` each, as kubectl gets it.
 * @returns with the namespace of this pod, where plinth is in one.
 */
export function openCluster(
  { context, kubeconfig }: ClusterSelection,
  environment: Readonly<Record<string, string | undefined>>,
  passed: readonly string[],
): { readonly cluster: Cluster; readonly namespace?: string } {
  const { KUBECTL, KUBECONFIG } = environment;
  const saysWhich = [context, kubeconfig, KUBECTL, KUBECONFIG].some((given) => given !== undefined && given !== "");
  const account = saysWhich ? undefined : podAccount(environment);
  if (account) return { cluster: clusterOfPod(account), namespace: account.namespace };
  return { cluster: clusterByKubectl(kubectlFor({ context, kubeconfig }, environment, passed)) };
}
