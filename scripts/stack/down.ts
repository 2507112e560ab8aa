/** Ends the dev stack and removes all it made: containers, networks, volumes, secrets (make down). */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { composeHere, deploymentOf } from "./deployment.ts";
import { noFacts, readFacts } from "./model.ts";

// Whatever the model has become, what is there can be ended.
const facts = readFacts(process.env);
const deployment = deploymentOf(process.env, facts.ok ? facts.value : noFacts);
// Whatever joined the stack beside compose.yaml's own services, such as a client in its network.
const others = spawnSync(
  deployment.engine,
  ["ps", "--all", "--quiet", "--filter", `label=com.docker.compose.project=${deployment.name}`],
  { encoding: "utf8" },
)
  .stdout?.split(/\s+/)
  .filter(Boolean);
/** Milliseconds that an engine may take for all of it: one that hangs is told of. */
const commandTimeoutMs = 180_000;
if (others && others.length > 0)
  spawnSync(deployment.engine, ["rm", "--force", "--volumes", ...others], {
    stdio: "ignore",
    timeout: commandTimeoutMs,
  });

/** Docker may take a moment longer to take a container out of its network than to remove it: "has active endpoints". */
const tries = 5;
let status = 1;
for (let left = tries; left > 0 && status !== 0; left -= 1) {
  if (left < tries) await sleep(2000);
  status = await composeHere(deployment, ["down", "--volumes", "--remove-orphans", "--timeout", "5"], commandTimeoutMs);
}
if (status !== 0)
  process.stderr.write(
    `${deployment.engine} did not remove all of ${deployment.name}: ${deployment.engine} ps --all, then make down again\n`,
  );
/** Volumes that no file of the project has: the record of its upgrades (src/host/compose/hold.ts). */
const volumes = ["volume", "ls", "--quiet", "--filter", `label=com.docker.compose.project=${deployment.name}`];
const left = (spawnSync(deployment.engine, volumes, { encoding: "utf8" }).stdout ?? "").split("\n").filter(Boolean);
if (status === 0 && left.length > 0) spawnSync(deployment.engine, ["volume", "rm", ...left], { stdio: "ignore" });
if (status === 0 && existsSync(deployment.folder)) rmSync(deployment.folder, { recursive: true });
process.exitCode = status;
