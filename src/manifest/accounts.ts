import type { Deployment } from "../deployment/deployment.ts";
import { type KubernetesObject, labelsOf, type Mapping } from "./object.ts";
import { changedSecrets, type Pod } from "./pods.ts";

/** The account of pods that ask nothing of the API server: it may do nothing, and its token is in none of them. */
const usual = "plinth";

/** @returns the service account of a pod. */
export const accountOf = (deployment: Deployment, pod: Pod): string =>
  changedSecrets(deployment, pod).length > 0 ? pod.name : usual;

function account(deployment: Deployment, name: string, namespace: string): KubernetesObject {
  return {
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { name, namespace, labels: labelsOf(deployment, name, "account") },
    automountServiceAccountToken: false,
  };
}

/** @returns the account that a namespace's pods have. */
export const usualAccount = (deployment: Deployment, namespace: string): KubernetesObject =>
  account(deployment, usual, namespace);

/** @returns an account of its own for a pod that changes Secrets: it may read and replace those, and nothing else. */
export function ownAccount(deployment: Deployment, pod: Pod): readonly KubernetesObject[] {
  const secrets = changedSecrets(deployment, pod);
  if (secrets.length === 0) return [];
  const { name, namespace } = pod;
  const metadata: Mapping = { name, namespace, labels: labelsOf(deployment, name, pod.component) };
  const apiGroup = "rbac.authorization.k8s.io";
  return [
    account(deployment, name, namespace),
    {
      apiVersion: `${apiGroup}/v1`,
      kind: "Role",
      metadata,
      rules: [{ apiGroups: [""], resources: ["secrets"], resourceNames: secrets, verbs: ["get", "update"] }],
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: "RoleBinding",
      metadata,
      roleRef: { apiGroup, kind: "Role", name },
      subjects: [{ kind: "ServiceAccount", name, namespace }],
    },
  ];
}
