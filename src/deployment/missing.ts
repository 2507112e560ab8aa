import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { inRange } from "../openstack/releases.ts";
import { placeOf } from "../pillar/place.ts";
import { standingAt } from "../pillar/value.ts";
import { holds } from "../settings/condition.ts";
import { deploymentMessage } from "./messages.ts";
import type { ImageSource } from "./requests.ts";

/** Where the project's model says what brings networks to hypervisors. */
const networking = "_param:networking";
/** Settings of a node, from its component on, that say OVN: a release without it leaves them out of its pillar. */
const ovn = "neutron:server:backend:ovn";

/**
 * Looks for services that a deployment would need and has no place for (`missing` of their rows): without them all is well, and no
 * server ever gets an address.
 *
 * @returns an error where the model asks for that; a warning where it asks for OVN, and the release has none yet.
 */
export function missingOf({ recipe, row: image, image: baked, parameters }: ImageSource): readonly Diagnostic[] {
  const services = Object.entries(image.services).flatMap(([service, row]) =>
    inRange(row, recipe.release) && row.missing?.every((where) => holds(where, baked.pillar)) ? [service] : [],
  );
  if (services.length === 0 || baked.pillar["enabled"] === false) return [];
  const said = standingAt(parameters, networking);
  const message = { services, release: recipe.release };
  const code = standingAt(parameters, ovn) ? "release-without-network" : "network-without-agents";
  const wrong = deploymentMessage(code, message, said && placeOf(said.at));
  return [{ ...wrong, node: recipe.node, path: networking }];
}
