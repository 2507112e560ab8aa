/**
 * Says what keeps the dev stack from starting, before anything is built or started for it (make up): what is wrong with the
 * model, networks that overlap this machine's, ports that are taken, a stack of the same name of another checkout. Warns where there is little memory. Writes the
 * stack's file for Docker Compose.
 *
 * Exit status: 0; 75 where it cannot start; 78 where the model is wrong.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { ports } from "../../src/openstack/ports.ts";
import { containersOf, elsewhere, publishers } from "./containers.ts";
import { composeFile, deploymentOf, writeComposeFile } from "./deployment.ts";
import { tellWrong } from "./model.ts";
import { networksTaken } from "./networks.ts";

/** GiB that a stack with a server or two takes. */
const memory = 6;

const deployment = deploymentOf(process.env);
const say = (text: string): boolean => process.stderr.write(`make up: ${text}\n`);

/** Whether somebody listens there, or at all addresses. */
const isTaken = (port: number, address: string): Promise<boolean> =>
  new Promise((settle) => {
    const server = createServer();
    server.once("error", ({ code }: NodeJS.ErrnoException) => settle(code === "EADDRINUSE"));
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => settle(false)));
  });

/** Who has a port, and what ends that. */
function holder(port: number, all: ReturnType<typeof publishers>): string {
  const own = all.find((each) => each.port === port);
  if (!own) return "by another program (sudo ss -ltnp shows it)";
  const isStack = all.some(
    ({ project, port: other }) => project !== "" && project === own.project && other === ports.identity,
  );
  return isStack ? `by the stack ${own.project}: make down STACK=${own.project}` : `by the container ${own.container}`;
}

async function main(): Promise<number> {
  const containers = containersOf(deployment);
  const other = elsewhere(deployment, containers);
  if (other !== undefined) {
    say(other);
    return 75;
  }
  const wrong = [...writeComposeFile(deployment), ...networksTaken(deployment)];
  if (wrong.length > 0) return tellWrong(wrong);
  const running = new Set(containers.flatMap(({ service, state }) => (state === "running" ? [service] : [])));
  const wanted = Object.entries(composeFile(deployment).services)
    .filter(([service]) => !running.has(service))
    .flatMap(([, { ports = [] }]) => ports);
  const asked = wanted.map(async ({ published, host_ip: address = "0.0.0.0" }) => ({
    port: Number(published),
    taken: await isTaken(Number(published), address),
  }));
  const taken = (await Promise.all(asked))
    .filter((each) => each.taken)
    .map(({ port }) => port)
    .sort((one, other) => one - other);
  if (taken.length > 0) {
    const all = publishers(deployment);
    const groups = Map.groupBy(taken, (port) => holder(port, all));
    const texts = [...groups].map(
      ([who, ports]) =>
        `${ports.length > 1 ? "ports" : "port"} ${ports.join(", ")} ${ports.length > 1 ? "are" : "is"} taken ${who}`,
    );
    say(texts.join("; "));
    return 75;
  }
  const [, available = ""] = /^MemAvailable: +(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
  if (running.size === 0 && available !== "" && Number(available) < memory << 20) {
    say(`warning: ${(Number(available) / 2 ** 20).toFixed(1)} GiB of memory are free, and the stack takes ${memory}`);
  }
  return 0;
}

process.exitCode = await main();
