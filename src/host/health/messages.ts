import { catalog } from "../../diagnostics/catalog.ts";

/** What a health check can find. The status is that of a missing dependency: whoever depends on the service waits. */
export const healthMessage = catalog({
  "service-unhealthy": {
    failure: "dependency",
    what: ({ asked, reason }: { asked: string; reason: string }) => `not healthy: ${asked}: ${reason}`,
    fix: () => "see the service's own log",
  },
  "broker-not-connected": {
    failure: "dependency",
    what: ({ brokers, processes }: { brokers: string; processes: number }) =>
      `not healthy: none of ${processes} processes here holds an established connection to the broker (${brokers})`,
    fix: () => "see the service's own log, and whether the broker can be reached from here (plinth wait amqp://...)",
  },
  "processes-hidden": {
    failure: "dependency",
    what: ({ hidden }: { hidden: readonly number[] }) =>
      `cannot see whether the service is connected to its broker: no access to /proc/PID/fd of ${hidden.length === 1 ? "process" : "processes"} ${hidden.slice(0, 5).join(", ")}${hidden.length > 5 ? ", ..." : ""}`,
    fix: () =>
      "run the health check as the service's own user, or as root with the capabilities SETUID and SETGID; hidepid must not be set on /proc",
  },
});
