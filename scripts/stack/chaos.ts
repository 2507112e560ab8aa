/**
 * Breaks the running dev stack in one way after the other, while a client asks its APIs and two of its servers are pinged, and says
 * what each did and whether it healed by itself: `node scripts/stack/chaos.ts` (make chaos). FAULTS="crash:ovsdb hang" selects some,
 * FAULTS=list lists them.
 * A stack that is not there is started, one that make demo has not filled is filled. The figures go to build/bench/chaos.json.
 *
 * Exit status: 0; 1 when a bound does not hold; 64 for a fault that there is not; 75 when there is no cloud that works.
 */
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cloud } from "./chaos/fault.ts";
import { faultsOf, selected } from "./chaos/faults.ts";
import { engine, runningIn } from "./chaos/from-outside.ts";
import { eachLine } from "./chaos/lines.ts";
import { startLoad } from "./chaos/load.ts";
import { type Measured, measure, type Remedy, untilWell } from "./chaos/measure.ts";
import { startPings } from "./chaos/pings.ts";
import { tableOf } from "./chaos/table.ts";
import { examineCloud } from "./cloud.ts";
import { openApi } from "./demo/api.ts";
import { addresses, floatingAddress } from "./demo/network.ts";
import { inServer, sshWords } from "./demo/ssh.ts";
import { composeFile, type Deployment, deploymentOf, secret } from "./deployment.ts";
import { type Endpoints, readEndpoints } from "./endpoints.ts";

const say = (text: string): boolean => process.stderr.write(`${text}\n`);

/** Runs another of these scripts as make does. @returns its exit status. */
const script = (name: string): Promise<number> =>
  new Promise((settle, reject) => {
    const child = spawn(process.execPath, [`scripts/stack/${name}.ts`], { stdio: ["ignore", 2, 2] });
    child.once("error", reject);
    child.once("close", (status) => settle(status ?? 1));
  });

/** The demo's servers: the id of the first, and an address of each that this machine reaches. */
async function guestsOf(password: string, at: Endpoints) {
  const api = await openApi(password, at);
  const [first] = await api.list("compute", "/servers?name=^demo-1$", "servers");
  const [outside] = await api.list("network", "/v2.0/networks?router:external=true", "networks");
  const ports = await Promise.all(
    addresses.map(async (_, at) => (await api.list("network", `/v2.0/ports?name=demo-${at + 1}`, "ports"))[0]),
  );
  if (!first || !outside || !ports[0] || !ports[1]) throw new Error("the demo's servers are not there: make demo");
  const one = await floatingAddress(api, outside, ports[0]);
  // The demo gives only its first server one.
  const { address } = await floatingAddress(api, outside, ports[1], "chaos");
  return { first: first.id, addresses: { "demo-1": one.address, "demo-2": address } };
}

function cloudOf(deployment: Deployment): Cloud {
  const { services } = composeFile(deployment);
  const names = Object.entries(services).flatMap(([name, { restart }]) => (restart === "on-failure" ? [] : [name]));
  const wanted = new Set(names);
  const containers = () => runningIn(deployment, wanted);
  const ssh = sshWords(deployment, join(deployment.directory, "demo"), false);
  return {
    deployment,
    services: names,
    containers,
    async container(service) {
      const found = (await containers()).find((one) => one.service === service);
      if (!found) throw new Error(`${service} has no container`);
      return found;
    },
    inGuest: (guest, command) => inServer(ssh, guest, command),
    watchGuest(guest, command, line) {
      const child = eachLine([...ssh, guest, command], line);
      return () => void child.kill();
    },
  };
}

/** What people do when a cloud does not come back, in this order. */
function remediesFor(deployment: Deployment, password: string, cloud: Cloud): readonly Remedy[] {
  return [
    { what: "make up", apply: async () => void (await script("up")) },
    {
      what: "docker restart nova-compute, server reboot --hard",
      async apply() {
        await engine(deployment, ["restart", (await cloud.container("nova-compute")).id]);
        const api = await openApi(password, readEndpoints(deployment.directory));
        for (const { id } of await api.list("compute", "/servers?name=^demo-", "servers")) {
          await api.post("compute", `/servers/${id}/action`, { reboot: { type: "HARD" } }).catch(() => {});
        }
      },
    },
  ];
}

async function main(): Promise<number> {
  const deployment = deploymentOf(process.env);
  const cloud = cloudOf(deployment);
  const all = faultsOf(cloud.services);
  const names = all.map(({ name }) => `  ${name}\n`).join("");
  const wanted = process.env["FAULTS"] ?? "";
  if (wanted === "list") {
    process.stdout.write(names);
    return 0;
  }
  const picked = selected(all, wanted);
  if ("unknown" in picked) {
    say(`make chaos: there is no fault ${picked.unknown}. A kind (crash, hang) or one of:\n${names}`);
    return 64;
  }
  if ((await cloud.containers()).length === 0 && (await script("up")) !== 0) return 75;
  if ((await script("demo")) !== 0) return 75;
  const password = secret(deployment, "admin");
  const at = readEndpoints(deployment.directory);
  const guests = await guestsOf(password, at);
  const load = await startLoad(password, at, guests.first);
  const pings = Object.fromEntries(
    Object.entries(guests.addresses).map(([name, address]) => [name, startPings(deployment, address)]),
  );
  const watch = { faults: examineCloud(password, at), load, guests: pings };
  const rows: Measured[] = [];
  const write = (): void => {
    mkdirSync("build/bench", { recursive: true });
    const bench = { release: deployment.release, faults: rows };
    writeFileSync("build/bench/chaos.json", `${JSON.stringify(bench, undefined, 2)}\n`);
  };
  let takeBack: (() => Promise<void>) | undefined;
  try {
    for (const fault of picked) {
      takeBack = await fault.prepare?.(cloud);
      const ready = await untilWell(cloud, watch, 120);
      if ("wrong" in ready) {
        say(`the cloud does not work before ${fault.name}: ${ready.wrong}`);
        return 75;
      }
      const row = await measure(fault, cloud, watch, remediesFor(deployment, password, cloud));
      rows.push(row);
      write();
      say(tableOf([row]).split("\n")[1] ?? "");
      await takeBack?.();
      takeBack = undefined;
    }
  } finally {
    await takeBack?.();
    for (const one of Object.values(pings)) one.stop();
    await load.stop();
  }
  process.stdout.write(tableOf(rows));
  return rows.every(({ broken }) => broken.length === 0) ? 0 : 1;
}

process.exitCode = await main();
