import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { faults } from "../../scripts/stack/cloud.ts";
import { makeGuest } from "../../scripts/stack/guest.ts";
import { openBrowser } from "../support/browser.ts";
import { dockerOutput, requireEngine, until } from "../support/docker.ts";
import { buildImages, builtImages } from "../support/keystone.ts";
import { devStack } from "../support/stack.ts";

/** `make e2e VERSION=zed` takes another. */
const release = process.env["VERSION"] ?? "2025.1";

/** Every image that a stack is made of, parents aside. */
const stackImages = [
  ...["keystone-server", "glance-server", "placement-server", "nova-controller", "nova-compute", "libvirt-compute"],
  ...["neutron-server", "ovn-server", "cinder-controller", "cinder-volume", "heat-server", "horizon-server"],
  ...["mysql-server", "rabbitmq-server", "memcached-server", "openstack-client"],
];

/** A container, a file that its service reads, and what registers the file's options. */
const libraries = ["oslo.messaging", "oslo.db", "oslo.db.concurrency", "oslo.log", "oslo.policy", "oslo.concurrency"];
const shared = [...libraries, "oslo.cache", "oslo.middleware", "oslo.service.service", "keystonemiddleware.auth_token"];
const configurations: readonly (readonly [container: string, file: string, ...namespaces: readonly string[]])[] = [
  ["keystone-server", "/etc/keystone/keystone.conf", "keystone", ...shared],
  ["glance-server", "/etc/glance/glance-api.conf", "glance.api", "glance.multi_store", ...shared],
  ["placement-server", "/etc/placement/placement.conf", "placement.conf", ...shared],
  ["nova-api", "/etc/nova/nova.conf", "nova.conf", "os_vif", ...shared],
  ["nova-compute", "/etc/nova/nova.conf", "nova.conf", "os_vif", ...shared],
  ["neutron-server", "/etc/neutron/neutron.conf", "neutron", "nova.auth", "placement.auth", ...shared],
  ["neutron-server", "/etc/neutron/plugins/ml2/ml2_conf.ini", "neutron.ml2", "neutron.ml2.ovn", ...shared],
  [
    "neutron-ovn-metadata-agent",
    "/etc/neutron/neutron_ovn_metadata_agent.ini",
    ...["neutron", "neutron.ovn.metadata.agent", "neutron.agent", "neutron.ml2.ovn", ...shared],
  ],
  ["cinder-api", "/etc/cinder/cinder.conf", "cinder", ...shared],
  ["cinder-volume", "/etc/cinder/cinder.conf", "cinder", ...shared],
  [
    "heat-engine",
    "/etc/heat/heat.conf",
    "heat.common.config",
    "heat.common.cache",
    "heat.common.crypt",
    "heat.api.aws.ec2token",
    "heat.engine.clients",
    "heat.engine.clients.os.keystone.heat_keystoneclient",
    ...shared,
  ],
];
/** Groups of a deployment's own names: glance's stores and cinder's back ends. */
const ofDeployment = /\b(file1?|os_glance_\w+_store)\//;
/** Options of keystoneauth's plugins exist once a plugin is chosen; the validator knows those of no plugin. */
const ofPlugin = /\/(auth_url|username|password|user_domain_id|project_name|project_domain_id|auth_type)\b/;

const stack = devStack(release);
const bench: Record<string, unknown> = { release };
const writeBench = (): void => writeFileSync("build/bench/stack.json", `${JSON.stringify(bench, undefined, 2)}\n`);
const seconds = (since: number): number => Math.round((performance.now() - since) / 100) / 10;

/** A new public key as OpenSSH writes it (RFC 8709): the name and the 32 bytes, each behind its length. */
function publicKey(): string {
  const { publicKey: key } = generateKeyPairSync("ed25519");
  const parts = [Buffer.from("ssh-ed25519"), key.export({ format: "der", type: "spki" }).subarray(-32)];
  const framed = parts.flatMap((part) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    return [length, part];
  });
  return `ssh-ed25519 ${Buffer.concat(framed).toString("base64")}`;
}

/** Makes what the client is given in build/e2e: a guest's kernel and initramfs, a disk, a key, user data, a template. */
function makeGifts(): void {
  rmSync("build/e2e", { recursive: true, force: true });
  makeGuest(stack.deployment, "build/e2e");
  writeFileSync("build/e2e/disk", Buffer.alloc(1 << 20));
  writeFileSync("build/e2e/key.pub", `${publicKey()} guest\n`);
  writeFileSync("build/e2e/ping-one", "ping 192.0.2.11\n");
  writeFileSync("build/e2e/ping-two", "ping 192.0.2.12\n");
  writeFileSync(
    "build/e2e/stack.yaml",
    `heat_template_version: 2021-04-16
resources:
  network: { type: "OS::Neutron::Net" }
  subnet:
    type: OS::Neutron::Subnet
    properties: { network: { get_resource: network }, cidr: 198.51.100.0/24 }
  word: { type: "OS::Heat::RandomString" }
`,
  );
}

describe(`a whole OpenStack ${release}, from images to servers`, () => {
  let began = 0;
  before(async () => {
    await requireEngine();
    const building = performance.now();
    buildImages(release, stackImages);
    bench["build_s"] = seconds(building);
    makeGifts();
    began = performance.now();
    await stack.script("up");
    bench["works_after_s"] = seconds(began);
  });

  test("make up ends when the cloud works: the real client gets a token, and uploads a kernel and a disk", async (t) => {
    t.diagnostic(`the cloud works after ${bench["works_after_s"]} s`);
    const token = await stack.openstackJson<{ id: string }>("token", "issue");
    assert.match(token.id, /^gAAAAA/, "a fernet token");
    await stack.openstackAll(
      "image create --container-format aki --disk-format aki --file /e2e/kernel kernel",
      "image create --container-format ari --disk-format ari --file /e2e/initramfs initramfs",
      "flavor create --ram 160 --disk 1 --vcpus 1 small",
      "keypair create --public-key /e2e/key.pub key",
      "network create --external --provider-network-type flat --provider-physical-network physnet1 outside",
      "subnet create --network outside --subnet-range 203.0.113.0/24 --gateway 203.0.113.1 --no-dhcp outside",
      "network create inside",
      "subnet create --network inside --subnet-range 192.0.2.0/24 inside",
      "router create router",
      "router set --external-gateway outside router",
      "router add subnet router inside",
      "security group create open",
      "security group rule create --protocol icmp open",
      "security group rule create --protocol tcp --dst-port 80 open",
      "port create --network inside --fixed-ip ip-address=192.0.2.11 --security-group open one",
      "port create --network inside --fixed-ip ip-address=192.0.2.12 --security-group open two",
    );
    const images = await stack.openstackJson<{ ID: string; Name: string }[]>("image", "list");
    const id = (name: string): string => images.find(({ Name }) => Name === name)?.ID ?? "";
    await stack.openstackAll(
      `image create --container-format bare --disk-format raw --file /e2e/disk --property kernel_id=${id("kernel")} --property ramdisk_id=${id("initramfs")} guest`,
    );
  });

  const consoleOf = (server: string): Promise<string> => stack.openstack("console", "log", "show", server);
  const says = (server: string, words: RegExp, within = 150_000): Promise<string> =>
    until(
      `${server} to say ${words}`,
      async () => {
        const text = await consoleOf(server);
        return words.test(text) ? text : undefined;
      },
      within,
    );

  test("two servers are ACTIVE", async (t) => {
    await stack.openstackAll(
      "server create --image guest --flavor small --key-name key --port one --user-data /e2e/ping-two one",
      "server create --image guest --flavor small --key-name key --port two --user-data /e2e/ping-one two",
    );
    for (const name of ["one", "two"]) {
      await until(
        `server ${name} to be ACTIVE`,
        async () => {
          const { status, fault } = await stack.openstackJson<{ status: string; fault?: unknown }>(
            "server",
            "show",
            name,
          );
          assert.notEqual(status, "ERROR", JSON.stringify(fault));
          return status === "ACTIVE" ? true : undefined;
        },
        120_000,
      );
      if (name === "one") {
        bench["first_server_active_s"] = seconds(began);
        t.diagnostic(`the first server is ACTIVE ${seconds(began)} s after make up began`);
      }
    }
    assert.ok((bench["first_server_active_s"] as number) <= 180, `${bench["first_server_active_s"]} s`);
  });

  test("each got its metadata and its key, and they answer each other's ping", async () => {
    const key = readFileSync("build/e2e/key.pub", "utf8").trim();
    for (const [name, other] of [
      ["one", "192.0.2.12"],
      ["two", "192.0.2.11"],
    ] as const) {
      const { id } = await stack.openstackJson<{ id: string }>("server", "show", name);
      const text = await says(name, new RegExp(`guest: ping ${other} answered`));
      assert.match(text, new RegExp(`guest: hostname ${name}.novalocal`));
      assert.match(text, new RegExp(`guest: uuid ${id}`));
      assert.ok(text.includes(`guest: key ${key}`), text);
    }
  });

  test("a floating address leads from outside to a page of the server", async () => {
    await stack.openstackAll(
      "floating ip create --floating-ip-address 203.0.113.50 outside",
      "server add floating ip one 203.0.113.50",
    );
    // The world outside is the hypervisor's own: the subnet's gateway is an address of its bridge.
    for (const words of ["address add 203.0.113.1/24 dev br-ex", "link set br-ex up"]) {
      stack.compose("exec", "-T", "ovsdb", "ip", ...words.split(" "));
    }
    const page = await until(
      "the server's page",
      async () => {
        const words = ["exec", "-T", "ovsdb", "curl", "--silent", "--fail", "--max-time", "5", "http://203.0.113.50/"];
        const exec = ["compose", "--project-name", stack.name, ...words];
        const answer = spawnSync("docker", exec, { encoding: "utf8" });
        return answer.status === 0 ? answer.stdout : undefined;
      },
      60_000,
    );
    assert.equal(page, "this is one.novalocal\n");
  });

  test("a volume is attached, and the guest sees its size", async () => {
    await stack.openstackAll("volume create --size 1 volume");
    await until("the volume to be available", async () => {
      const { status } = await stack.openstackJson<{ status: string }>("volume", "show", "volume");
      assert.notEqual(status, "error");
      return status === "available" ? true : undefined;
    });
    await stack.openstackAll("server add volume one volume");
    await says("one", /guest: disk vd\w+ 2097152/);
  });

  test("a heat stack completes", async () => {
    await stack.openstackAll("stack create --template /e2e/stack.yaml --wait stack");
    const { stack_status: status } = await stack.openstackJson<{ stack_status: string }>("stack", "show", "stack");
    assert.equal(status, "CREATE_COMPLETE");
  });

  test("horizon: a person logs in and sees the servers", async () => {
    const browser = await openBrowser();
    try {
      await browser.goto("http://localhost:8080/auth/login/");
      await browser.evaluate(`(() => {
        document.querySelector("input[name=username]").value = "admin";
        document.querySelector("input[name=password]").value = ${JSON.stringify(stack.secrets()["admin"])};
        document.querySelector("form").submit();
      })()`);
      await browser.until(`!location.pathname.includes("/login")`);
      await browser.goto("http://localhost:8080/project/instances/");
      await browser.until(
        `document.body.innerText.includes("192.0.2.11") && document.body.innerText.includes("192.0.2.12")`,
      );
      mkdirSync("build/bench", { recursive: true });
      writeFileSync("build/bench/horizon.png", await browser.screenshot());
    } finally {
      await browser.close();
    }
  });

  test("its log holds no secret, and its containers' environments none", () => {
    const log = stack.compose("logs", "--no-color", "--no-log-prefix");
    const ids = stack.compose("ps", "--all", "--quiet").trim().split("\n");
    const settings = spawnSync("docker", ["inspect", ...ids], { encoding: "utf8", maxBuffer: 1 << 28 }).stdout;
    assert.match(log, /becoming nova-controller conductor/);
    for (const [name, secret] of Object.entries(stack.secrets())) {
      assert.ok(!log.includes(secret), `the log shows ${name}`);
      assert.ok(!settings.includes(secret), `docker inspect shows ${name}`);
    }
  });

  test("what plinth took of it is drawn", (t) => {
    const log = join("build/e2e", "stack.log");
    writeFileSync(log, stack.compose("logs", "--no-color", "--no-log-prefix"));
    mkdirSync("build/bench", { recursive: true });
    const drawn = (format: string): string =>
      spawnSync("build/bin/plinth", ["timeline", log, "--svg", "build/bench/stack.svg", "--format", format], {
        encoding: "utf8",
      }).stdout;
    t.diagnostic(`\n${drawn("text")}`);
    const starts = JSON.parse(drawn("json")) as { image: string; service: string }[];
    bench["services"] = starts;
    bench["images"] = builtImages().filter(({ image }) => image.endsWith(`:${release}`));
    assert.ok(starts.some(({ image, service }) => image === "nova-controller" && service === "conductor"));
    const ids = stack.compose("ps", "--quiet").trim().split("\n");
    const memory = spawnSync("docker", ["stats", "--no-stream", "--format", "{{.MemUsage}}", ...ids], {
      encoding: "utf8",
    });
    const mib = memory.stdout
      .trim()
      .split("\n")
      .map((line) => /^([\d.]+)(KiB|MiB|GiB|B)/.exec(line))
      .reduce((sum, found) => {
        const factor = { B: 1 / 1048576, KiB: 1 / 1024, MiB: 1, GiB: 1024 }[found?.[2] ?? "B"] ?? 0;
        return sum + Number(found?.[1] ?? 0) * factor;
      }, 0);
    bench["memory_mib"] = Math.round(mib);
    t.diagnostic(`${Math.round(mib)} MiB in ${ids.length} containers`);
    writeBench();
  });

  test("oslo-config-validator finds nothing wrong in any file, in the images themselves", () => {
    const found = configurations.flatMap(([container, file, ...namespaces]) => {
      const words = namespaces.flatMap((namespace) => ["--namespace", namespace]);
      const judge = ["oslo-config-validator", "--input-file", file, ...words];
      const exec = ["compose", "--project-name", stack.name, "exec", "-T", container, ...judge];
      const { status, stdout, stderr } = spawnSync("docker", exec, { encoding: "utf8", timeout: 60_000 });
      const errors = (stdout + stderr).split("\n").filter((line) => /ERROR/.test(line));
      if (status !== 0 && errors.length === 0) return [`${container}: ${stderr}`];
      const said = errors.filter((line) => !ofPlugin.test(line) && !ofDeployment.test(line));
      return said.map((line) => `${container}: ${line}`);
    });
    assert.deepEqual(found, []);
  });

  test("database, broker and keystone are killed and started again, and the cloud comes back by itself", async (t) => {
    stack.compose("restart", "--timeout", "0", "mysql-server", "rabbitmq-server", "keystone-server");
    const killed = performance.now();
    const password = stack.secrets()["admin"] as string;
    const works = async (): Promise<true | undefined> => ((await faults(password)).size === 0 ? true : undefined);
    await until("the cloud to work again", works, 180_000);
    bench["back_after_s"] = seconds(killed);
    // RPC goes through the new broker: a port is bound and unbound by it, a server answers a reboot.
    await stack.openstackAll("server reboot --hard --wait two");
    t.diagnostic(`back after ${bench["back_after_s"]} s, a server rebooted after ${seconds(killed)} s`);
    writeBench();
  });

  test("servers are deleted", async () => {
    await stack.openstackAll("server delete --wait one two");
    // For a moment a listing may still show one, as DELETED.
    await until("no server to be listed", async () =>
      (await stack.openstackJson<unknown[]>("server", "list")).length === 0 ? true : undefined,
    );
  });

  test("make down leaves nothing behind", async () => {
    await stack.script("down");
    for (const kind of ["container", "network", "volume"]) {
      const words = kind === "container" ? ["ps", "--all"] : [kind, "ls"];
      assert.equal(await dockerOutput([...words, "--quiet", "--filter", `name=${stack.name}`]), "", kind);
    }
  });
});
