import type { Deployment } from "../deployment/deployment.ts";
import { upgrades } from "../openstack/upgrades.ts";
import type { Typed } from "./commands.ts";
import { componentOf, imageOf, phasesOf, servicesOf } from "./phases.ts";
import type { Kept, Plan } from "./plan.ts";

const upgraded = new Set(upgrades.map(({ component }) => component));

const keptOf = (before: Deployment): readonly Kept[] =>
  servicesOf(before)
    .filter(({ image }) => !upgraded.has(componentOf(image)))
    .map(({ name, image }) => ({
      workload: name,
      image: imageOf(before, image),
      why: "it comes from the same packages in both releases",
    }));

/** Computes how the deployment of one release becomes that of another: of the same model, for Docker Compose. */
export function planUpgrade(before: Deployment, after: Deployment, typed: Typed): Plan {
  return {
    format: 1,
    from: before.release,
    to: after.release,
    deployment: after.name,
    engine: "compose",
    phases: phasesOf({ before, after }, typed),
    kept: keptOf(before),
  };
}
