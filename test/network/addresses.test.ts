import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Namespace, nameServers, withoutNamespaces } from "../support/namespace.ts";
import { parameters } from "../support/parameters.ts";
import { bakeInto } from "../support/plinth.ts";

/** Settings whose readers take an IP address only (neutron's driver of OVN) may be given a name, which a start looks up. */

const [server] = nameServers;
const resolv = `nameserver ${server}\noptions timeout:1 attempts:1\n`;
const name = "ovn-northbound.cloud";

describe("a name where only an address will do", { skip: withoutNamespaces }, () => {
  const net = new Namespace();
  const work = mkdtempSync(join(tmpdir(), "plinth-addresses-"));
  let image = "";
  before(async () => {
    image = bakeInto(work, "neutron-server", "2025.1");
    await net.open();
  });
  after(() => {
    net.close();
    rmSync(work, { recursive: true });
  });

  const serve = (names: Readonly<Record<string, readonly string[]>>) =>
    net.serve(Object.fromEntries(nameServers.map((each) => [each, { says: "answers" as const, names }])));

  const environment = (host: string) => ({
    ...parameters,
    SERVICE_OVN_NORTHBOUND_HOST: host,
    SERVICE_OVN_SOUTHBOUND_HOST: "10.9.0.2",
  });

  let count = 0;
  const run = (host: string, { service = "rpc-server", verb = "start", more = ["--no-wait"] } = {}) => {
    const root = join(work, `root-${count++}`);
    const where = verb === "start" ? "--root" : "--output";
    const words = [verb, service, where, root, "--image", image, "--user", "0:0", ...more];
    const started = net.plinth(verb === "start" ? [...words, "--", "/bin/true"] : words, environment(host));
    const connection = () =>
      /ovn_nb_connection = (.*)/.exec(readFileSync(join(root, "etc/neutron/plugins/ml2/ml2_conf.ini"), "utf8"))?.[1];
    return { ...started, connection };
  };

  for (const [title, addresses, wanted] of [
    ["one address", ["10.9.0.1"], "tcp:10.9.0.1:6641"],
    ["an IPv6 address", ["fd00:9::1"], "tcp:[fd00:9::1]:6641"],
    ["both, IPv4 first", ["fd00:9::1", "10.9.0.1"], "tcp:10.9.0.1:6641"],
    ["several, the lowest first", ["10.9.0.10", "10.9.0.9", "10.9.0.11"], "tcp:10.9.0.9:6641"],
  ] as const) {
    test(`becomes the address of a name that has ${title}`, async () => {
      net.write({ resolv });
      await serve({ [name]: addresses });
      const { ended, connection } = run(name);
      const { status, stderr } = await ended;
      assert.equal(status, 0, stderr);
      assert.equal(connection(), wanted);
    });
  }

  for (const [title, host, wanted] of [
    ["IPv4", "10.9.0.7", "tcp:10.9.0.7:6641"],
    ["IPv6", "fd00:9::7", "tcp:[fd00:9::7]:6641"],
  ] as const) {
    test(`an ${title} address is used unchanged, and no name server is asked`, async () => {
      net.write({ resolv: "nameserver 10.9.0.99\n" });
      const { ended, connection } = run(host);
      const { status, stderr } = await ended;
      assert.equal(status, 0, stderr);
      assert.equal(connection(), wanted);
      assert.doesNotMatch(stderr, /waiting for name/);
    });
  }

  test("a start waits for an unknown name, and says so once", async () => {
    net.write({ resolv });
    await serve({});
    // The rest of what the service needs is not there: the time is for both.
    const { ended, connection, stderr } = run(name, { more: ["--timeout", "6"] });
    for (let tries = 0; tries < 100 && !/waiting for name/.test(stderr()); tries++) await sleep(50);
    await serve({ [name]: ["10.9.0.1"] });
    const { status, log, ms } = await ended;
    assert.equal(status, 75);
    const told = log.filter(({ msg }) => msg.includes(`name ${name}`)).map(({ msg }) => msg);
    assert.equal(told.length, 2, told.join("\n"));
    assert.match(told[1] ?? "", /is ready after/);
    assert.equal(connection(), "tcp:10.9.0.1:6641");
    assert.ok(ms < 20_000, `${ms} ms`);
  });

  test("a name without an address ends the start with 75: what, where, and what to do", async () => {
    net.write({ resolv });
    await serve({});
    const { status, log } = await run("no-such.cloud", { more: ["--timeout", "2"] }).ended;
    assert.equal(status, 75);
    const [error, ...more] = log.filter(({ level }) => level === "error");
    assert.deepEqual(more, []);
    assert.equal(error?.code, "dependency-unnamed");
    assert.match(error?.msg ?? "", /name no-such\.cloud: not ready after .*ENOTFOUND/);
    assert.match(error?.fix ?? "", /settings of backend\.ovn\.northbound .*right host name/);
  });

  test("a service that does not use it does not wait for it", async () => {
    net.write({ resolv });
    await serve({});
    const { status, stderr } = await run("no-such.cloud", { service: "openvswitch-agent" }).ended;
    assert.equal(status, 0, stderr);
  });

  test("render looks a name up, and if that fails it shows the name and a warning", async () => {
    net.write({ resolv });
    await serve({ [name]: ["10.9.0.1"] });
    const found = run(name, { verb: "render", more: [] });
    assert.equal((await found.ended).status, 0);
    assert.equal(found.connection(), "tcp:10.9.0.1:6641");
    net.write({ resolv: "nameserver 10.9.0.99\n" });
    const lost = run("no-such.cloud", { verb: "render", more: [] });
    const { status, log, ms } = await lost.ended;
    assert.equal(status, 0);
    assert.ok(ms < 15_000, `${ms} ms`);
    assert.equal(lost.connection(), "tcp:no-such.cloud:6641");
    assert.deepEqual(
      log.filter(({ level }) => level === "warn").map(({ code }) => code),
      ["name-not-looked-up"],
    );
  });
});
