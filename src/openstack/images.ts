import type { ImageRow } from "./component.ts";
import { keystoneServer } from "./keystone.ts";
import { novaCompute, novaController } from "./nova.ts";

/** Every image plinth can be the entrypoint of. A new component is a file beside this one and a row here. */
export const images: readonly ImageRow[] = [keystoneServer, novaController, novaCompute];

export const imageName = (image: { readonly component: string; readonly role: string }): string =>
  `${image.component}-${image.role}`;

export const findImage = (component: string, role: string): ImageRow | undefined =>
  images.find((image) => image.component === component && image.role === role);
