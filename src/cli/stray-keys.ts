import { keyNames } from "../host/etcd/gateway.ts";
import { imageName, images } from "../openstack/images.ts";
import type { EtcdSettings } from "../overlay/etcd-settings.ts";
import { strayKeys } from "../overlay/near-names.ts";
import type { Context } from "./verb.ts";

/** Warns of keys in etcd that no image reads. A start does not: it may see its own directories only, and has no time for others'. */
export async function warnOfStrayKeys(etcd: EtcdSettings, context: Context): Promise<void> {
  // Without a prefix all of etcd would be ours.
  if (etcd.prefix === "") return;
  context.report(strayKeys(await keyNames(etcd), etcd.prefix, images.map(imageName)));
}
