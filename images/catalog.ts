import type { ImageRow } from "../src/openstack/component.ts";
import { findImage, imageName, images as plinthImages } from "../src/openstack/images.ts";

/** An image that can be built: a folder here, what it stands on, and what it is, in a line (its OCI title). */
export type Recipe = {
  readonly name: string;
  /** Another recipe; null stands on Debian itself. */
  readonly from: string | null;
  readonly title: string;
};

/** Parents first: this order is the order of building. */
export const recipes: readonly Recipe[] = [
  { name: "debian-base", from: null, title: "Debian, prepared for container images" },
  { name: "openstack-base", from: "debian-base", title: "What OpenStack's services share" },
  { name: "openstack-client", from: "openstack-base", title: "The openstack command" },
  { name: "keystone-server", from: "openstack-base", title: "keystone, the identity service" },
  { name: "nova-controller", from: "openstack-base", title: "nova's control plane" },
  { name: "nova-compute", from: "openstack-base", title: "nova-compute, for one hypervisor" },
  { name: "mariadb-server", from: "debian-base", title: "MariaDB" },
  { name: "memcached-server", from: "debian-base", title: "memcached" },
  { name: "rabbitmq-server", from: "debian-base", title: "RabbitMQ" },
  { name: "etcd-server", from: "debian-base", title: "etcd" },
];

export const recipeNames: readonly string[] = recipes.map((recipe) => recipe.name);

/** @returns the recipes of these names and of all they stand on, parents first. */
export function withParents(names: readonly string[]): readonly Recipe[] {
  const wanted = new Set(names);
  for (const recipe of recipes.toReversed()) {
    if (wanted.has(recipe.name) && recipe.from !== null) wanted.add(recipe.from);
  }
  return recipes.filter((recipe) => wanted.has(recipe.name));
}

/** @returns the component and role that plinth starts in this image; undefined for bases and support images. */
export const startedByPlinth = (name: string): ImageRow | undefined =>
  plinthImages.find((image) => imageName(image) === name && findImage(image.component, image.role) === image);
