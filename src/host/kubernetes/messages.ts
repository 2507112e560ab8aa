import { catalog } from "../../diagnostics/catalog.ts";

type Refused = { readonly what: string; readonly status: number; readonly said: string };

/** What can go wrong between plinth and a cluster. */
export const clusterMessage = catalog({
  "kubectl-missing": {
    failure: "configuration",
    what: ({ command, reason }: { command: string; reason: string }) => `cannot run ${command}: ${reason}`,
    fix: () =>
      "install kubectl (https://kubernetes.io/docs/tasks/tools/), or set KUBECTL to its path: KUBECTL=/opt/bin/kubectl",
  },
  "kubectl-failed": {
    failure: "dependency",
    what: ({ command, reason }: { command: string; reason: string }) =>
      `${command} cannot reach the cluster: ${reason}`,
    fix: ({ command }: { command: string; reason: string }) =>
      `make this command work first: ${command} get namespaces; choose the cluster with --context, --kubeconfig or KUBECONFIG (kubectl config get-contexts lists the contexts)`,
  },
  "kubectl-command-failed": {
    failure: "dependency",
    what: ({ command, reason }: { command: string; reason: string }) => `${command} failed: ${reason}`,
    fix: () => "let the cluster do that first; then run the same again: it goes on where it was",
  },
  "pod-command-failed": {
    failure: "dependency",
    what: ({ pod, reason }: { pod: string; reason: string }) => `the pod ${pod} could not do its work: ${reason}`,
    fix: () =>
      "see why (kubectl describe pod, kubectl logs), mend that, and run the same again: it goes on where it was",
  },
  "cluster-silent": {
    failure: "dependency",
    what: ({ url, reason }: { url: string; reason: string }) =>
      `this pod cannot reach the Kubernetes API at ${url}: ${reason}`,
    fix: () =>
      "mount the token and the CA certificate of the pod's service account in /var/run/secrets/kubernetes.io/serviceaccount, and let NetworkPolicies permit traffic to the API server",
  },
  "namespace-missing": {
    failure: "configuration",
    what: ({ namespace }: { namespace: string }) => `the cluster has no namespace ${namespace}`,
    fix: ({ namespace }: { namespace: string }) =>
      `apply the manifests first, which include it, or run kubectl create namespace ${namespace}; check that this is the right cluster (--context) and that the model's deploy_name is right`,
  },
  "namespace-ending": {
    failure: "dependency",
    what: ({ namespace }: { namespace: string }) => `the namespace ${namespace} is being deleted`,
    fix: () => "wait until it is gone, then create it again",
  },
  "cluster-forbids": {
    failure: "configuration",
    what: ({ what, said }: Refused) => `the cluster does not let you ${what}: ${said}`,
    fix: () =>
      "permit the user of the context (kubectl auth whoami) to get and create Secrets in the namespace, and to update them for rotating keys; or use a context whose user has these permissions",
  },
  "cluster-forbids-upgrade": {
    failure: "configuration",
    what: ({ what, said }: Refused) => `the cluster does not let you ${what}: ${said}`,
    fix: () =>
      "permit the user of the context (kubectl auth whoami) what an upgrade does in both namespaces: read, create and change Leases, ConfigMaps, Jobs, Pods and all that the manifests hold; or use a context whose user has these permissions",
  },
  "cluster-refuses": {
    failure: "configuration",
    what: ({ what, status, said }: Refused) => `the cluster refuses to ${what}: ${said} (HTTP status ${status})`,
    fix: () =>
      "read the reason, which comes from the API server or from an admission webhook of the cluster, and correct what it names",
  },
  "cluster-fails": {
    failure: "dependency",
    what: ({ what, status, said }: Refused) => `the cluster cannot ${what}: ${said} (HTTP status ${status})`,
    fix: () => "see the API server's log, then run this again: it keeps what exists",
  },
});

/** @returns what a refusal means that is none of the user's rights: the cluster may answer otherwise later, or never. */
export const refusalMessage = (given: Refused) =>
  clusterMessage(given.status >= 500 || given.status === 429 ? "cluster-fails" : "cluster-refuses", given);
