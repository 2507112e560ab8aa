import { cinderController, cinderVolume } from "./cinder.ts";
import type { ImageRow } from "./component.ts";
import { etcdServer } from "./etcd.ts";
import { glanceServer } from "./glance.ts";
import { haproxyServer } from "./haproxy.ts";
import { heatServer } from "./heat.ts";
import { horizonServer } from "./horizon.ts";
import { keystoneServer } from "./keystone.ts";
import { libvirtCompute } from "./libvirt.ts";
import { memcachedServer } from "./memcached.ts";
import { mysqlServer } from "./mysql.ts";
import { neutronServer } from "./neutron.ts";
import { novaCompute, novaController } from "./nova.ts";
import { ovnServer } from "./ovn.ts";
import { placementServer } from "./placement.ts";
import { rabbitmqServer } from "./rabbitmq.ts";
import { inRange } from "./releases.ts";

/** Every image plinth can be the entrypoint of. A new component is a file beside this one and a row here. */
export const images: readonly ImageRow[] = [
  keystoneServer,
  glanceServer,
  placementServer,
  neutronServer,
  novaController,
  novaCompute,
  cinderController,
  cinderVolume,
  heatServer,
  horizonServer,
  mysqlServer,
  rabbitmqServer,
  memcachedServer,
  etcdServer,
  haproxyServer,
  ovnServer,
  libvirtCompute,
];

export const imageName = (image: { readonly component: string; readonly role: string }): string =>
  `${image.component}-${image.role}`;

/** @returns the images of a release. */
export const imagesOf = (release: string): readonly ImageRow[] => images.filter((image) => inRange(image, release));

export const findImage = (component: string, role: string): ImageRow | undefined =>
  images.find((image) => image.component === component && image.role === role);
