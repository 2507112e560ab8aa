import { catalog } from "../../diagnostics/catalog.ts";

/** What a health check can find. The status is that of a missing dependency: whoever depends on the service waits. */
export const healthMessage = catalog({
  "service-unhealthy": {
    failure: "dependency",
    what: ({ aspect, reason }: { aspect: "alive" | "ready"; reason: string }) =>
      `the service is not ${aspect}: ${reason}`,
    fix: () => "see the service's own log; docs/health.md describes what is checked for each service",
  },
  "hung-ended": {
    failure: "dependency",
    what: ({ reason, seconds, pid, name }: { reason: string; seconds: number; pid: number; name: string }) =>
      `the service was not alive for ${seconds} s; plinth ended process ${pid} (${name}) so that its container restarts: ${reason}`,
    fix: () =>
      "see the service's own log from before the restart; docs/health.md describes how to keep a hung service for inspection",
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
    }) =>
      `the service was not alive for ${seconds} s, and plinth cannot end process ${pid} (${name}), ${error}: ${reason}`,
    fix: () => "run the health check as the service's own user, or as root with the capability KILL",
  },
  "hung-process-one": {
    failure: "dependency",
    what: ({ reason, seconds }: { reason: string; seconds: number }) =>
      `the service was not alive for ${seconds} s, and plinth cannot end it, because it is process 1 of its container: ${reason}`,
    fix: () => "run the container with an init (docker run --init; Compose: init: true), or restart it by hand",
  },
  "question-unreadable": {
    failure: "configuration",
    what: ({ path, reason }: { path: string; reason: string }) =>
      `cannot read the health check's description ${path}: ${reason}`,
    fix: () =>
      "run the health check as the container's own user: only it may read the file, which holds the service's passwords",
  },
});
