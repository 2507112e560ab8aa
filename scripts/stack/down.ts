/** Ends the dev stack and removes all it made: containers, networks, volumes, secrets (make down). */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { composeHere, deploymentOf } from "./deployment.ts";

const deployment = deploymentOf(process.env);
// Whatever joined the stack beside compose.yaml's own services, such as a client in its network.
const others = spawnSync(
  deployment.engine,
  ["ps", "--all", "--quiet", "--filter", `label=com.docker.compose.project=${deployment.name}`],
  { encoding: "utf8" },
)
  .stdout?.split(/\s+/)
  .filter(Boolean);
if (others && others.length > 0)
  spawnSync(deployment.engine, ["rm", "--force", "--volumes", ...others], { stdio: "ignore" });
const status = await composeHere(deployment, ["down", "--volumes", "--remove-orphans", "--timeout", "5"]);
if (status === 0 && existsSync(deployment.folder)) rmSync(deployment.folder, { recursive: true });
process.exitCode = status;
