import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { before, describe, test } from "node:test";
import { docker, dockerOutput, dockerScope, ended, logsOf, requireEngine, until } from "../support/docker.ts";
import { buildImages, locked } from "../support/keystone.ts";

/** `make e2e VERSION=zed` takes another. */
const release = process.env["VERSION"] ?? "2025.1";
const image = (name: string): string => `${process.env["DEPLOY_NAME"] || "plinth"}/${name}:${release}`;

const scope = dockerScope("support");
const secret = (): string => `${randomBytes(6).toString("hex")}'"\\ #%`;
const passwords = { nova: secret(), other: secret(), broker: secret() };

const writable = ["--read-only", "--tmpfs", "/run", "--tmpfs", "/tmp"];
/** As its own uid, with a read-only root file system and no capability. */
const own = (uid: number): readonly string[] => [...locked, "--user", `${uid}:${uid}`];

let network: string;
const others = ["KEYSTONE", "GLANCE", "PLACEMENT", "NEUTRON", "CINDER", "HEAT"];
const databases = Object.fromEntries(others.map((name) => [`SERVICE_DATABASE_${name}_PASSWORD`, passwords.other]));

type Started = {
  readonly image: string;
  readonly flags: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly service?: string;
};

/** Starts a container with the image's own health check, asked often. */
const start = (name: string, { image: from, flags, env = {}, service = "server" }: Started): Promise<string> =>
  scope.start(name, {
    image: image(from),
    flags: ["--health-interval", "1s", ...flags],
    env,
    words: [service],
  });
const inNetwork = (alias: string): readonly string[] => ["--network", network, "--network-alias", alias];

async function healthy(name: string): Promise<void> {
  const container = scope.name(name);
  await until(`${container} to be healthy`, async () => {
    const state = JSON.parse(await dockerOutput(["inspect", "--format", "{{json .State}}", container]));
    if (!state.Running) throw new Error(`it ended with ${state.ExitCode}:\n${(await logsOf(container)).text}`);
    return state.Health.Status === "healthy" ? true : undefined;
  });
}
const inside = (name: string, ...words: string[]): Promise<string> =>
  dockerOutput(["exec", scope.name(name), ...words]);
const addressOf = (name: string): Promise<string> =>
  dockerOutput(["inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", scope.name(name)]);

async function endsWith(name: string, status: number): Promise<void> {
  await docker(["stop", "--time", "30", scope.name(name)]);
  assert.equal((await ended(scope.name(name))).status, status, (await logsOf(scope.name(name))).text);
}

describe(`what OpenStack ${release} stands on, started by plinth`, () => {
  before(async () => {
    await requireEngine();
    const servers = ["mysql", "rabbitmq", "memcached", "etcd", "haproxy", "ovn"].map((name) => `${name}-server`);
    buildImages(release, [...servers, "libvirt-compute"]);
    network = await scope.network();
    const data = await scope.volume("database");
    const queues = await scope.volume("queues");
    const hypervisor = await scope.volume("openvswitch");
    await start("mysql", {
      image: "mysql-server",
      flags: [...inNetwork("mysql-server"), ...own(42434), "--volume", `${data}:/var/lib/mysql`],
      env: { ...databases, SERVICE_DATABASE_NOVA_PASSWORD: passwords.nova },
    });
    await start("rabbitmq", {
      image: "rabbitmq-server",
      flags: [...inNetwork("rabbitmq-server"), ...own(42439), "--volume", `${queues}:/var/lib/rabbitmq`],
      env: { SERVICE_MESSAGE_QUEUE_PASSWORD: passwords.broker },
    });
    await start("memcached", { image: "memcached-server", flags: [...inNetwork("memcached-server"), ...own(42457)] });
    await start("etcd", { image: "etcd-server", flags: [...inNetwork("etcd-server"), ...own(42413)] });
    await start("haproxy", {
      image: "haproxy-server",
      flags: [...inNetwork("haproxy-server"), ...own(42454)],
      // Not keystone, but something that answers.
      env: { SERVICE_IDENTITY_SERVERS: "backend" },
    });
    for (const service of ["northbound", "southbound"]) {
      const flags = [...inNetwork(service), ...own(42424)];
      await start(service, { image: "ovn-server", flags, service });
    }
    const env = {
      SERVICE_OVN_NORTHBOUND_HOST: await addressOf("northbound"),
      SERVICE_OVN_SOUTHBOUND_HOST: await addressOf("southbound"),
    };
    await start("northd", {
      image: "ovn-server",
      flags: [...inNetwork("northd"), ...own(42424)],
      env,
      service: "northd",
    });
    const switching = [...locked, "--volume", `${hypervisor}:/run/openvswitch`];
    await start("ovsdb", {
      image: "ovn-server",
      flags: [...inNetwork("ovsdb"), ...switching],
      env: { ...env, OVN_CHASSIS_NAME: "compute-1", OVN_ENCAPSULATION_ADDRESS: "127.0.0.1" },
      service: "ovsdb",
    });
    const beside = ["--network", `container:${scope.name("ovsdb")}`, ...switching];
    const device = ["--cap-add", "NET_ADMIN", "--device", "/dev/net/tun"];
    await start("vswitchd", { image: "ovn-server", flags: [...beside, ...device], service: "vswitchd" });
    await start("controller", { image: "ovn-server", flags: beside, env, service: "controller" });
    await start("libvirt", {
      image: "libvirt-compute",
      flags: [...inNetwork("libvirt-compute"), ...writable, ...device],
      service: "libvirtd",
    });
  });

  describe("mysql-server", () => {
    const asNova = (password: string, ...words: string[]) =>
      docker(
        ["exec", "--env", "MYSQL_PWD", scope.name("mysql"), "mariadb", "--host=127.0.0.1", "--user=nova", ...words],
        { MYSQL_PWD: password },
      );

    test("nova logs in over TCP, and sees only its three databases", async () => {
      await healthy("mysql");
      const { status, stdout, stderr } = await asNova(passwords.nova, "-BNe", "SHOW DATABASES");
      assert.equal(status, 0, stderr);
      const seen = stdout.trim().split("\n");
      assert.deepEqual(seen.sort(), ["information_schema", "nova", "nova_api", "nova_cell0"]);
    });

    test("a changed password applies from the next start on, and data stays", async () => {
      assert.equal((await asNova(passwords.nova, "nova", "-e", "CREATE TABLE kept (id INT)")).status, 0);
      await endsWith("mysql", 0);
      await start("mysql-again", {
        image: "mysql-server",
        flags: [...own(42434), "--volumes-from", scope.name("mysql")],
        env: { ...databases, SERVICE_DATABASE_NOVA_PASSWORD: passwords.other },
      });
      await healthy("mysql-again");
      const words = ["exec", "--env", "MYSQL_PWD", scope.name("mysql-again"), "mariadb", "--host=127.0.0.1"];
      const ask = (password: string) =>
        docker([...words, "--user=nova", "nova", "-BNe", "SHOW TABLES"], { MYSQL_PWD: password });
      assert.equal((await ask(passwords.other)).stdout, "kept\n");
      assert.match((await ask(passwords.nova)).stderr, /Access denied/);
      const { text } = await logsOf(scope.name("mysql-again"));
      assert.doesNotMatch(text, /unauthenticated/, "the health check logs in");
    });
  });

  test("rabbitmq-server has the services' account and virtual host, and no account guest", async () => {
    await healthy("rabbitmq");
    const permissions = await inside("rabbitmq", "rabbitmqctl", "--quiet", "list_permissions", "-p", "/openstack");
    assert.match(permissions, /^openstack\t\.\*\t\.\*\t\.\*$/m);
    const policies = await inside("rabbitmq", "rabbitmqctl", "--quiet", "list_policies", "-p", "/openstack");
    for (const name of ["gone-engines", "gone-hosts"])
      assert.match(policies, new RegExp(`^/openstack\\t${name}\\t.*\\tqueues\\t\\{"expires":\\d+\\}`, "m"));
    const { status, stderr } = await scope.run({
      image: image("memcached-server"),
      flags: ["--network", network, "--entrypoint", "/opt/plinth/bin/plinth"],
      env: { PASSWORD: passwords.broker },
      words: ["wait", "--timeout", "10", "amqp://openstack:$PASSWORD@rabbitmq-server/%2Fopenstack"],
    });
    assert.equal(status, 0, stderr);
    const guest = ["/opt/plinth/bin/plinth", "healthcheck", "amqp://guest:guest@127.0.0.1/"];
    assert.match((await docker(["exec", scope.name("rabbitmq"), ...guest])).stderr, /not ready/);
    assert.match(await inside("rabbitmq", "cat", "/proc/1/comm"), /^beam/);
    await endsWith("rabbitmq", 0);
  });

  test("memcached-server says its version", async () => {
    await healthy("memcached");
    const ask = 'exec 3<>/dev/tcp/127.0.0.1/11211; printf "version\\r\\n" >&3; read -r line <&3; echo "$line"';
    assert.match(await inside("memcached", "bash", "-c", ask), /^VERSION \d/);
  });

  test("etcd-server keeps what it is given", async () => {
    await healthy("etcd");
    const etcdctl = (...words: string[]): Promise<string> =>
      inside("etcd", "env", "ETCDCTL_API=3", "etcdctl", ...words);
    assert.equal(await etcdctl("put", "/plinth/DEBUG", "true"), "OK");
    assert.equal(await etcdctl("get", "--print-value-only", "/plinth/DEBUG"), "true");
  });

  test("haproxy-server starts without its servers, and forwards to one that appears", async () => {
    const check = (question: string) =>
      docker(["exec", scope.name("haproxy"), "/opt/plinth/bin/plinth", "healthcheck", question]);
    await until("it works", async () => ((await check("--alive")).status === 0 ? true : undefined));
    assert.match((await check("--ready")).stderr, /not ready: .*HTTP status 503/);
    const ask = (port: number) =>
      docker([
        ...["exec", scope.name("haproxy"), "/opt/plinth/bin/plinth", "healthcheck"],
        `http://127.0.0.1:${port}/#expect=200`,
      ]);
    assert.match((await ask(5000)).stderr, /HTTP status 503/);
    await scope.start("backend", {
      image: image("ovn-server"),
      flags: [...inNetwork("backend"), ...locked, "--no-healthcheck", "--entrypoint", "python3"],
      words: ["-m", "http.server", "--directory", "/usr/share", "5000"],
    });
    await until("an answer from the server behind", async () => ((await ask(5000)).status === 0 ? true : undefined));
    assert.match((await ask(9292)).stderr, /HTTP status 503/);
    await until("it can serve", async () => ((await check("--ready")).status === 0 ? true : undefined));
    await endsWith("haproxy", 0);
  });

  describe("ovn-server", () => {
    const all = ["northbound", "southbound", "northd", "ovsdb", "vswitchd", "controller"];

    test("every service of it is healthy", async () => {
      await Promise.all(all.map(healthy));
    });

    test("the southbound database knows the hypervisor", async () => {
      const chassis = await until("the hypervisor", async () => {
        const shown = await inside("southbound", "ovn-sbctl", "--db=tcp:127.0.0.1:6642", "show");
        return shown === "" ? undefined : shown;
      });
      assert.match(chassis, /^Chassis compute-1$/m);
      assert.match(chassis, /Encap geneve/);
    });

    test("northd turns a network into flows", async () => {
      await inside("northbound", "ovn-nbctl", "--db=tcp:127.0.0.1:6641", "--wait=sb", "ls-add", "net1");
      const flows = await inside("southbound", "ovn-sbctl", "--db=tcp:127.0.0.1:6642", "lflow-list", "net1");
      assert.match(flows, /Datapath: "net1"/);
    });

    test("the switch has OVN's bridge and that of the physical network, in userspace", async () => {
      const bridges = (await inside("ovsdb", "ovs-vsctl", "list-br")).split("\n");
      assert.deepEqual(bridges.sort(), ["br-ex", "br-int"]);
      assert.equal(await inside("ovsdb", "ovs-vsctl", "get", "bridge", "br-int", "datapath_type"), "netdev");
      assert.match(await inside("ovsdb", "ovs-vsctl", "--db=tcp:127.0.0.1:6640", "show"), /br-int/);
    });

    test("its database survives a restart, and all of it stops on SIGTERM", async () => {
      await docker(["restart", scope.name("ovsdb")]);
      await healthy("ovsdb");
      assert.match(await inside("ovsdb", "ovs-vsctl", "list-br"), /br-ex/);
      await Promise.all(all.map((name) => endsWith(name, 0)));
    });
  });

  describe("ovn-server's bridge_ports", () => {
    const ovsdb = (ports: string, flags: readonly string[] = []) => ({
      image: image("ovn-server"),
      flags: [...writable, "--tmpfs", "/run/openvswitch", "--cap-drop", "ALL", "--cap-add", "NET_ADMIN", ...flags],
      env: {
        SERVICE_OVN_NORTHBOUND_HOST: "192.0.2.1",
        SERVICE_OVN_SOUTHBOUND_HOST: "192.0.2.1",
        OVN_CHASSIS_NAME: "compute-1",
        OVN_ENCAPSULATION_ADDRESS: "127.0.0.1",
        OVN_BRIDGE_PORTS: ports,
      },
      words: ["ovsdb"],
    });

    test("an interface that the engine made becomes a port without an address after each start", async () => {
      await scope.start("ports", ovsdb("br-ex:eth0", ["--network", network]));
      const look = async (): Promise<string> => {
        const ports = await until("the switch's database", async () => {
          const words = ["exec", scope.name("ports"), "ovs-vsctl", "--timeout=2", "list-ports", "br-ex"];
          const { status, stdout } = await docker(words);
          return status === 0 ? stdout.trim() : undefined;
        });
        const addresses = await inside("ports", "ip", "-o", "address", "show", "dev", "eth0");
        return `${ports}: ${addresses}`;
      };
      assert.equal(await look(), "eth0: ");
      await docker(["restart", "--time", "5", scope.name("ports")]);
      assert.equal(await look(), "eth0: ");
    });

    for (const [what, ports, before, said] of [
      ["a device that does not exist", "br-ex:eth7", "true", /has br-ex:eth7, and there is no device eth7/],
      ["a bridge that does not exist", "br-none:eth0", "true", /has br-none:eth0, and there is no bridge br-none/],
      [
        "a machine's own device that has an address",
        "br-ex:own0",
        "ip link add own0 type bridge && ip address add 192.0.2.9/24 dev own0",
        /own0 cannot become a port of br-ex, since it has an address: .*192\.0\.2\.9/,
      ],
      [
        "the device with the hypervisor's own address",
        "br-ex:own0",
        "export OVN_ENCAPSULATION_ADDRESS=192.0.2.9 && ip link add own0 type veth peer name other && ip address add 192.0.2.9/24 dev own0",
        /own0 cannot become a port of br-ex, since it has the address that tunnels end at, 192\.0\.2\.9/,
      ],
    ] as const) {
      test(`${what} ends the start with a reason`, async () => {
        const { status, stderr } = await scope.run({
          ...ovsdb(ports, ["--entrypoint", "sh"]),
          words: ["-c", `${before} && exec /opt/plinth/bin/plinth start ovsdb`],
        });
        assert.equal(status, 78, stderr);
        assert.match(stderr, said);
      });
    }
  });

  test("libvirt-compute runs a server over its socket, and ends it at once", async (t) => {
    await healthy("libvirt");
    const virsh = (...words: string[]): Promise<string> =>
      inside("libvirt", "virsh", "--quiet", "--connect", "qemu:///system", ...words);
    assert.match(await virsh("version"), /Running hypervisor: QEMU/);
    const server = `<domain type="qemu"><name>server</name><memory unit="MiB">32</memory>
      <os><type arch="x86_64">hvm</type><bios useserial="yes"/></os>
      <devices><serial type="pty"><log file="/var/lib/nova/instances/console.log"/></serial></devices></domain>`;
    await inside("libvirt", "sh", "-c", `cat > /tmp/server.xml <<'END'\n${server}\nEND`);
    await virsh("define", "/tmp/server.xml");
    await virsh("start", "server");
    await until("a word on its console", async () => {
      const console = await inside("libvirt", "cat", "/var/lib/nova/instances/console.log").catch(() => "");
      return console.includes("SeaBIOS") ? true : undefined;
    });
    const began = performance.now();
    await virsh("destroy", "server");
    const seconds = (performance.now() - began) / 1000;
    t.diagnostic(`destroyed in ${seconds.toFixed(1)} s`);
    assert.ok(seconds < 10, "a process that nobody reaps looks as if it were running");
    await endsWith("libvirt", 0);
    assert.doesNotMatch((await logsOf(scope.name("libvirt"))).text, /End of file while reading/);
  });
});
