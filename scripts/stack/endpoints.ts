import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Deployment as Described } from "../../src/deployment/deployment.ts";
import { addresses } from "../../src/openstack/addresses.ts";
import { type PortName, ports } from "../../src/openstack/ports.ts";

/** Where this machine reaches the services of a cloud, by the names of their ports: `http://localhost:9292`. */
export type Endpoints = Readonly<Partial<Record<PortName, string>>> & {
  /** The name by which users reach them, where this machine has another way. */
  readonly host?: string;
};

/** Where they are unless the model says otherwise. */
export const usualEndpoints: Endpoints = Object.fromEntries(
  addresses.map(({ portName }) => [portName, `http://localhost:${ports[portName]}`]),
);

/** @returns where a deployment publishes its services. What has the machine's own network is at its own port. */
export function endpointsOf({ addresses: known, workloads }: Described): Endpoints {
  const found = addresses.flatMap((row): readonly (readonly [PortName, string])[] => {
    const address = known.find(({ parameter }) => parameter === row.parameter);
    if (!address) return [];
    const answering = workloads.find(({ name }) => name === (address.by ?? address.workload));
    const published = answering?.containers
      .flatMap((one) => one.published)
      .find(({ target }) => target === address.port);
    if (!published && answering?.network !== "host") return [];
    return [[row.portName, `http://localhost:${published?.port ?? address.port}`]];
  });
  return Object.fromEntries(found);
}

/** The file beside a stack's compose.yaml that has them. */
export const endpointsPath = (directory: string): string => join(directory, "endpoints.json");

export const readEndpoints = (directory: string): Endpoints =>
  existsSync(endpointsPath(directory)) ? JSON.parse(readFileSync(endpointsPath(directory), "utf8")) : usualEndpoints;
