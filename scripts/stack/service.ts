import { nearest } from "../../src/diagnostics/nearest.ts";
import { containersOf, type Listed } from "./containers.ts";
import { composeFile, type Deployment } from "./deployment.ts";

export type Found =
  | { readonly ok: true; readonly containers: readonly Listed[] }
  | { readonly ok: false; readonly problem: string };

/**
 * Finds the containers of services by what a user typed.
 *
 * @param typed names with spaces between them, as in SERVICE="nova-api nova-scheduler".
 */
export function findServices(deployment: Deployment, typed: string): Found {
  const containers = containersOf(deployment);
  const found: Listed[] = [];
  for (const name of typed.split(/[\s,]+/).filter(Boolean)) {
    const container = containers.find(({ service }) => service === name);
    if (container) {
      found.push(container);
      continue;
    }
    const running = containers.filter(({ state }) => state === "running");
    const all = [...running, ...containers].map(({ service }) => service);
    const known = [...new Set([...all, ...Object.keys(composeFile(deployment).services)])];
    if (known.includes(name)) return { ok: false, problem: `${name} has no container: make up starts it` };
    // A part of a name is that of a service rather than of a job, which has ended.
    const near = nearest(name, known) ?? known.find((each) => each.includes(name));
    const hint = near === undefined ? "make status lists them" : `did you mean ${near}? make status lists all`;
    return { ok: false, problem: `the stack ${deployment.name} has no service ${name}: ${hint}` };
  }
  return { ok: true, containers: found };
}
