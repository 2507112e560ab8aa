/**
 * What an engine gives by itself, so that the deployment does not have to bring it.
 *
 * - `pods`: containers that belong together are one pod, with one network; a name leads to all pods of a service, and what ends is
 *   started again whatever it shares. So no HAProxy and no keeper is needed, and no address is fixed.
 * - `secretVolumes`: a secret may be a directory with many files that a service cannot write to.
 */
export type Engine = {
  readonly name: "compose" | "kubernetes";
  readonly pods: boolean;
  readonly secretVolumes: boolean;
};

/** Docker Compose: containers on one machine. */
export const composeEngine: Engine = { name: "compose", pods: false, secretVolumes: false };

/** Kubernetes. */
export const kubernetesEngine: Engine = { name: "kubernetes", pods: true, secretVolumes: true };
