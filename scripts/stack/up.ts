/**
 * Starts the dev stack and ends when the cloud works: `node scripts/stack/up.ts` (make up).
 *
 * Exit status: 0; 75 when it does not work in time, or a container gave up.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { watchCloud } from "./cloud.ts";
import { containersOf } from "./containers.ts";
import {
  compose,
  composeFile,
  type Deployment,
  deploymentOf,
  imageOf,
  makeSecrets,
  secret,
  writeCredentials,
} from "./deployment.ts";
import { readEndpoints } from "./endpoints.ts";
import { buildMissing } from "./images.ts";
import { type Look, startTimeoutSeconds, tellNext, untilItWorks } from "./progress.ts";

/** What Docker gives a container of which nothing is said (docker run --cpu-shares). */
const usualShares = 1024;

const say = (text: string): boolean => process.stderr.write(`${text}\n`);

/** @returns what a command that failed said, or undefined where it did not fail. */
function failureOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    return (stderr ?? message).trim().split("\n").slice(-4).join("\n");
  }
}

/** What to do about what Docker says, by words of it. */
function remedy(refused: string): string {
  if (/overlaps/.test(refused))
    return "another network has these addresses: make up STACK_NETWORK=172.31.241 OUTSIDE_NETWORK=198.51.100";
  if (/port is already allocated|address already in use/.test(refused)) {
    return "another program, or another stack, listens on that port: end it (make down STACK=its name), then make up again";
  }
  return "make down removes what was made so far";
}

type Container = { readonly Service: string; readonly State: string; readonly ExitCode: number };

/** @returns every container of the deployment as it is now. */
const containers = (deployment: Deployment): readonly Container[] =>
  compose(deployment, ["ps", "--all", "--format", "json"])
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Container);

/** Services whose network others share: the servers live there, and end with the container. */
const holdersOf = (services: ReturnType<typeof composeFile>["services"]): readonly string[] => {
  const names = Object.values(services).map(({ network_mode: mode = "" }) => mode.replace(/^service:/, ""));
  return Object.keys(services).filter((name) => names.includes(name));
};

/** @returns those that run as another compose.yaml, or another environment, had them. */
function outdated(deployment: Deployment, names: readonly string[]): readonly string[] {
  const now = compose(deployment, ["config", "--hash", names.join(",")]);
  const there = containersOf(deployment);
  return names.filter((name) => {
    const id = there.find(({ service, state }) => service === name && state === "running")?.id;
    if (id === undefined) return false;
    const format = '{{index .Config.Labels "com.docker.compose.config-hash"}}';
    const { stdout } = spawnSync(deployment.engine, ["inspect", "--format", format, id], { encoding: "utf8" });
    return !now.includes(`${name} ${stdout.trim()}`);
  });
}

/** What of the deployment does not run yet. @param last services that no server waits for. */
function lookAt(deployment: Deployment, jobs: ReadonlySet<string>, last: ReadonlySet<string>): Look {
  const open = containers(deployment).filter(({ Service, State, ExitCode }) =>
    jobs.has(Service) ? State !== "exited" || ExitCode !== 0 : State !== "running",
  );
  return {
    open: open.map(({ Service, State }) => [Service, jobs.has(Service) ? "jobs" : State]),
    early: open.some(({ Service }) => jobs.has(Service) && !last.has(Service)),
  };
}

async function main(): Promise<number> {
  const deployment = deploymentOf(process.env);
  mkdirSync(deployment.directory, { recursive: true });
  const { services, secrets } = composeFile(deployment);
  const started = Object.entries(services);
  // The client, too: what is typed next is `make openstack`.
  const images = [...started.map(([, { image }]) => imageOf(image)), "openstack-client"];
  const built = buildMissing(deployment, images);
  if (built !== 0) return built;
  makeSecrets(deployment, Object.keys(secrets));
  const began = Date.now();
  say(`starting ${started.length} containers of ${deployment.name}, OpenStack ${deployment.release}`);
  const holders = holdersOf(services);
  // Creating forty containers takes as long as a database takes to start: what all wait for first, what no server waits for last.
  const ranked = (wanted: number): readonly string[] =>
    started.flatMap(([name, { cpu_shares: shares = usualShares }]) =>
      Math.sign(shares - usualShares) === wanted && !holders.includes(name) ? [name] : [],
    );
  const [first, usual, last] = [ranked(1), ranked(0), ranked(-1)];
  const refused = failureOf(() => {
    const up = (names: readonly string[], ...flags: readonly string[]): void => {
      // Without a name Compose starts all.
      if (names.length === 0) return;
      compose(deployment, ["up", "--detach", "--no-build", "--pull", "never", ...flags, ...names]);
    };
    up(first);
    for (const name of outdated(deployment, holders)) {
      say(`${name} is left as it is, though it is another one now: its servers would end. To replace it: make down`);
    }
    // As they are, whatever is new. And Compose would replace what it takes for a dependency of the others.
    up(holders, "--no-recreate");
    up(usual, "--no-deps");
    up(last, "--no-deps");
  });
  if (refused !== undefined) {
    say(`Docker did not start them:\n${refused}\n${remedy(refused)}`);
    return 75;
  }
  const jobs = new Set(started.flatMap(([name, { restart }]) => (restart === "on-failure" ? [name] : [])));
  const works = await untilItWorks(
    () => lookAt(deployment, jobs, new Set(last)),
    watchCloud(secret(deployment, "admin"), readEndpoints(deployment.directory)),
  );
  if (works === undefined) {
    say(
      `the cloud does not work after ${startTimeoutSeconds} s. See what its containers say: make status, make logs SERVICE=nova-api`,
    );
    return 75;
  }
  const credentials = writeCredentials(deployment);
  const up = { release: deployment.release, started: new Date(began).toISOString(), works_after_s: works.all };
  writeFileSync(join(deployment.directory, "up.json"), `${JSON.stringify(up)}\n`);
  const { dashboard = "" } = readEndpoints(deployment.directory);
  tellNext(works.all, { dashboard, directory: deployment.directory, credentials, client: "make openstack" });
  return 0;
}

process.exitCode = await main();
