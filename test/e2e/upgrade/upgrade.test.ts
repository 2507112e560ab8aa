import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Load, startLoad } from "../../../scripts/stack/chaos/load.ts";
import { openApi } from "../../../scripts/stack/demo/api.ts";
import { addresses } from "../../../scripts/stack/demo/network.ts";
import { inServer, sshWords } from "../../../scripts/stack/demo/ssh.ts";
import { secret } from "../../../scripts/stack/deployment.ts";
import { readEndpoints } from "../../../scripts/stack/endpoints.ts";
import { docker, dockerOutput, requireEngine, until } from "../../support/docker.ts";
import { downServices } from "../../support/down-services.ts";
import { buildImages } from "../../support/keystone.ts";
import { deploymentIn } from "../../support/second.ts";
import { devStack } from "../../support/stack.ts";
import {
  answersIn,
  askedMeanwhile,
  keepOutcome,
  killIn,
  makeUpgradeModel,
  requestsSince,
  startUpgrade,
} from "../../support/upgrade.ts";

/**
 * A cloud in use is upgraded while it is in use: two servers ping each other ten times a second, one of them writes to a volume all the
 * time, and a client asks for tokens and lists servers, networks, images and volumes twice a second.
 *
 * `make e2e-upgrade FROM=2025.1 TO=2026.1`; images of both releases are built where they are missing. PARTS=run leaves out the way back and
 * the kills, and so measures the upgrade alone.
 */
const from = process.env["FROM"] || "2025.1";
const to = process.env["TO"] || "2026.1";
const parts = new Set((process.env["PARTS"] || "back kills").split(" "));

/** Below build/, where the images' contexts are, too. */
const model = "build/upgrade/model";
makeUpgradeModel(model);
const stack = devStack(from, { MODEL: model });
const env = { ...process.env, MODEL: model, STACK: stack.name, FROM: from, TO: to };

/** Sectors of the volume that the guest writes to, one after the other: each holds its own number. */
const writer = `i=0; while [ ! -e /tmp/stop ]; do printf '%-512s' $i > /tmp/sector
dd if=/tmp/sector of=/dev/DISK bs=512 seek=$i conv=fsync,notrunc 2>/dev/null || { echo $i >> /tmp/unwritten; continue; }
echo $i > /tmp/written; i=$((i+1)); sleep 0.1; done`;
const reader = `i=0; last=$(cat /tmp/written); while [ $i -le $last ]; do
[ "$(dd if=/dev/DISK bs=512 skip=$i count=1 2>/dev/null | tr -d ' ')" = $i ] || echo wrong $i; i=$((i+16)); done; echo read $last; [ ! -e /tmp/unwritten ] || cat /tmp/unwritten`;

type Guests = { readonly disk: string; readonly boots: readonly string[] };

describe(`a cloud in use is upgraded from ${from} to ${to}`, () => {
  const ssh = () => sshWords(stack.deployment, join(stack.directory, "demo"), false);
  const inGuest = (guest: string, command: string): Promise<string> => inServer(ssh(), guest, command);
  /** Whatever is started in a guest goes on without the login. */
  const startIn = (guest: string, script: string): Promise<string> =>
    inGuest(guest, `setsid sh -c '${script.replaceAll("'", "'\\''")}' < /dev/null > /dev/null 2>&1 &`);
  const password = (): string => secret(stack.deployment, "admin");
  const at = () => readEndpoints(stack.directory);
  let guests: Guests;
  let load: Load;
  let began = 0;
  let pinging = 0;

  /** Waits until each service of nova and cinder has reported to its conductor or database that it is there. */
  async function untilAllAreUp(): Promise<void> {
    const api = await openApi(password(), at());
    await until("all services to be up", async () => (await downServices(api)).length === 0 || undefined);
  }

  /** When each guest was booted: it goes on as long as the guest runs. */
  const boots = (): Promise<readonly string[]> =>
    Promise.all(["demo-1", "demo-2"].map((guest) => inGuest(guest, "cat /proc/sys/kernel/random/boot_id")));

  before(async () => {
    await requireEngine();
    // `make up` builds those that are not there; here they have to be of the present code.
    const names = [...new Set(deploymentIn(model).workloads.map(({ image }) => image)), "openstack-client"];
    for (const release of [from, to]) buildImages(release, names, model);
    await stack.script("up");
    await stack.script("demo");
    const serial = await inGuest("demo-1", "grep -l . /sys/block/vd*/serial");
    const disk = /block\/(vd[b-z])/.exec(serial)?.[1];
    assert.ok(disk, serial);
    guests = { disk, boots: await boots() };
    pinging = Date.now();
    await startIn("demo-1", `ping -i 0.1 ${addresses[1]} > /tmp/pings`);
    await startIn("demo-2", `ping -i 0.1 ${addresses[0]} > /tmp/pings`);
    await startIn("demo-1", writer.replaceAll("DISK", disk));
    load = await startLoad(password(), at(), "", askedMeanwhile);
    began = performance.now();
  });
  after(() => load?.stop());

  test("changes nothing if an image is missing, or the cloud is of another release", {
    skip: !parts.has("back"),
  }, async () => {
    const strange = startUpgrade({ ...env, FROM: to, TO: to === "2026.1" ? "2026.2" : "2026.1" }, { DRY_RUN: "1" });
    assert.notEqual(await strange.ended, 0);
    assert.match(strange.lines.join("\n"), /which is of neither release/);
  });

  test("is undone before a contraction, and works", { skip: !parts.has("back") }, async () => {
    const half = startUpgrade(env, { UNTIL: "nova-roll-control" });
    assert.equal(await half.ended, 0);
    const back = startUpgrade(env, { BACK: "1" });
    assert.equal(await back.ended, 0, back.lines.join("\n"));
    const images = stack.compose("ps", "--format", "{{.Service}} {{.Image}}");
    assert.match(images, new RegExp(`nova-conductor \\S*:${from}`));
    assert.doesNotMatch(images, new RegExp(`:${to}`));
    await untilAllAreUp();
  });

  test("continues where it was after it is killed in three phases", { skip: !parts.has("kills") }, async () => {
    for (const phase of ["keystone-roll", "nova-migrate", "neutron-roll-server"])
      await killIn(phase, startUpgrade(env, {}));
  });

  test("is upgraded", async () => {
    if (!parts.has("kills") && !parts.has("back")) began = performance.now();
    const upgrading = startUpgrade(env, {});
    assert.equal(await upgrading.ended, 0, upgrading.lines.join("\n"));
    if (parts.has("kills")) assert.match(upgrading.lines.join("\n"), /continues the upgrade/);
  });

  test("loses no packet, no write and no server, and reports which requests failed", async () => {
    const [one, two] = await Promise.all(
      ["demo-1", "demo-2"].map(async (guest) => {
        await inGuest(guest, "killall -INT ping; sleep 2");
        const sent = Number(/(\d+) packets transmitted/.exec(await inGuest(guest, "tail -n 5 /tmp/pings"))?.[1]);
        const [last = 0, ...missing] = (await inGuest(guest, answersIn("/tmp/pings"))).trim().split("\n").map(Number);
        assert.ok(last > 100 && sent - last < 50, `${guest} sent ${sent}; the last answer is to packet ${last}`);
        // In the order of the run, so that the phase can be found.
        const at = missing.map((number) => new Date(pinging + ((Date.now() - pinging) * number) / sent).toISOString());
        return { sent: last + 1, lost: missing.length, at };
      }),
    );
    await inGuest("demo-1", "touch /tmp/stop; sleep 2");
    const read = await inGuest("demo-1", reader.replaceAll("DISK", guests.disk));
    const requests = requestsSince(load, began);
    const packets = { sent: (one?.sent ?? 0) + (two?.sent ?? 0), lost: (one?.lost ?? 0) + (two?.lost ?? 0) };
    keepOutcome("upgrade", "compose", join(stack.directory, "upgrade", `report-${from}-${to}.json`), requests, packets);
    assert.equal(packets.lost, 0, `lost about ${JSON.stringify({ "demo-1": one?.at, "demo-2": two?.at })}`);
    assert.deepEqual(await boots(), guests.boots);
    assert.match(read, /^read \d+\s*$/);
  });

  test("runs every service in the new release, and all are up", async () => {
    const text = await dockerOutput([
      "ps",
      "--filter",
      `label=com.docker.compose.project=${stack.name}`,
      "--format",
      '{{.Label "com.docker.compose.service"}} {{.Image}}',
    ]);
    const older = text.split("\n").filter((line) => line.endsWith(`:${from}`));
    const kept = /^(mysql|rabbitmq|memcached|haproxy|etcd|ovn|ovs|libvirt|hypervisor|keeper)/;
    assert.deepEqual(
      older.filter((line) => !kept.test(line)),
      [],
    );
    await untilAllAreUp();
  });

  test("starts a server, and reboots and deletes earlier ones", async () => {
    const after = { ...env, VERSION: to };
    const client = async (words: string): Promise<string> => {
      const name = `${stack.deployment.imagePrefix}/openstack-client:${to}`;
      return dockerOutput(
        [
          ...[
            "run",
            "--rm",
            "--network",
            stack.network,
            "--env",
            "OS_PASSWORD",
            "--env",
            "OS_AUTH_URL=http://haproxy-server:5000/v3",
          ],
          ...["--env", "OS_USERNAME=admin", "--env", "OS_PROJECT_NAME=admin", "--env", "OS_USER_DOMAIN_ID=default"],
          ...[
            "--env",
            "OS_PROJECT_DOMAIN_ID=default",
            "--env",
            "OS_IDENTITY_API_VERSION=3",
            "--env",
            "OS_INTERFACE=internal",
          ],
          ...["--entrypoint", "openstack", name, ...words.split(" ")],
        ],
        { ...after, OS_PASSWORD: password() } as Readonly<Record<string, string>>,
      );
    };
    await client("server create --wait --network demo --flavor demo-small --image demo after");
    await client("server reboot --hard --wait demo-2");
    // nova would copy the disk to another hypervisor by SSH, which none accepts (docs/security.md): the other one takes no servers meanwhile.
    const host = (await client("server show demo-2 -f value -c OS-EXT-SRV-ATTR:host")).trim();
    const other = host === "compute-1" ? "compute-2" : "compute-1";
    await client(`compute service set --disable ${other} nova-compute`);
    await client("server resize --flavor demo-large --wait demo-2");
    await client("server resize confirm demo-2");
    await client(`compute service set --enable ${other} nova-compute`);
    await client("server delete --wait demo-2 after");
    const { stdout } = await docker(["ps", "--all", "--quiet", "--filter", `name=${stack.name}-upgrade`]);
    assert.equal(stdout.trim(), "", "a container of the lock was left");
  });
});
