import type { Deployment } from "./deployment.ts";

/**
 * The namespaces of a deployment in a cluster. What needs rights of the machine has one of its own: Pod Security is asked of a whole
 * namespace.
 */
export const namespacesOf = (deployName: string): Deployment["cluster"]["namespaces"] => ({
  control: deployName,
  hypervisors: `${deployName}-hypervisors`,
});
