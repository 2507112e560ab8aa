import { catalog } from "../../diagnostics/catalog.ts";

type Refused = { readonly what: string; readonly status: number; readonly said: string };

/** What can go wrong between plinth and a cluster. */
export const clusterMessage = catalog({
  "kubectl-missing": {
    failure: "configuration",
    what: ({ command, reason }: { command: string; reason: string }) => `${command} cannot be run: ${reason}`,
    fix: () =>
      "install kubectl (https://kubernetes.io/docs/tasks/tools/), or say by KUBECTL what it is called: KUBECTL=/opt/bin/kubectl",
  },
  "kubectl-failed": {
    failure: "dependency",
    what: ({ command, reason }: { command: string; reason: string }) => `${command} cannot ask the cluster: ${reason}`,
    fix: ({ command }: { command: string; reason: string }) =>
      `let this work first: ${command} get namespaces. Which cluster it is: --context, --kubeconfig, KUBECONFIG (kubectl config get-contexts lists those there are)`,
  },
  "cluster-silent": {
    failure: "dependency",
    what: ({ url, reason }: { url: string; reason: string }) =>
      `Kubernetes' API at ${url} cannot be asked from this pod: ${reason}`,
    fix: () =>
      "let the pod have the token and the authority of its service account in /var/run/secrets/kubernetes.io/serviceaccount, and let no NetworkPolicy keep it from the API server",
  },
  "namespace-missing": {
    failure: "configuration",
    what: ({ namespace }: { namespace: string }) => `the cluster has no namespace ${namespace}`,
    fix: ({ namespace }: { namespace: string }) =>
      `apply the manifests first, which have it; or kubectl create namespace ${namespace}. Is it the right cluster (--context)? The name is the model's deploy_name`,
  },
  "namespace-ending": {
    failure: "dependency",
    what: ({ namespace }: { namespace: string }) => `the namespace ${namespace} is being deleted`,
    fix: () => "wait until it is gone, and make it anew",
  },
  "cluster-forbids": {
    failure: "configuration",
    what: ({ what, said }: Refused) => `the cluster does not let you ${what}: ${said}`,
    fix: () =>
      "let the user of the context (kubectl auth whoami) get and create Secrets in the namespace, and update them to rotate keys; or take a context whose user may",
  },
  "cluster-refuses": {
    failure: "configuration",
    what: ({ what, status, said }: Refused) => `the cluster refuses to ${what}: ${said} (HTTP status ${status})`,
    fix: () => "what it says is the API server's, or of an admission webhook of the cluster",
  },
  "cluster-fails": {
    failure: "dependency",
    what: ({ what, status, said }: Refused) => `the cluster cannot ${what}: ${said} (HTTP status ${status})`,
    fix: () => "see the API server's log, then run this again: what was made already is left as it is",
  },
});
