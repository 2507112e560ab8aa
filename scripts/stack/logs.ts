/**
 * What containers of the dev stack said: SERVICE="nova-api nova-scheduler" (all), FOLLOW=1, TAIL=100 (make logs).
 *
 * Exit status: that of docker compose; 64 for a service or number that there is not; 69 where no stack is.
 */
import { absence } from "./containers.ts";
import { composeHere, deploymentOf } from "./deployment.ts";
import { findServices } from "./service.ts";

const deployment = deploymentOf(process.env);
const { SERVICE = "", FOLLOW = "", TAIL = "" } = process.env;

function fail(status: number, problem: string): number {
  process.stderr.write(`make logs: ${problem}\n`);
  return status;
}

async function main(): Promise<number> {
  const away = absence(deployment);
  if (away !== undefined) return fail(69, away);
  if (!/^(\d*|all)$/.test(TAIL)) return fail(64, `TAIL=${TAIL} is no number of lines`);
  const found = findServices(deployment, SERVICE);
  if (!found.ok) return fail(64, found.problem);
  return composeHere(deployment, [
    "logs",
    ...(process.stdout.isTTY ? [] : ["--no-color"]),
    ...(FOLLOW === "" ? [] : ["--follow"]),
    ...(TAIL === "" ? [] : ["--tail", TAIL]),
    ...found.containers.map(({ service }) => service),
  ]);
}

process.exitCode = await main();
