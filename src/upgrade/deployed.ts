import type { Deployment, Workload } from "../deployment/deployment.ts";
import { upgrades } from "../openstack/upgrades.ts";

/** The deployments before and after. */
export type Both = { readonly before: Deployment; readonly after: Deployment };

/** `nova` of `nova-controller`: roles have no hyphen. */
export const componentOf = (image: string): string => image.slice(0, image.lastIndexOf("-"));

export const servicesOf = ({ workloads }: Deployment): readonly Workload[] =>
  workloads.filter(({ kind }) => kind === "service");

/** As the rows of upgrades have it: `nova-controller conductor`. */
export const serviceKey = ({ image, service }: Workload): string => `${image} ${service}`;

/** @returns an image's whole name: `tcpcloud/nova-controller:2026.1`. */
export const imageOf = ({ imagePrefix, release }: Deployment, image: string): string =>
  `${imagePrefix}/${image}:${release}`;

const upgraded = new Set(upgrades.map(({ component }) => component));

/** Whether a service is none of OpenStack's: a database, a broker, a hypervisor's own. */
export const isInfrastructure = ({ image }: Workload): boolean => !upgraded.has(componentOf(image));
