/**
 * Fills the running dev stack with something to look at, proves that it works, and says how to use it:
 * `node scripts/stack/demo.ts` (make demo). What is there already is kept; what is missing or broken is made again.
 *
 * Exit status: 0; 69 when no stack runs, or it does not work yet; 75 when the cloud did not do what it was asked.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { faults } from "./cloud.ts";
import { containersOf } from "./containers.ts";
import { type Api, CallFailed, openApi, type Row } from "./demo/api.ts";
import { type Outcome, until } from "./demo/ensure.ts";
import { heatStack } from "./demo/heat.ts";
import { flavors, images } from "./demo/images.ts";
import { addresses, floatingAddress, network } from "./demo/network.ts";
import { consoleLog, consoleUrl, keypair, running, server, volume } from "./demo/servers.ts";
import { answering, inServer, nameServers, sshWords, writeConfig } from "./demo/ssh.ts";
import { type Deployment, deploymentOf, secret } from "./deployment.ts";
import { readEndpoints } from "./endpoints.ts";
import { makeGuest } from "./guest.ts";

const began = performance.now();
const elapsed = (): string => `${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s`;
const say = (text: string): boolean => process.stderr.write(`${text}\n`);

const words: Readonly<Record<Outcome, string>> = { found: "there already", made: "made", repaired: "repaired" };

/** Says that something is done, and passes on what came of it. */
async function step<T extends { readonly outcome: Outcome }>(what: string, work: Promise<T>): Promise<T> {
  const value = await work;
  say(`${elapsed()}  ${what}: ${words[value.outcome]}`);
  return value;
}

/** Seconds that a cloud may take to work: a service that has just been started again, or a machine that is busy. */
const checkTimeoutSeconds = 60;

/** @returns why there is no cloud to fill, or undefined where there is one. */
async function problem(deployment: Deployment): Promise<string | undefined> {
  const runs = containersOf(deployment).some(
    ({ service, state }) => service === "keystone-server" && state === "running",
  );
  if (!runs) return `no stack called ${deployment.name} is running: make up starts one`;
  const look = (): Promise<ReadonlyMap<string, string>> =>
    faults(secret(deployment, "admin"), readEndpoints(deployment.directory));
  let wrong = await look();
  while (wrong.size > 0 && performance.now() - began < checkTimeoutSeconds * 1000) {
    await sleep(1000);
    wrong = await look();
  }
  if (wrong.size === 0) return undefined;
  const parts = [...wrong].map(([part, why]) => `${part} (${why})`).join(", ");
  return `the cloud does not work: ${parts}. make up waits until it does`;
}

/** With a control plane on the machine's own network it has no way to the servers, so what they say on their consoles counts. */
async function proveByConsoles(api: Api, one: Row, two: Row): Promise<void> {
  const says = (server: Row, words: RegExp): Promise<true> =>
    until(`${server["name"]} to say ${words}`, async () => words.test(await consoleLog(api, server)) || undefined);
  await Promise.all([
    says(one, new RegExp(`guest: ping ${addresses[1]} answered`)),
    says(two, new RegExp(`guest: ping ${addresses[0]} answered`)),
    says(one, /guest: disk vd[b-z] 2097152/),
  ]);
  say(`${elapsed()}  by their consoles: each server pings the other, and demo-1 has the volume`);
}

type Proof = {
  readonly deployment: Deployment;
  readonly directory: string;
  readonly api: Api;
  readonly floating: string;
  readonly one: Row;
  readonly disk: Row;
};

/** Logs in to both servers as a user would, and looks at what was promised. */
async function proveBySsh({ deployment, directory, api, floating, one, disk }: Proof): Promise<void> {
  writeConfig(directory, floating);
  await answering(floating, 22, 120).catch(async (error: Error) => {
    const text = await consoleLog(api, one);
    throw new Error(
      /guest: ready/.test(text)
        ? `demo-1 runs, but ${error.message}: docs/stack.md says what its floating address needs`
        : `demo-1 has not started up: make openstack ARGS="console log show demo-1"`,
    );
  });
  const ssh = sshWords(deployment, directory, false);
  let refused = "";
  const login = (): Promise<string | undefined> =>
    inServer(ssh, "demo-1", "hostname").catch((error: Error) => {
      refused = error.message;
      return undefined;
    });
  await until("a login to demo-1", login, 60).catch((error: Error) => {
    throw new Error(`${error.message}: ${refused}`);
  });
  say(`${elapsed()}  this machine logs in to demo-1 at its floating address ${floating}`);
  const ping = async (from: string, to: string): Promise<void> => {
    const text = await until(`${from} to reach ${to}`, () =>
      inServer(ssh, from, `ping -c 3 -W 2 ${to}`).catch(() => undefined),
    );
    say(`${elapsed()}  ${from} pings ${to}: ${/.*packets received/.exec(text)?.[0] ?? text}`);
  };
  await ping("demo-1", addresses[1]);
  await ping("demo-2", addresses[0]);
  // The serial number that nova gives a disk is its volume's id, of which virtio has room for 20 characters.
  const serial = disk.id.slice(0, 20);
  const found = await until("the volume in demo-1", async () => {
    const text = await inServer(ssh, "demo-1", `grep -l ${serial} /sys/block/vd*/serial || true`);
    return /block\/(vd\w+)/.exec(text)?.[1];
  });
  say(`${elapsed()}  demo-1 has the volume as /dev/${found}`);
}

async function fill(deployment: Deployment): Promise<void> {
  const directory = join(deployment.directory, "demo");
  mkdirSync(directory, { recursive: true });
  const api = await openApi(secret(deployment, "admin"), readEndpoints(deployment.directory));

  const guest = makeGuest(deployment, join(directory, "guest"));
  const [image, kinds, net, key] = await Promise.all([
    step(
      "image demo, a guest of 15 MB",
      guest.then(() => images(api, join(directory, "guest"))),
    ),
    step("flavors demo-small and demo-large", flavors(api)),
    step(
      "network demo, its router to the network outside, security group demo",
      network(
        api,
        deployment.outside,
        nameServers((file) => readFileSync(file, "utf8")),
      ),
    ),
    step(
      "keypair demo",
      keypair(api, directory).then((outcome) => ({ outcome })),
    ),
  ]);
  const order = (index: 0 | 1) => {
    const name = `demo-${index + 1}`;
    const more = { userData: `ping ${addresses[1 - index]}\n`, newKey: key.outcome !== "found" };
    return step(
      `server ${name}, ${addresses[index]}`,
      server(api, { name, image: image.row, flavor: kinds.small, port: net.ports[index], ...more }).then(
        async (ordered) => ({ ...ordered, row: await running(api, ordered.row) }),
      ),
    );
  };
  const heat = step("heat stack demo: CREATE_COMPLETE", heatStack(api, net.router));
  // Looked at below; until then its failure is nobody's.
  heat.catch(() => {});
  const [one, two, floating] = await Promise.all([order(0), order(1), floatingAddress(api, net.outside, net.ports[0])]);
  const disk = await step("volume demo, 1 GiB, attached to demo-1", volume(api, one.row));
  const stack = await heat;

  await (deployment.onHost
    ? proveByConsoles(api, one.row, two.row)
    : proveBySsh({ deployment, directory, api, floating: floating.address, one: one.row, disk: disk.row }));

  const url = await consoleUrl(api, one.row);
  const login = deployment.onHost
    ? "not from this machine with NETWORK=host (docs/stack.md); use a console"
    : `${sshWords(deployment, directory, true).join(" ")} demo-1`;
  const outputs = stack.row["outputs"] as readonly { readonly output_key: string; readonly output_value: unknown }[];
  const output = outputs.map((one) => `${one.output_key} ${one.output_value}`).join(", ");
  process.stdout.write(`
the cloud has two servers, ${one.row["name"]} and ${two.row["name"]}, and a heat stack (${output}). Next:
  log in to a server   ${login}
  open a console       ${url}
                       (for ten minutes; a new one: make openstack ARGS="console url show demo-1")
  open horizon         ${readEndpoints(deployment.directory).dashboard} (user admin, password in ${deployment.directory}/secrets/admin)
  look around          make openstack ARGS="server list"
`);
}

/** How often the cloud is asked for all of it, where one of its services gave no answer or failed by itself. */
const tries = 3;

/** @returns whether a call failed for a reason that may be gone a moment later. */
const mayPass = (error: unknown): boolean =>
  error instanceof CallFailed
    ? error.status >= 500
    : /^(fetch failed|The operation was aborted)/.test(String((error as Error).message));

async function main(): Promise<number> {
  const deployment = deploymentOf(process.env);
  const wrong = await problem(deployment);
  if (wrong !== undefined) {
    say(wrong);
    return 69;
  }
  for (let left = tries; ; left -= 1) {
    try {
      await fill(deployment);
      return 0;
    } catch (error) {
      const { message, cause } = error as Error;
      say(`${elapsed()}  ${message}${cause instanceof Error ? `: ${cause.message}` : ""}`);
      if (left <= 1 || !mayPass(error)) return 75;
      say(`${elapsed()}  once more: what is there is kept`);
      await sleep(5000);
    }
  }
}

process.exitCode = await main();
