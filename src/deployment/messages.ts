import { catalog } from "../diagnostics/catalog.ts";

const hint = (near: string | undefined): string => (near === undefined ? "" : `did you mean ${near}? `);
const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));

/** What can be wrong with a deployment, before anything of it starts. */
export const deploymentMessage = catalog({
  "workload-key-unknown": {
    failure: "configuration",
    what: ({ node, path }: { node: string; path: string; near: string | undefined; known: readonly string[] }) =>
      `${path} of the node ${node} is not a key of a deployment`,
    fix: ({ near, known }) => `${hint(near)}${known.length === 0 ? "remove it" : `the keys are: ${list(known)}`}`,
  },
  "workload-value-wrong": {
    failure: "configuration",
    what: ({ node, path }: { node: string; path: string; wants: string }) => `cannot use ${path} of the node ${node}`,
    fix: ({ wants }) => `give it ${wants}`,
  },
  "replicas-of-one": {
    failure: "configuration",
    what: ({ node, service, count }: { node: string; service: string; count: number; why: string }) =>
      `${node} requests ${count} containers of ${service}, which may run only once`,
    fix: ({ why }) => why,
  },
  "replicas-on-host": {
    failure: "configuration",
    what: ({ workload, count }: { workload: string; count: number }) =>
      `${count} containers of ${workload} would listen on the same port of the machine, because the control plane uses the machine's network`,
    fix: () => "give it one replica, or set _param:control_network to containers",
  },
  "hypervisor-unknown": {
    failure: "configuration",
    what: ({ workload, hypervisor }: { workload: string; hypervisor: string }) =>
      `${workload} is placed on ${hypervisor}, where no container holds the network namespace that it shares`,
    fix: () => "name the same hypervisors in _workload:placement of ovn-server",
  },
  "address-unanswered": {
    failure: "configuration",
    what: ({ node, parameter }: { node: string; parameter: string; image: string; wanted: string }) =>
      `${node} needs ${parameter}, and no service of the model answers there`,
    fix: ({ image, parameter }) => `add a node for ${image}, or set ${parameter} under "parameters" in the model`,
  },
  "secret-unmade": {
    failure: "configuration",
    what: ({ node, parameter }: { node: string; parameter: string }) =>
      `${node} needs the secret ${parameter}, which plinth does not create`,
    fix: ({ parameter }) => `use a parameter of src/openstack/secrets.ts, or add a row for ${parameter} there`,
  },
  "parameter-unfilled": {
    failure: "configuration",
    what: ({ node, parameter }: { node: string; parameter: string; services: readonly string[] }) =>
      `${node} needs ${parameter}, which has no value`,
    fix: ({ parameter, services }) =>
      `set ${parameter} under "parameters" in the model, for ${services.length === 0 ? "all services" : list(services)}`,
  },
  "port-twice": {
    failure: "configuration",
    what: ({ port, one, other }: { port: string; one: string; other: string }) =>
      `${one} and ${other} both publish ${port}`,
    fix: () => "publish one of them on another port: ADDRESS:PORT in _workload:published",
  },
  "port-too-high": {
    failure: "configuration",
    what: ({ name, port }: { name: string; port: number }) =>
      `${name} would be published on port ${port}: each container of a service takes the next port, and 65535 is the last`,
    fix: () => "publish the service on a lower port: ADDRESS:PORT in _workload:published",
  },
  "port-taken": {
    failure: "configuration",
    what: ({ port, one, other, at }: { port: number; one: string; other: string; at: string }) =>
      `${one} and ${other} both listen on port ${port} of ${at}`,
    fix: () => "give one of them another port, under _port in the deployment's class",
  },
  "network-without-agents": {
    failure: "configuration",
    what: ({ services }: { services: readonly string[]; release: string }) =>
      `Open vSwitch's own agents need ${services.join(", ")} on the hypervisors, which a deployment does not run: no server would get an address`,
    fix: () => "set _param:networking to ovn",
  },
  "release-without-network": {
    failure: "configuration",
    severity: "warning",
    what: ({ services, release }: { services: readonly string[]; release: string }) =>
      `${release} has no OVN yet, and a deployment does not run what it needs instead (${services.join(", ")}): no server will get an address`,
    fix: () =>
      "use ussuri or a later release, or run these agents by other means: plinth check --contract shows what each needs",
  },
  "directory-twice": {
    failure: "configuration",
    what: ({ directory, one, other }: { directory: string; one: string; other: string }) =>
      `the volumes ${one} and ${other} both use the directory ${directory}`,
    fix: () => "give each a directory of its own",
  },
  "hypervisor-incomplete": {
    failure: "configuration",
    what: ({ workload, hypervisor, needs }: { workload: string; hypervisor: string; needs: string; image: string }) =>
      `${workload} is placed on ${hypervisor} and would wait there for ${needs}, which is not placed there`,
    fix: ({ image, hypervisor }) => `add ${hypervisor} to _workload:placement of ${image}`,
  },
  "hypervisor-named-service": {
    failure: "configuration",
    what: ({ hypervisor }: { hypervisor: string }) =>
      `A hypervisor and a container are both called ${hypervisor}, and a name can resolve to only one of them`,
    fix: () => "give the hypervisor a name that no service has, such as compute-1",
  },
  "image-twice": {
    failure: "configuration",
    what: ({ image, one, other }: { image: string; one: string; other: string }) =>
      `the nodes ${one} and ${other} both have the image ${image}, so its containers would exist twice`,
    fix: () => "remove one of the nodes; set _workload:replicas for more containers of a service",
  },
  "containers-too-many": {
    failure: "configuration",
    what: ({ count, room }: { count: number; room: number }) =>
      `${count} containers need an address in the container network, which has ${room}`,
    fix: () => "ask for fewer replicas",
  },
  "hypervisors-too-many": {
    failure: "configuration",
    what: ({ count, room }: { count: number; room: number }) =>
      `there are ${count} hypervisors, but fixed addresses for only ${room}`,
    fix: () => "name fewer hypervisors",
  },
  "nodes-differ": {
    failure: "configuration",
    what: ({ node, path, other }: { node: string; path: string; other: string }) =>
      `${path} differs between the nodes ${node} and ${other}: a deployment has one value`,
    fix: ({ path }) => `set ${path} in a class that all nodes include`,
  },
  "network-overlaps": {
    failure: "configuration",
    what: ({
      prefix,
      path,
      other,
      device,
    }: {
      prefix: string;
      path: string;
      variable: string;
      other: string;
      device: string;
    }) => `the network ${prefix}.0/24 (${path}) overlaps ${other}, which this machine has at ${device}`,
    fix: ({ path, variable }) =>
      `give ${path} other addresses, such as 172.31.241, or pass ${variable}=172.31.241 to make; the other network may belong to a stack (make down STACK=its name)`,
  },
  "name-no-label": {
    failure: "configuration",
    what: ({ name }: { name: string; longest: number }) => `A Kubernetes namespace cannot be called ${name}`,
    fix: ({ longest }) =>
      `use lower-case letters, digits and hyphens in _param:deploy_name, at most ${longest}, a letter first`,
  },
  "hypervisor-no-label": {
    failure: "configuration",
    what: ({ name }: { name: string; longest: number }) =>
      `Kubernetes accepts ${name} neither as the name of a hypervisor's Service nor in the labels of its pods`,
    fix: ({ longest }) =>
      `use lower-case letters, digits and hyphens in the hypervisor's name, at most ${longest}, a letter first`,
  },
  "control-network-host": {
    failure: "configuration",
    what: () =>
      "A control plane on the machine's network is possible with Docker Compose only: pods have a network of their own",
    fix: () => "set _param:control_network to containers",
  },
  "storage-twice": {
    failure: "configuration",
    what: ({ volume, given }: { volume: string; given: readonly string[] }) =>
      `the volume ${volume} has several places at once: ${given.join(", ")}`,
    fix: () => "keep one of them",
  },
  "volume-unshared": {
    failure: "configuration",
    what: ({ workload, count, volume }: { workload: string; count: number; volume: string }) =>
      `${count} pods of ${workload} would share the volume ${volume}, which only one machine can mount`,
    fix: ({ volume }) =>
      `set _workload:storage:${volume} to storage that several machines can mount (nfs: SERVER:/PATH, or class: or claim: with shared: true), or give it one replica`,
  },
  "networks-same": {
    failure: "configuration",
    what: ({ prefix }: { prefix: string }) => `the container network and the outside network are both ${prefix}.0/24`,
    fix: () => "set _param:outside_network and _param:network to different addresses",
  },
});
