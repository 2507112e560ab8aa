import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { list, mustKubectl } from "../../../scripts/kubernetes/kubectl.ts";
import type { PodObject } from "../../../scripts/kubernetes/progress.ts";
import { kinds, type Load } from "../../../scripts/stack/chaos/load.ts";
import { outages, totalSeconds } from "../../../scripts/stack/chaos/samples.ts";
import { endpoints, guests, healed, pods, replaced } from "./cluster.ts";

/** One way to break what runs in the cluster. */
export type Fault = {
  readonly name: string;
  readonly make: () => Promise<unknown>;
  /** Brings back what does not come back by itself: a node. */
  readonly end?: () => Promise<unknown>;
  /** Seconds within which all must be as before, from the fault's end. */
  readonly healsWithin: number;
};

/** What a fault did. Seconds are to a tenth. */
export type Measured = {
  readonly name: string;
  readonly api_outage_s: number;
  readonly healed_after_s: number;
};

const run = promisify(execFile);

/** As a crash of it: no container of the pod is asked to end. */
export const kill = async (all: readonly PodObject[]): Promise<void> => {
  for (const [namespace, own] of Map.groupBy(all, ({ metadata }) => metadata.namespace ?? "")) {
    const names = own.map(({ metadata }) => metadata.name);
    await mustKubectl(["delete", "pod", ...names, "--namespace", namespace, "--force", "--grace-period", "0"]);
  }
};

const isHypervisor = ({ metadata: { namespace } }: PodObject): boolean => namespace === guests;

/** Calls a command that somebody has for his nodes, with the node's name behind it: NODE_STOP, NODE_START. */
const hook = async (variable: string, node: string): Promise<void> => {
  await run("sh", ["-c", `${process.env[variable]} "$1"`, "sh", node]);
};

/** A node that is not the one by which the services are reached: with a hypervisor on it. */
async function otherNode(): Promise<string> {
  const { hostname } = new URL(endpoints().identity ?? "http://unknown");
  type Node = { readonly status: { readonly addresses: readonly { readonly address: string }[] } };
  const nodes = (await list("nodes")) as unknown as readonly (Node & {
    readonly metadata: { readonly name: string };
  })[];
  const entry = nodes.find(({ status }) => status.addresses.some(({ address }) => address === hostname));
  const node = (await pods()).filter(isHypervisor).find(({ spec }) => spec.nodeName !== entry?.metadata.name)
    ?.spec.nodeName;
  if (node === undefined) throw new Error("no hypervisor is on another node than the one that requests go to");
  return node;
}

/** The faults, in the order in which they are made. */
export async function faultsHere(): Promise<readonly Fault[]> {
  const node = await otherNode();
  const isDrained = ["--ignore-daemonsets", "--delete-emptydir-data", "--force", "--timeout", "120s"];
  const all: readonly Fault[] = [
    {
      name: "kill:each-pod",
      healsWithin: 120,
      async make() {
        // The next one once this one is back, hypervisors last: guests start again with them.
        const now = await pods();
        for (const pod of [...now.filter((one) => !isHypervisor(one)), ...now.filter(isHypervisor)]) {
          await kill([pod]);
          await replaced(pod);
        }
      },
    },
    { name: "kill:all-pods", healsWithin: 240, make: async () => kill(await pods()) },
    {
      name: `drain:${node}`,
      healsWithin: 180,
      // Servers are not moved away: the hypervisor stays, as its disruption budget has it.
      make: () =>
        mustKubectl(["drain", node, ...isDrained, "--pod-selector", "app.kubernetes.io/component!=hypervisor"]),
      end: () => mustKubectl(["uncordon", node]),
    },
  ];
  if (!process.env["NODE_STOP"] || !process.env["NODE_START"]) return all;
  const stop: Fault = {
    name: `stop:${node}`,
    healsWithin: 240,
    async make() {
      await hook("NODE_STOP", node);
      await mustKubectl(["wait", "node", node, "--for", "condition=Ready=Unknown", "--timeout", "120s"]);
      // Longer than pods are left on a node that is gone.
      await new Promise((settle) => setTimeout(settle, 60_000));
    },
    end: () => hook("NODE_START", node),
  };
  return [...all, stop];
}

/** Makes a fault under load and waits until all is as before. */
export async function measure(fault: Fault, load: Load): Promise<Measured> {
  const began = performance.now() - 500;
  await fault.make();
  await fault.end?.();
  const seconds = await healed(fault.healsWithin);
  const samples = load.since(began);
  const apis = kinds.filter((kind) => kind !== "console");
  const spans = apis.flatMap((kind) => outages(samples[kind], performance.now()));
  return { name: fault.name, api_outage_s: totalSeconds(spans), healed_after_s: seconds };
}
