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
  "networks-same": {
    failure: "configuration",
    what: ({ prefix }: { prefix: string }) => `The network of containers and the one outside are both ${prefix}.0/24`,
    fix: () => "Give _param:outside_network other addresses than _param:network.",
  },
});
