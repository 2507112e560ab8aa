/**
 * A shell in a container of the dev stack: SERVICE=nova-api (make shell).
 *
 * Exit status: the shell's; 64 for a service that there is not; 69 where its container does not run.
 */
import { absence, type Listed } from "./containers.ts";
import { composeHere, deploymentOf } from "./deployment.ts";
import { findServices } from "./service.ts";

const deployment = deploymentOf(process.env);
const { SERVICE = "" } = process.env;

function fail(status: number, problem: string): number {
  process.stderr.write(`make shell: ${problem}\n`);
  return status;
}

/** What to do about a container in which no shell can be started. */
function remedy({ service, state, image }: Listed): string {
  const inImage = `${deployment.engine} run --rm -it --entrypoint bash ${image} opens a shell in its image`;
  return `${service} does not run (${state}). make logs SERVICE=${service} TAIL=50 tells what it did; ${inImage}.`;
}

async function main(): Promise<number> {
  const away = absence(deployment);
  if (away !== undefined) return fail(69, away);
  if (!/^\S+$/.test(SERVICE))
    return fail(64, "in which container? make shell SERVICE=nova-api (make status lists them)");
  const found = findServices(deployment, SERVICE);
  if (!found.ok) return fail(64, found.problem);
  const [container] = found.containers;
  if (container && container.state !== "running") return fail(69, remedy(container));
  const terminal = process.stdin.isTTY && process.stdout.isTTY ? [] : ["-T"];
  return composeHere(deployment, ["exec", ...terminal, SERVICE, "bash"]);
}

process.exitCode = await main();
