import { catalog } from "../../diagnostics/catalog.ts";

/** What a health check can find. The status is that of a missing dependency: whoever depends on the service waits. */
export const healthMessage = catalog({
  "service-unhealthy": {
    failure: "dependency",
    what: ({ aspect, reason }: { aspect: "alive" | "ready"; reason: string }) => `not ${aspect}: ${reason}`,
    fix: () => "see the service's own log; docs/health.md has what is asked of each service",
  },
  "question-unreadable": {
    failure: "configuration",
    what: ({ path, reason }: { path: string; reason: string }) =>
      `cannot read what to ask the service, ${path}: ${reason}`,
    fix: () => "run the health check as the user that the container runs as: the file holds the service's passwords",
  },
});
