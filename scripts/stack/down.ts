/** Ends the dev stack and removes all it made: containers, networks, volumes, secrets (make down). */
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { composeHere, deploymentOf } from "./deployment.ts";
import { noFacts, readFacts } from "./model.ts";

// Whatever the model has become, what is there can be ended.
const facts = readFacts(process.env);
const deployment = deploymentOf(process.env, facts.ok ? facts.value : noFacts);
const ofProject = ["--filter", `label=com.docker.compose.project=${deployment.name}`];
const listed = (...words: readonly string[]): readonly string[] =>
  (spawnSync(deployment.engine, [...words, ...ofProject], { encoding: "utf8" }).stdout ?? "")
    .split(/\s+/)
    .filter(Boolean);
// Whatever joined the stack beside compose.yaml's own services, such as a client in its network.
const others = listed("ps", "--all", "--quiet");
/** Milliseconds that an engine may take for all of it: one that hangs is told of. */
const commandTimeoutMs = 180_000;
if (others.length > 0)
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

/**
 * @returns networks that the engine keeps though nothing is in them: Docker 20.10 counts an endpoint too many where containers end and start
 *   at the same moment, and refuses to remove the network until it is restarted.
 */
function miscounted(): readonly string[] {
  if (listed("ps", "--all", "--quiet").length > 0) return [];
  const networks = listed("network", "ls", "--format", "{{.Name}}");
  const words = ["network", "inspect", "--format", "{{len .Containers}}", ...networks];
  const { stdout = "" } = spawnSync(deployment.engine, words, { encoding: "utf8" });
  return /^(0\n)+$/.test(stdout) ? networks : [];
}

if (status !== 0) {
  const networks = miscounted();
  if (networks.length > 0) status = 0;
  process.stderr.write(
    networks.length > 0
      ? `${deployment.engine} keeps the network ${networks.join(", ")}, since it counts a container there that is gone. make up uses it again. To remove it, restart the engine, then make down\n`
      : `${deployment.engine} did not remove all of ${deployment.name}: ${deployment.engine} ps --all, then make down again\n`,
  );
}
/** Volumes that no file of the project has: the record of its upgrades (src/host/compose/hold.ts). */
const left = listed("volume", "ls", "--quiet");
if (status === 0 && left.length > 0) spawnSync(deployment.engine, ["volume", "rm", ...left], { stdio: "ignore" });
if (status === 0 && existsSync(deployment.directory)) rmSync(deployment.directory, { recursive: true });
process.exitCode = status;
