/**
 * What the engine itself leaves undone about containers that live in namespaces of another one (`network_mode: service:x`), as moby
 * does it from 20.10 to 28 (daemon/monitor.go, daemon/container_operations.go):
 *
 * - Once the other one was started again it has new namespaces; nobody tells those that are in the old ones.
 * - One that is to be restarted while the other one is down cannot be ("cannot join network of a non running container"), and is
 *   given up, whatever its restart policy says. So it is when all end at the same moment, and when the machine is started.
 */

/** A container as far as that is concerned. */
export type Contained = {
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

export type Cure = {
  readonly container: Contained;
  readonly by: "start" | "restart";
  readonly why: string;
};

/**
 * @returns what is to be done for containers whose namespaces are there: those that were given up are started, those that were left
 *   behind in namespaces of before are restarted. One that a user has stopped is left alone.
 */
export function curesFor(all: readonly Contained[]): readonly Cure[] {
  return all
    .filter(({ joins, isRestarted }) => joins.length > 0 && isRestarted)
    .flatMap((container): readonly Cure[] => {
      const owners = container.joins.map((wanted) => all.find(({ id, name }) => id === wanted || name === wanted));
      if (!owners.every((owner) => owner?.state === "running")) return [];
      const newer = owners.find((owner) => owner && owner.startedAt > container.startedAt);
      if (container.state === "exited" && container.error !== "") {
        return [{ container, by: "start", why: `the engine gave it up: ${container.error}` }];
      }
      if (container.state === "running" && newer) {
        return [{ container, by: "restart", why: `${newer.name}, whose namespaces it shares, was started anew` }];
      }
      return [];
    });
}
