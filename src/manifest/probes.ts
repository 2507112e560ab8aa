import type { Question, Workload } from "../deployment/deployment.ts";
import type { Mapping } from "./object.ts";

/** A process in the container costs a tenth of a second of a processor, kubelet's own questions next to nothing. */
const rarely = 60;

/**
 * Seconds until kubelet gives a process in the container up, which it counts for a no. So it is for what never ends at all: on a node whose
 * processors were scarce no process began within 30 s, and kubelet ended services that were well, which made processors scarcer.
 */
const never = 300;

/** Seconds that a service has to answer plinth: a late answer is no hang. */
const livenessTimeoutSeconds = 60;

const plinth = (flag: "--alive" | "--ready", ...more: readonly string[]): Mapping => ({
  exec: { command: ["/opt/plinth/bin/plinth", "healthcheck", flag, ...more] },
  timeoutSeconds: never,
});

/** A pod's address is no name that Horizon would answer to; to the others the header says nothing. */
const page = (port: number, path: string): Mapping => ({
  httpGet: { path, port, httpHeaders: [{ name: "Host", value: "127.0.0.1" }] },
});

function serving(asked: Question): Mapping {
  if (asked.ask === "plinth") return plinth("--ready");
  const by = asked.ask === "page" ? page(asked.port, asked.path) : { tcpSocket: { port: asked.port } };
  return { ...by, timeoutSeconds: 10 };
}

/**
 * Seconds to the first question to a service that starts, and between two. Until it has answered, no Service leads to it: what others wait
 * for is asked often. Nobody waits for a service without a port, its question is a process in the container, which costs kubelet, the runtime
 * and plinth a fifth of a second of a processor together, and logs in to all that the service needs. Asked every 10 s, the replicas of six
 * services that started at once left a keystone on two processors no time for anything else.
 */
const whileStarting = { awaited: { first: 0, period: 3 }, alone: { first: 15, period: 30 } } as const;

/**
 * Probes of a container.
 *
 * - Startup lasts as long as plinth may wait, and then as long as a service takes to load.
 * - Readiness never asks what the service depends on: that is away for all replicas at once, and a Service without endpoints is worse than
 *   an API that answers 503, or late: while forty services started, three answers that took over 5 s took keystone from all of them.
 *   Who has no clients is ready once it has started, since in a pod of several containers it would take the others out of their Service.
 * - Liveness is plinth's alone: it knows when no answer is the fault of a dependency that hangs.
 *
 * @param waitTimeout seconds that plinth may wait.
 */
export function probesOf({ health, ports }: Workload, waitTimeout: number): Mapping {
  if (health === null) return {};
  const asked = health.serves;
  const isAwaited = Object.keys(ports).length > 0;
  const { first, period } = isAwaited ? whileStarting.awaited : whileStarting.alone;
  // While it starts nobody is connected: the one connection that it takes is the one line that it logs.
  const isAskedOften = isAwaited && asked.ask !== "plinth" && !(asked.ask === "port" && asked.logs);
  return {
    startupProbe: {
      ...serving(asked),
      ...(first > 0 ? { initialDelaySeconds: first } : {}),
      periodSeconds: period,
      failureThreshold: Math.ceil((waitTimeout + 600) / period),
    },
    ...(isAskedOften ? { readinessProbe: { ...serving(asked), periodSeconds: 5, failureThreshold: 6 } } : {}),
    livenessProbe: {
      ...plinth("--alive", "--timeout", String(livenessTimeoutSeconds)),
      periodSeconds: rarely,
      failureThreshold: 3,
    },
  };
}
