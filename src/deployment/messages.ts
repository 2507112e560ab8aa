import { catalog } from "../diagnostics/catalog.ts";

const hint = (near: string | undefined): string => (near === undefined ? "" : `Did you mean ${near}? `);
const list = (names: readonly string[]): string => (names.length === 0 ? "none" : names.join(", "));

/** What can be wrong with a deployment, before anything of it starts. */
export const deploymentMessage = catalog({
  "workload-key-unknown": {
    failure: "configuration",
    what: ({ node, path }: { node: string; path: string; near: string | undefined; known: readonly string[] }) =>
      `${path} of the node ${node} is nothing that a deployment knows`,
    fix: ({ near, known }) => `${hint(near)}${known.length === 0 ? "Remove it." : `There may be: ${list(known)}.`}`,
  },
  "workload-value-wrong": {
    failure: "configuration",
    what: ({ node, path }: { node: string; path: string; wants: string }) =>
      `${path} of the node ${node} cannot be used`,
    fix: ({ wants }) => `Give it ${wants}.`,
  },
  "replicas-of-one": {
    failure: "configuration",
    what: ({ node, service, count }: { node: string; service: string; count: number; why: string }) =>
      `${node} is to have ${count} containers of ${service}, which may run only once`,
    fix: ({ why }) => why,
  },
  "replicas-on-host": {
    failure: "configuration",
    what: ({ workload, count }: { workload: string; count: number }) =>
      `${count} containers of ${workload} would listen at the same port of the machine: the control plane is on its own network`,
    fix: () => "Give it one replica, or let _param:control_network be containers.",
  },
  "hypervisor-unknown": {
    failure: "configuration",
    what: ({ workload, hypervisor }: { workload: string; hypervisor: string }) =>
      `${workload} is to run on ${hypervisor}, where nothing holds the network that it shares`,
    fix: () => "Let _workload:placement of ovn-server name the same hypervisors.",
  },
  "address-unanswered": {
    failure: "configuration",
    what: ({ node, parameter }: { node: string; parameter: string; image: string; wanted: string }) =>
      `${node} wants ${parameter}, and the model has nothing that answers there`,
    fix: ({ image, parameter }) => `Add a node for ${image}, or give ${parameter} below "parameters" in the model.`,
  },
  "secret-unmade": {
    failure: "configuration",
    what: ({ node, parameter }: { node: string; parameter: string }) =>
      `${node} wants the secret ${parameter}, which nothing makes`,
    fix: ({ parameter }) => `Use a parameter that src/openstack/secrets.ts has, or add a row for ${parameter} there.`,
  },
  "parameter-unfilled": {
    failure: "configuration",
    what: ({ node, parameter }: { node: string; parameter: string; services: readonly string[] }) =>
      `${node} wants ${parameter}, which nobody gives`,
    fix: ({ parameter, services }) =>
      `Give ${parameter} below "parameters" in the model, for ${services.length === 0 ? "all services" : list(services)}.`,
  },
  "port-twice": {
    failure: "configuration",
    what: ({ port, one, other }: { port: string; one: string; other: string }) =>
      `${one} and ${other} both publish ${port}`,
    fix: () => "Publish one of them at another port: ADDRESS:PORT in _workload:published.",
  },
  "port-too-high": {
    failure: "configuration",
    what: ({ name, port }: { name: string; port: number }) =>
      `${name} would be published at port ${port}: each container of a service has the next port, and 65535 is the last`,
    fix: () => "Publish the service at a lower port: ADDRESS:PORT in _workload:published.",
  },
  "port-taken": {
    failure: "configuration",
    what: ({ port, one, other, at }: { port: number; one: string; other: string; at: string }) =>
      `${one} and ${other} both listen at port ${port} of ${at}`,
    fix: () => "Give one of them another port, below _port in the deployment's class.",
  },
  "network-without-agents": {
    failure: "configuration",
    what: ({ services }: { services: readonly string[]; release: string }) =>
      `Networks by Open vSwitch's own agents need ${services.join(", ")} on the hypervisors, which a deployment does not run: no server would get an address`,
    fix: () => "Let _param:networking be ovn.",
  },
  "release-without-network": {
    failure: "configuration",
    severity: "warning",
    what: ({ services, release }: { services: readonly string[]; release: string }) =>
      `${release} has no OVN yet, and a deployment does not run what it needs instead: ${services.join(", ")}. No server will get an address`,
    fix: () =>
      "Take a release from ussuri on, or run these agents by other means: plinth check --contract says what each wants.",
  },
  "folder-twice": {
    failure: "configuration",
    what: ({ folder, one, other }: { folder: string; one: string; other: string }) =>
      `The volumes ${one} and ${other} are both to be in ${folder}`,
    fix: () => "Give each a folder of its own.",
  },
  "hypervisor-incomplete": {
    failure: "configuration",
    what: ({ workload, hypervisor, needs }: { workload: string; hypervisor: string; needs: string; image: string }) =>
      `${workload} is to run on ${hypervisor}, and would wait there for ${needs}, which is not`,
    fix: ({ image, hypervisor }) => `Let _workload:placement of ${image} name ${hypervisor}, too.`,
  },
  "hypervisor-named-service": {
    failure: "configuration",
    what: ({ hypervisor }: { hypervisor: string }) =>
      `A hypervisor and a container are both called ${hypervisor}, and a name leads to one of them only`,
    fix: () => "Give the hypervisor a name that no service has, such as compute-1.",
  },
  "image-twice": {
    failure: "configuration",
    what: ({ image, one, other }: { image: string; one: string; other: string }) =>
      `The nodes ${one} and ${other} are both the image ${image}, and its containers would be there twice`,
    fix: () => "Remove one of the nodes; more containers of a service are replicas.",
  },
  "containers-too-many": {
    failure: "configuration",
    what: ({ count, room }: { count: number; room: number }) =>
      `${count} containers want an address in the network of containers, which has ${room}`,
    fix: () => "Ask for fewer replicas.",
  },
  "hypervisors-too-many": {
    failure: "configuration",
    what: ({ count, room }: { count: number; room: number }) =>
      `There are ${count} hypervisors, and fixed addresses for ${room}`,
    fix: () => "Name fewer hypervisors.",
  },
  "nodes-differ": {
    failure: "configuration",
    what: ({ node, path, other }: { node: string; path: string; other: string }) =>
      `${path} of the node ${node} is not what it is of ${other}: a deployment has one`,
    fix: ({ path }) => `Say ${path} in a class that all nodes have.`,
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
    }) => `The network ${prefix}.0/24 (${path}) overlaps ${other}, which this machine has at ${device}`,
    fix: ({ path, variable }) =>
      `Give ${path} other addresses, such as 172.31.241, or say ${variable}=172.31.241 to make; the other one may be a stack's (make down STACK=its name).`,
  },
  "name-no-label": {
    failure: "configuration",
    what: ({ name }: { name: string; longest: number }) => `A namespace of Kubernetes cannot be called ${name}`,
    fix: ({ longest }) =>
      `Give _param:deploy_name lower-case letters, digits and hyphens, ${longest} at most, and a letter first.`,
  },
  "hypervisor-no-label": {
    failure: "configuration",
    what: ({ name }: { name: string; longest: number }) =>
      `Kubernetes takes ${name} neither for the name of a hypervisor's Service nor in the labels of its pods`,
    fix: ({ longest }) =>
      `Give the hypervisor lower-case letters, digits and hyphens, ${longest} at most, and a letter first.`,
  },
  "control-network-host": {
    failure: "configuration",
    what: () => "A control plane on the machine's own network is for Docker Compose: pods have a network of their own",
    fix: () => "Let _param:control_network be containers.",
  },
  "storage-twice": {
    failure: "configuration",
    what: ({ volume, given }: { volume: string; given: readonly string[] }) =>
      `The volume ${volume} is to be in several places at once: ${given.join(", ")}`,
    fix: () => "Keep one of them.",
  },
  "volume-unshared": {
    failure: "configuration",
    what: ({ workload, count, volume }: { workload: string; count: number; volume: string }) =>
      `${count} pods of ${workload} would need the volume ${volume}, which only one machine can have`,
    fix: ({ volume }) =>
      `Let _workload:storage:${volume} name storage that many machines can have (nfs: SERVER:/PATH, or class: or claim: with shared: true), or give it one replica.`,
  },
  "networks-same": {
    failure: "configuration",
    what: ({ prefix }: { prefix: string }) => `The network of containers and the one outside are both ${prefix}.0/24`,
    fix: () => "Give _param:outside_network other addresses than _param:network.",
  },
});
