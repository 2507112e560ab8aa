import type { EtcdEntry } from "./etcd-settings.ts";
import type { Given, Layer } from "./layer.ts";

/** @returns the directories of an image's keys, the weaker first: `/plinth/all/`, `/plinth/nova-controller/`. */
export const etcdDirectories = (prefix: string, imageName: string): readonly [all: string, image: string] => {
  const root = prefix.replace(/\/+$/, "");
  return [`${root}/all/`, `${root}/${imageName}/`];
};

/**
 * Sorts etcd's keys into its two layers. Keys elsewhere, and deeper ones, concern somebody else.
 *
 * @returns the layer for all images, then the one for this image.
 */
export function etcdLayers(
  entries: readonly EtcdEntry[],
  prefix: string,
  imageName: string,
): readonly [all: Layer, image: Layer] {
  const layerOf = (directory: string): Layer => {
    const layer = new Map<string, Given>();
    for (const { key, value } of entries) {
      const name = key.startsWith(directory) ? key.slice(directory.length) : "";
      if (name !== "" && !name.includes("/")) layer.set(name, { text: value, origin: { from: "etcd", place: key } });
    }
    return layer;
  };
  const [all, image] = etcdDirectories(prefix, imageName);
  return [layerOf(all), layerOf(image)];
}
