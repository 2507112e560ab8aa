import assert from "node:assert/strict";
import { kubectl, list, mustKubectl } from "../../../scripts/kubernetes/kubectl.ts";
import type { PodObject } from "../../../scripts/kubernetes/progress.ts";
import { describeNamed } from "../../../scripts/stack/model.ts";
import { kubernetesEngine } from "../../../src/deployment/engine.ts";
import { mustBe } from "../../support/must-be.ts";
import { control, environment, pods } from "./cluster.ts";

/** Who connects to whom in the cluster, tried from each pod to each port, and who may. */

type Listening = PodObject & { readonly status: { readonly podIP: string } };

/** Tries to connect to all of its words, ADDRESS:PORT, at once; prints those that take the connection. */
const tries = `for t in "$@"; do
  (timeout 3 bash -c 'exec 3<>"/dev/tcp/\${0%:*}/\${0##*:}"' "$t" 2>/dev/null && echo "$t") &
done; wait`;

async function connects(namespace: string, pod: string, container: string, targets: readonly string[]) {
  const words = ["exec", "--namespace", namespace, pod, "--container", container, "--", "bash", "-c", tries, "bash"];
  const { stdout, stderr } = await kubectl([...words, ...targets]);
  assert.doesNotMatch(stderr, /error/i);
  return new Set(stdout.split("\n").filter(Boolean));
}

const description = mustBe(describeNamed(environment, kubernetesEngine));

/** The workloads that are containers of a pod. */
const workloadsIn = (pod: PodObject): ReadonlySet<string> => new Set(pod.spec.containers.map(({ name }) => name));

const published = (pod: PodObject): ReadonlySet<number> =>
  new Set(
    description.workloads
      .filter(({ name }) => workloadsIn(pod).has(name))
      .flatMap(({ containers }) => containers.flatMap((one) => one.published.map(({ target }) => target))),
  );

/** Whether a pod of the deployment has a reason to connect to a port of another. */
function mayTalk(from: PodObject, to: PodObject, port: number): boolean {
  const [ones, others] = [workloadsIn(from), workloadsIn(to)];
  const talks = description.talks.some((talk) => ones.has(talk.from) && others.has(talk.to) && talk.port === port);
  const peers = description.workloads.some(
    ({ name, peers: own }) =>
      ones.has(name) && others.has(name) && own.some((one) => one.port === port && one.protocol === "TCP"),
  );
  return talks || peers;
}

const firstContainer = (pod: PodObject): string => pod.spec.containers[0]?.name ?? "";
const key = (pod: Listening, port: number): string => `${pod.status.podIP}:${port}`;

/** Ports at which pods listen for others, as they themselves see it at their own address. */
async function listening(all: readonly Listening[]) {
  const numbers = [
    ...new Set(
      description.workloads.flatMap(({ ports, peers }) => [...Object.values(ports), ...peers.map(({ port }) => port)]),
    ),
  ];
  const found = await Promise.all(
    all.map(async (pod) => {
      const { namespace = "", name } = pod.metadata;
      const own = await connects(
        namespace,
        name,
        firstContainer(pod),
        numbers.map((port) => key(pod, port)),
      );
      return numbers.filter((port) => own.has(key(pod, port))).map((port) => ({ pod, port }));
    }),
  );
  return found.flat();
}

/** What the probes showed. */
export type Probed = {
  readonly tried: number;
  readonly allowed: number;
  /** Connections that should not be, and those that should and are not: `FROM → TO:PORT`. */
  readonly open: readonly string[];
  readonly refused: readonly string[];
};

const strayNamespace = `${control}-stray`;

/** A pod that is nobody's: in a namespace of its own, and in that of the control plane. */
function stray(namespace: string, image: string) {
  const securityContext = { runAsNonRoot: true, runAsUser: 65534, seccompProfile: { type: "RuntimeDefault" } };
  const confined = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
  const container = { name: "stray", image, command: ["sleep", "infinity"], securityContext: confined };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "stray", namespace },
    spec: {
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 0,
      securityContext,
      containers: [container],
    },
  };
}

/** Tries every listening port of every pod from every other pod, and from two that are nobody's. */
export async function probePolicies(): Promise<Probed> {
  const all = (await pods()) as readonly Listening[];
  const image = all.flatMap(({ spec }) => spec.containers).find(({ name }) => name === "memcached-server")?.image ?? "";
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: strayNamespace } };
  const items = [namespace, stray(strayNamespace, image), stray(control, image)];
  await mustKubectl(["apply", "--filename", "-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
  try {
    for (const where of [strayNamespace, control]) {
      await mustKubectl(["wait", "pod/stray", "--namespace", where, "--for", "condition=Ready", "--timeout", "60s"]);
    }
    const targets = await listening(all);
    const open: string[] = [];
    const refused: string[] = [];
    let allowed = 0;
    const judge = (from: string, to: Listening, port: number, may: boolean, did: boolean): void => {
      if (may) allowed += 1;
      if (may !== did) (did ? open : refused).push(`${from} → ${to.metadata.name}:${port}`);
    };
    const keys = targets.map(({ pod, port }) => key(pod, port));
    // One pod after the other: a connection that is dropped takes its three seconds, and a busy machine more.
    for (const from of all) {
      const { namespace: here = "", name } = from.metadata;
      const others = targets.filter(({ pod }) => pod.metadata.uid !== from.metadata.uid);
      const did = await connects(
        here,
        name,
        firstContainer(from),
        others.map(({ pod, port }) => key(pod, port)),
      );
      for (const { pod, port } of others) judge(name, pod, port, mayTalk(from, pod, port), did.has(key(pod, port)));
    }
    const outside = await connects(strayNamespace, "stray", "stray", keys);
    const inside = await connects(control, "stray", "stray", keys);
    for (const { pod, port } of targets) {
      judge("a stray pod", pod, port, published(pod).has(port), outside.has(key(pod, port)));
      judge("a stray pod of the control plane's namespace", pod, port, false, inside.has(key(pod, port)));
    }
    return { tried: targets.length * (all.length + 2), allowed, open, refused };
  } finally {
    await kubectl(["delete", "pod", "stray", "--namespace", control, "--ignore-not-found", "--wait=false"]);
    await kubectl(["delete", "namespace", strayNamespace, "--ignore-not-found", "--wait=false"]);
  }
}

/** Policies of the deployment that there are: without any, all of the above would pass for the wrong reason. */
export const policyCount = async (): Promise<number> =>
  (await list("networkpolicies", ["--namespace", control])).length;
