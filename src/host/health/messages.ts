import { catalog } from "../../diagnostics/catalog.ts";

/** What a health check can find. The status is that of a missing dependency: whoever depends on the service waits. */
export const healthMessage = catalog({
  "service-unhealthy": {
    failure: "dependency",
    what: ({ aspect, reason }: { aspect: "alive" | "ready"; reason: string }) => `not ${aspect}: ${reason}`,
    fix: () => "see the service's own log; docs/health.md has what is asked of each service",
  },
  "hung-ended": {
    failure: "dependency",
    what: ({ reason, seconds, pid, name }: { reason: string; seconds: number; pid: number; name: string }) =>
      `not alive for ${seconds} s: ended process ${pid} (${name}), so that its container is started anew: ${reason}`,
    fix: () =>
      "see the service's own log from before; to look at a service that stands still, docs/health.md says how it is held",
  },
  "hung-not-ended": {
    failure: "dependency",
    what: ({
      reason,
      seconds,
      pid,
      name,
      error,
    }: {
      reason: string;
      seconds: number;
      pid: number;
      name: string;
      error: string;
    }) => `not alive for ${seconds} s, and cannot end process ${pid} (${name}), ${error}: ${reason}`,
    fix: () => "run the health check as the service's own user, or as root with the capability KILL",
  },
  "hung-process-one": {
    failure: "dependency",
    what: ({ reason, seconds }: { reason: string; seconds: number }) =>
      `not alive for ${seconds} s, and cannot end it, since it is process 1 of its container: ${reason}`,
    fix: () => "run the container with an init (docker run --init; in Compose init: true), or restart it by hand",
  },
  "question-unreadable": {
    failure: "configuration",
    what: ({ path, reason }: { path: string; reason: string }) =>
      `cannot read what to ask the service, ${path}: ${reason}`,
    fix: () => "run the health check as the user that the container runs as: the file holds the service's passwords",
  },
});
