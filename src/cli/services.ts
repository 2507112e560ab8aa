import type { BakedImage, BakedService } from "../baked/baked.ts";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { cliMessage } from "./messages.ts";

export type Named = { readonly name: string; readonly service: BakedService };

/** @returns the service of that name; an unknown or missing name is answered with the names there are. */
export function findService(image: BakedImage, name: string | undefined): Result<Named> {
  const known = Object.keys(image.services);
  if (name === undefined) return failure([cliMessage("service-missing", { image: image.image.name, known })]);
  const service = Object.hasOwn(image.services, name) ? image.services[name] : undefined;
  if (service) return success({ name, service });
  return failure([
    cliMessage("service-unknown", { service: name, image: image.image.name, near: nearest(name, known), known }),
  ]);
}
