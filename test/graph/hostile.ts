import type { Container, Deployment, Wait, Workload } from "../../src/deployment/deployment.ts";

/** Names that mean something to XML, DOT, Mermaid, HTML or a terminal. No row has one; a model's texts could. */
export const hostileNames = [
  'a"b',
  "</text><script>alert(1)</script>",
  "line\nbreak",
  "back\\slash\\N",
  "trailing\\",
  "&amp;&lt;",
  "%%{init: {}}%%",
  "end",
  "`md`",
  "#quot;",
  "]]>",
  "\u0000\u001b\u202e\ufffe\ud800",
  "größe ×",
  "a|b{c}[d](e)",
  "-->",
  'click a href "javascript:1"',
  "'",
] as const;

const container = (name: string, hostname: string | null): Container => ({
  name,
  hostname,
  namespace: null,
  parameters: {},
  addressed: [],
  mounts: [],
  published: [{ address: "fd00::1", port: 2, target: 1 }],
});

/** A workload with nothing but what a graph shows. */
export const workload = (name: string, more: Partial<Workload> = {}): Workload => ({
  name,
  doc: `What ${name} is.`,
  kind: "service",
  byHand: false,
  image: name,
  service: "server",
  runs: "replicas",
  account: { user: "a", group: "a", uid: 1, gid: 1 },
  host: {},
  network: "containers",
  joinsProcesses: false,
  stop: { seconds: 15 },
  rollout: "overlap",
  health: null,
  uses: { memory: 1, cpu: 1 },
  group: name,
  serviceNames: {},
  outside: [],
  pillar: "0",
  peers: [],
  scratch: [],
  secrets: [],
  ports: {},
  containers: [{ ...container(name, name), published: [] }],
  ...more,
});

/** A deployment of these workloads; the rest of it no graph shows. */
export const deploymentOf = (
  workloads: readonly Workload[],
  waits: readonly Wait[],
  more: Partial<Deployment> = {},
): Deployment => ({
  name: "test",
  release: "2025.1",
  region: "RegionOne",
  imagePrefix: "test",
  networks: { inside: { name: "inside", prefix: "172.31.240" }, outside: { name: "outside", prefix: "172.31.239" } },
  controlNetwork: "containers",
  waitTimeout: 1800,
  virtualized: false,
  cluster: {
    publish: "LoadBalancer",
    machineNetworks: [],
    hypervisorNodes: {},
    namespaces: { control: "test", hypervisors: "test-hypervisors" },
  },
  namespaces: [],
  workloads,
  volumes: [],
  secrets: [],
  addresses: [],
  talks: [],
  waits,
  ...more,
});

export const hostileDeployment = deploymentOf(
  hostileNames.map((name, index) =>
    workload(name, {
      image: hostileNames[(index * 7) % 5] ?? "",
      kind: index % 3 === 0 ? "job" : "service",
      runs: index % 4 === 0 ? "hypervisor" : "replicas",
      ports: { api: 1 },
      containers: [container(name, hostileNames[(index + 3) % hostileNames.length] ?? null)],
    }),
  ),
  hostileNames.flatMap((from, index) => [
    { from, to: hostileNames[(index + 1) % hostileNames.length] ?? "", what: from },
    { from, to: hostileNames[(index + 5) % hostileNames.length] ?? "", what: "cache", optional: true },
  ]),
  { name: hostileNames.join(" "), release: "<2025.1>" },
);
