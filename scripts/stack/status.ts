/**
 * The containers of the dev stack in one table (make status).
 *
 * Exit status: 0; 69 where no stack is.
 */
import { execFileSync } from "node:child_process";
import { absence, containersOf } from "./containers.ts";
import { composeFile, deploymentOf } from "./deployment.ts";
import { type Inspected, rowOf, statusText } from "./status-table.ts";

const deployment = deploymentOf(process.env);

function main(): number {
  const away = absence(deployment);
  if (away !== undefined) {
    process.stderr.write(`make status: ${away}\n`);
    return 69;
  }
  const ids = containersOf(deployment).map(({ id }) => id);
  const containers = JSON.parse(
    execFileSync(deployment.engine, ["inspect", ...ids], { encoding: "utf8", maxBuffer: 1 << 28 }),
  ) as readonly Inspected[];
  const rows = containers.map((container) => rowOf(container, Date.now()));
  const absent = Object.entries(composeFile(deployment).services)
    .filter(([service]) => !rows.some((row) => row.service === service))
    .map(([service, { restart }]) => ({ service, job: restart === "on-failure", state: "no container" }));
  process.stdout.write(statusText(deployment.name, [...rows, ...absent]));
  return 0;
}

process.exitCode = main();
