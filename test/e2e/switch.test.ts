import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { docker, dockerOutput, dockerScope, logsOf, requireEngine, until } from "../support/docker.ts";
import { buildImages } from "../support/keystone.ts";

/** `make e2e VERSION=zed` takes another. */
const release = process.env["VERSION"] ?? "2025.1";
const image = `${process.env["DEPLOY_NAME"] || "plinth"}/ovn-server:${release}`;
const scope = dockerScope("switch");
const memory = ["--read-only", "--tmpfs", "/run", "--tmpfs", "/tmp"];
/** As a deployment has them, and no more: an engine's own set of capabilities is not the same everywhere. */
const root = [...memory, "--restart", "unless-stopped", "--cap-drop", "ALL"];

const inside = (what: string, ...words: string[]): Promise<string> =>
  dockerOutput(["exec", scope.name(what), ...words]);

async function healthy(what: string): Promise<void> {
  await until(`${what} to be healthy`, async () => {
    const { status } = await docker(["exec", scope.name(what), "/opt/plinth/bin/plinth", "healthcheck", "--ready"]);
    return status === 0 ? true : undefined;
  }).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${(await logsOf(scope.name(what))).text.slice(-3000)}`);
  });
}

const addressOf = (what: string): Promise<string> =>
  dockerOutput([
    ...["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"],
    scope.name(what),
  ]);

/** The switch of a hypervisor, in a network namespace that outlives it. */
async function startSwitch(host: string, network: string, env: Readonly<Record<string, string>>): Promise<void> {
  const holder = { image, flags: [...memory, "--user", "0:0", "--network", network], words: ["hypervisor"] };
  await scope.start(host, holder);
  const own = env["OVN_ENCAPSULATION_ADDRESS"] ?? (await addressOf(host));
  const shared = ["--network", `container:${scope.name(host)}`, "--volume", `${scope.name(host)}:/run/openvswitch`];
  const known = { ...env, OVN_CHASSIS_NAME: host, OVN_ENCAPSULATION_ADDRESS: own };
  const database = ["--cap-add", "NET_ADMIN", "--volume", `${scope.name(host)}-switch:/var/lib/openvswitch`];
  await scope.volume(host);
  await scope.volume(`${host}-switch`);
  await scope.start(`${host}-ovsdb`, { image, flags: [...root, ...shared, ...database], env: known, words: ["ovsdb"] });
  await startVswitchd(host);
}

const startVswitchd = (host: string): Promise<string> =>
  scope.start(`${host}-vswitchd`, {
    image,
    flags: [
      ...[...root, "--cap-add", "NET_ADMIN", "--cap-add", "NET_RAW", "--device", "/dev/net/tun"],
      ...["--network", `container:${scope.name(host)}`, "--volume", `${scope.name(host)}:/run/openvswitch`],
    ],
    words: ["vswitchd"],
  });

let network = "";
before(async () => {
  await requireEngine();
  buildImages(release, ["ovn-server"]);
  network = await scope.network();
});

describe(`two hypervisors with a userspace datapath, ovn-server ${release}`, () => {
  const hosts = ["compute-1", "compute-2"] as const;
  const page = randomBytes(8).toString("hex");
  const ip = (...words: string[]): Promise<string> => inside("compute-1-vswitchd", "ip", ...words);
  const vsctl = (...words: string[]): Promise<string> =>
    inside("compute-1-ovsdb", "ovs-vsctl", "--timeout=20", ...words);

  before(async () => {
    const databases = ["northbound", "southbound"];
    for (const name of databases) {
      await scope.start(name, { image, flags: [...memory, "--network", network], words: [name] });
    }
    const [northbound = "", southbound = ""] = await Promise.all(databases.map(addressOf));
    const env = { SERVICE_OVN_NORTHBOUND_HOST: northbound, SERVICE_OVN_SOUTHBOUND_HOST: southbound };
    await scope.start("northd", { image, flags: [...memory, "--network", network], env, words: ["northd"] });
    for (const host of hosts) {
      await startSwitch(host, network, env);
      const beside = ["--network", `container:${scope.name(host)}`, "--volume", `${scope.name(host)}:/run/openvswitch`];
      await scope.start(`${host}-controller`, { image, flags: [...root, ...beside], env, words: ["controller"] });
    }
    const northboundctl = (...words: string[]) =>
      inside("northbound", "ovn-nbctl", "--db=tcp:127.0.0.1:6641", "--timeout=20", ...words);
    await healthy("northbound");
    await northboundctl("ls-add", "net");
    for (const [index, host] of hosts.entries()) {
      await healthy(`${host}-controller`);
      const mac = `0a:00:00:00:00:0${index + 1}`;
      const own = `192.0.2.${index + 1}`;
      await northboundctl("lsp-add", "net", host, "--", "lsp-set-addresses", host, `${mac} ${own}`);
      // A port of the switch's own stands for a guest: nothing else reaches it but what the switch lets through.
      const port = ["--", "set", "interface", "guest", "type=internal", `external_ids:iface-id=${host}`];
      await inside(`${host}-ovsdb`, "ovs-vsctl", "--timeout=20", "add-port", "br-int", "guest", ...port);
      await inside(`${host}-ovsdb`, "ip", "link", "set", "guest", "address", mac, "mtu", "1442", "up");
      await inside(`${host}-ovsdb`, "ip", "address", "add", `${own}/24`, "dev", "guest");
    }
    // 4 MiB of it: full packets, and segments that somebody has to cut (TSO).
    await inside("compute-2-ovsdb", "sh", "-c", `head -c 4194304 /dev/zero > /tmp/page; echo ${page} >> /tmp/page`);
    await docker([
      "exec",
      "--detach",
      scope.name("compute-2-ovsdb"),
      "python3",
      "-m",
      "http.server",
      "--directory",
      "/tmp",
      "8000",
    ]);
  });

  const fetched = async (from: string, address: string): Promise<true | undefined> => {
    const words = ["curl", "--silent", "--fail", "--max-time", "30", `http://${address}:8000/page`];
    const { stdout } = await docker(["exec", scope.name(from), "sh", "-c", `${words.join(" ")} | tail -c 17`]);
    return stdout === `${page}\n` || undefined;
  };
  const guestsReachEachOther = async (): Promise<void> => {
    await until("a page of the other hypervisor's guest", () => fetched("compute-1-ovsdb", "192.0.2.2"));
  };

  test("a guest gets the whole of a long page from one on the other hypervisor", guestsReachEachOther);

  test("the address does not move, and all other traffic continues while ovs-vswitchd is down", async () => {
    const own = await addressOf("compute-2");
    assert.match(await inside("compute-2-ovsdb", "ip", "-brief", "address", "show", "dev", "eth0"), new RegExp(own));
    await docker(["stop", "--time", "5", scope.name("compute-2-vswitchd")]);
    assert.equal(await fetched("southbound", own), true);
    assert.equal(await fetched("compute-1-ovsdb", "192.0.2.2"), undefined, "only by way of the switch");
    await docker(["start", scope.name("compute-2-vswitchd")]);
    await guestsReachEachOther();
  });

  test("a packet of its own that a bridge in hairpin mode sends back is not sent again", async () => {
    const own = await addressOf("compute-1");
    const sent = (flow: string): Promise<string> =>
      inside(
        "compute-1-vswitchd",
        ...["ovs-appctl", "--target=/run/openvswitch/vswitchd.ctl", "ofproto/trace", "br-phy", `in_port=eth0,${flow}`],
      );
    const tunnel = `udp,nw_src=${own},nw_dst=192.0.2.77,udp_dst=6081`;
    const request = `arp,arp_op=1,arp_spa=${own},arp_tpa=192.0.2.77`;
    for (const packet of [tunnel, request]) {
      const first = await sent(`${packet}${packet === tunnel ? ",nw_ttl=64" : ""}`);
      assert.match(first, /^ *IN_PORT$/m, packet);
      const [, changed = ""] = /^Final flow: (.*)$/m.exec(first) ?? [];
      const mark = /nw_ttl=63|arp_tha=ff:ff:ff:ff:ff:ff/.exec(changed)?.[0] ?? assert.fail(changed);
      assert.match(await sent(`${packet},${mark}`), /Datapath actions: drop/, `${packet},${mark}`);
    }
  });

  test("a server's device that is down although the switch has it is set up again", async () => {
    const tap = "tap0123abcd-ef";
    const flags = async (): Promise<number> =>
      Number(await inside("compute-1-vswitchd", "cat", `/sys/class/net/${tap}/flags`));
    const promiscuous = 0x100;
    await ip("tuntap", "add", "dev", tap, "mode", "tap");
    await ip("link", "set", "dev", tap, "up");
    await vsctl("add-port", "br-int", tap);
    await until("the switch to have the device", async () => ((await flags()) & promiscuous ? true : undefined));
    await ip("link", "set", "dev", tap, "down");
    assert.equal((await flags()) & 1, 0);
    await until("the device to be up", async () => ((await flags()) & 1 ? true : undefined), 10_000);
    await vsctl("del-port", "br-int", tap);
    await until("the switch to have let it go", async () => ((await flags()) & promiscuous ? undefined : true));
    await ip("link", "set", "dev", tap, "down");
    await sleep(4000);
    assert.equal((await flags()) & 1, 0, "a device that is none of the switch's stays as it is");
    await ip("tuntap", "del", "dev", tap, "mode", "tap");
  });

  test("a device that is replaced under its name, as the metadata agent's is by a restart, is read from again", async () => {
    const [tap, peer] = ["tap4567abcd-ef", "metadata"];
    const make = async (): Promise<void> => {
      await ip("link", "add", "name", tap, "type", "veth", "peer", "name", peer);
      await ip("link", "set", "dev", peer, "up");
      await ip("link", "set", "dev", tap, "up");
    };
    const frame = `import socket; s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW); s.bind(("${peer}", 0)); s.send(bytes(60))`;
    const received = async (): Promise<number> => {
      const flows = await inside("compute-1-vswitchd", "ovs-ofctl", "dump-flows", "br-test");
      return Number(/n_packets=(\d+)/.exec(flows)?.[1]);
    };
    const isReadFrom = async (): Promise<true | undefined> => {
      const before = await received();
      await inside("compute-1-vswitchd", "python3", "-c", frame);
      await sleep(1500);
      return (await received()) > before || undefined;
    };
    await vsctl("add-br", "br-test", "--", "set", "bridge", "br-test", "datapath_type=netdev");
    await make();
    await vsctl("add-port", "br-test", tap, "--", "set", "interface", tap, "external_ids:iface-id=metadata");
    await until("packets of the device to be received", isReadFrom, 10_000);
    await ip("link", "delete", "dev", tap);
    await sleep(2000);
    await make();
    await vsctl("--may-exist", "add-port", "br-test", tap);
    await until("packets of the new device to be received", isReadFrom, 10_000);
    assert.match(await vsctl("get", "interface", tap, "external_ids"), /iface-id=metadata/);
    await vsctl("del-br", "br-test");
    await ip("link", "delete", "dev", tap);
  });

  test("guests reach each other again after a crash of ovs-vswitchd", async () => {
    await docker(["exec", scope.name("compute-2-vswitchd"), "pkill", "-KILL", "ovs-vswitchd"]);
    await guestsReachEachOther();
  });

  test("guests reach each other again after all was killed at once, and ovs-vswitchd starts before the database listens", async () => {
    const [database, vswitchd] = [scope.name("compute-1-ovsdb"), scope.name("compute-1-vswitchd")];
    // Its socket's file is left, which a service that ends removes.
    await dockerOutput(["kill", database, vswitchd]);
    await dockerOutput(["start", vswitchd]);
    await sleep(2000);
    await dockerOutput(["start", database]);
    await guestsReachEachOther();
  });

  test("guests reach each other again after a restart of the database and a new ovs-vswitchd container", async () => {
    await docker(["restart", scope.name("compute-1-ovsdb")]);
    await healthy("compute-1-ovsdb");
    await dockerOutput(["rm", "--force", scope.name("compute-1-vswitchd")]);
    await startVswitchd("compute-1");
    await guestsReachEachOther();
  });
});

describe(`tunnels of ovn-server ${release} are left to others`, () => {
  const nobody = { SERVICE_OVN_SOUTHBOUND_HOST: "192.0.2.1" };
  const cases: readonly (readonly [name: string, env: Readonly<Record<string, string>>, said: RegExp | undefined])[] = [
    ["where the kernel switches", { OVN_DATAPATH: "system" }, undefined],
    ["where no device has their address", { OVN_ENCAPSULATION_ADDRESS: "192.0.2.9" }, /no device .* has it/],
    ["where they would lead nowhere", { OVN_ENCAPSULATION_ADDRESS: "127.0.0.1" }, /it is the loopback's/],
  ];
  for (const [index, [name, env, said]] of cases.entries()) {
    test(name, async () => {
      const host = `alone-${index}`;
      await startSwitch(host, network, { ...nobody, ...env });
      await healthy(`${host}-vswitchd`);
      assert.equal(await inside(`${host}-ovsdb`, "ovs-vsctl", "list-br"), "br-ex");
      const { text } = await logsOf(scope.name(`${host}-vswitchd`));
      if (said) assert.match(text, said);
      else assert.doesNotMatch(text, /start-vswitchd/);
    });
  }

  test("a bridge that somebody else made is left alone", async () => {
    const bridge = ["add-br", "br-phy", "--", "set", "bridge", "br-phy", "datapath_type=netdev"];
    await startSwitch("own", network, { ...nobody, OVN_DATAPATH: "system" });
    await healthy("own-vswitchd");
    await inside("own-ovsdb", "ovs-vsctl", "--timeout=20", ...bridge);
    await inside("own-ovsdb", "ovs-vsctl", "set", "open_vswitch", ".", "external_ids:ovn-bridge-datapath-type=netdev");
    await docker(["restart", scope.name("own-vswitchd")]);
    await healthy("own-vswitchd");
    assert.match((await logsOf(scope.name("own-vswitchd"))).text, /br-phy is left as it is/);
    assert.equal(await inside("own-ovsdb", "ovs-vsctl", "list-ports", "br-phy"), "");
  });
});
