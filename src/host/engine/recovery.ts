/**
 * What the engine itself leaves undone about containers that it is to restart, as moby does it from 20.10 to 28 (daemon/daemon.go,
 * daemon/monitor.go, daemon/container_operations.go):
 *
 * - One whose start fails is given up, whatever its restart policy says. After an engine that was killed has restarted, that is most
 *   of them: runc's directories in /run outlive it, and the start ends with "container with given ID already exists". A second one works.
 * - One that lives in namespaces of another (`network_mode: service:x`) cannot start while that is down ("cannot join network of a non
 *   running container"). So it is when all end at the same moment, and when the machine is started.
 * - Once the other one was started again it has new namespaces; nobody tells those that are in the old ones.
 */

/** A container as far as that is concerned. */
export type ContainerState = {
  readonly id: string;
  readonly name: string;
  /** running, exited, restarting, created, paused, dead. */
  readonly state: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Why the engine could not start it, the last time; empty where it could, or where somebody ended it. */
  readonly error: string;
  /** Whether its restart policy is to start it again however it ended. */
  readonly isRestarted: boolean;
  /** Ids or names of containers whose namespaces it lives in. */
  readonly joins: readonly string[];
};

export type RecoveryAction = {
  readonly container: ContainerState;
  readonly by: "start" | "restart";
  readonly why: string;
};

/**
 * @returns what is to be done for containers, once those whose namespaces they share run: what was given up is started, what was left
 *   behind in namespaces of before are restarted. One that a user has stopped is left alone.
 */
export function recoveryActions(all: readonly ContainerState[]): readonly RecoveryAction[] {
  return all
    .filter(({ isRestarted }) => isRestarted)
    .flatMap((container): readonly RecoveryAction[] => {
      const owners = container.joins.map((wanted) => all.find(({ id, name }) => id === wanted || name === wanted));
      if (!owners.every((owner) => owner?.state === "running")) return [];
      const newer = owners.find((owner) => owner && owner.startedAt > container.startedAt);
      if (container.state === "exited" && container.error !== "") {
        return [{ container, by: "start", why: `the engine gave it up: ${container.error}` }];
      }
      if (container.state === "running" && newer) {
        return [{ container, by: "restart", why: `${newer.name}, whose namespaces it shares, was restarted` }];
      }
      return [];
    });
}
