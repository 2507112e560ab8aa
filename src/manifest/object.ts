import type { Deployment } from "../deployment/deployment.ts";
import type { Yaml } from "../yaml/write.ts";

/** An object of Kubernetes. */
export type KubernetesObject = { readonly apiVersion: string; readonly kind: string } & {
  readonly [key: string]: Yaml;
};

export type Mapping = { readonly [key: string]: Yaml };

/** An entry that is left out where there is nothing in it. */
export const nonEmpty = (key: string, value: Yaml | undefined): Mapping =>
  value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0)
    ? {}
    : { [key]: value };

/**
 * Labels by which a pod is selected: they can never change, since a Deployment's selector cannot.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
 */
export const selectorOf = ({ name: deployName }: Deployment, name: string): Mapping => ({
  "app.kubernetes.io/name": name,
  "app.kubernetes.io/instance": deployName,
});

/** All labels of an object. @param component what it is part of: an image, or `hypervisor`. */
export const labelsOf = (deployment: Deployment, name: string, component: string): Mapping => ({
  ...selectorOf(deployment, name),
  "app.kubernetes.io/component": component,
  "app.kubernetes.io/part-of": "openstack",
  "app.kubernetes.io/version": deployment.release,
  "app.kubernetes.io/managed-by": "plinth",
});
