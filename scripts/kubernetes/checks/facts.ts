import { type KubernetesObject, kubectl, list, mustKubectl } from "../kubectl.ts";
import type { ClaimObject, VolumeObject, WorkloadObject } from "../objects.ts";

export type ClassObject = KubernetesObject & { readonly provisioner: string };

export type NodeObject = KubernetesObject & {
  readonly spec?: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly effect: string }[];
  };
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
};

/** What a cluster has, as far as a deployment depends on it. */
export type Facts = {
  /** Of the API server: `1.36`, and as it calls itself, `v1.36.3`. */
  readonly version: { readonly minor: number; readonly text: string };
  readonly nodes: readonly NodeObject[];
  readonly classes: readonly ClassObject[];
  readonly volumes: readonly VolumeObject[];
  readonly namespaces: readonly KubernetesObject[];
  /** In the deployment's namespaces. */
  readonly claims: readonly ClaimObject[];
  readonly workloads: readonly WorkloadObject[];
  /** The keys of each Secret, by `namespace/name`; what they hold is not read. */
  readonly secrets: ReadonlyMap<string, readonly string[]>;
};

const keysOnly = '{{range .items}}{{.metadata.name}}{{range $key, $value := .data}} {{$key}}{{end}}{{"\\n"}}{{end}}';

/** Why there is no cluster to ask, or undefined where there is one. */
export async function clusterTrouble(): Promise<string | undefined> {
  const current = await kubectl(["config", "view", "--minify", "--output", "jsonpath={.clusters[0].cluster.server}"]);
  if (current.status !== 0 || current.stdout.trim() === "") {
    const said = current.stderr.trim().replace(/^error: /, "");
    return `no cluster is named: set KUBECONFIG to the file of one${said === "" ? "" : ` (${said})`}`;
  }
  const asked = await kubectl(["version", "--output", "json", "--request-timeout", "15s"]);
  if (asked.status === 0) return undefined;
  const said = asked.stderr.trim().split("\n").at(-1) ?? "";
  return `the cluster at ${current.stdout.trim()} does not answer as it must: ${said}`;
}

async function versionOf(): Promise<Facts["version"]> {
  const { serverVersion } = JSON.parse(await mustKubectl(["version", "--output", "json"])) as {
    readonly serverVersion: { readonly minor: string; readonly gitVersion: string };
  };
  // Some call it 30+.
  return { minor: Number.parseInt(serverVersion.minor, 10), text: serverVersion.gitVersion };
}

/** What an account may not list is taken for absent: what it may not do is told of by the dry run. */
const orNone = <T>(listing: Promise<readonly T[]>): Promise<readonly T[]> => listing.catch(() => []);

/** Asks a cluster what it has. @param names of the deployment's namespaces. */
export async function readFacts(names: readonly string[]): Promise<Facts> {
  const [version, nodes, classes, volumes, namespaces] = await Promise.all([
    versionOf(),
    orNone(list<NodeObject>("nodes")),
    orNone(list<ClassObject>("storageclasses")),
    orNone(list<VolumeObject>("persistentvolumes")),
    orNone(list("namespaces")),
  ]);
  const within = await Promise.all(
    names.map(async (namespace) => {
      const here = ["--namespace", namespace];
      const [claims, workloads, secrets] = await Promise.all([
        orNone(list<ClaimObject>("persistentvolumeclaims", here)),
        orNone(list<WorkloadObject>("deployments,statefulsets", here)),
        mustKubectl(["get", "secrets", ...here, "--output", `go-template=${keysOnly}`]).catch(() => ""),
      ]);
      const keys = secrets.split("\n").flatMap((line): readonly (readonly [string, readonly string[]])[] => {
        const [name = "", ...all] = line.split(" ");
        return name === "" ? [] : [[`${namespace}/${name}`, all]];
      });
      return { claims, workloads, keys };
    }),
  );
  return {
    ...{ version, nodes, classes, volumes, namespaces },
    claims: within.flatMap(({ claims }) => claims),
    workloads: within.flatMap(({ workloads }) => workloads),
    secrets: new Map(within.flatMap(({ keys }) => keys)),
  };
}
