import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load, YAML11_SCHEMA } from "js-yaml";
import { findImage } from "../../src/openstack/images.ts";
import { bakeModelNode } from "../support/rendering.ts";

type Service = {
  readonly image: string;
  readonly command: readonly string[];
  readonly user?: string;
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly env_file?: readonly string[];
  readonly secrets?: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly depends_on?: unknown;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly network_mode?: string;
  readonly networks?: unknown;
  readonly restart?: string;
  readonly hostname?: string;
  readonly container_name?: string;
  readonly sysctls?: Readonly<Record<string, unknown>>;
};

const release = "2025.1";
const file = load(readFileSync("compose.yaml", "utf8"), { schema: YAML11_SCHEMA }) as {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, unknown>>;
};
const baked = new Map<string, ReturnType<typeof bakeModelNode>>();
const namesIn = (path: string): readonly string[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
const names = namesIn("scripts/stack/names.env");
/** Services that plinth becomes; the others are programs of an image. */
const started = Object.entries(file.services).filter(([, { command }]) => command[0] !== "sh");
const imageOf = ({ image }: Service): string => /\/([\w-]+):/.exec(image)?.[1] ?? "";

for (const [name, service] of started) {
  test(`compose.yaml: ${name} is given what it wants, secrets as files`, () => {
    const image = imageOf(service);
    if (!baked.has(image)) baked.set(image, bakeModelNode(image, release));
    const { image: made, details } = baked.get(image) as ReturnType<typeof bakeModelNode>;
    const [word = ""] = service.command;
    assert.ok(word in made.services, `${image} has no ${word}`);
    const files = service.env_file ?? [];
    assert.ok(files.length === 0 || /^(\$\{PARAMETERS:-)?scripts\/stack\/names\.env\}?$/.test(files.join()));
    const given = [...Object.keys(service.environment ?? {}), ...(files.length > 0 ? names : [])];
    const wanted = details.contract.filter(({ neededBy }) => neededBy === undefined || neededBy.includes(word));
    const missing = wanted
      .filter(
        ({ required, name: parameter }) => required && !given.some((key) => key.replace(/_FILE$/, "") === parameter),
      )
      .map(({ name: parameter }) => parameter);
    assert.deepEqual(missing, []);
    for (const { name: parameter, secret } of details.contract) {
      if (secret) assert.ok(!given.includes(parameter), `${parameter} is a secret and stands in the environment`);
    }
    const mounted = (service.secrets ?? []).map((secret) => `/run/secrets/${secret}`);
    const read = given.filter((key) => key.endsWith("_FILE")).map((key) => String(service.environment?.[key]));
    assert.deepEqual(mounted.toSorted(), [...new Set(read)].sort(), "what is mounted is what is read");
    for (const secret of service.secrets ?? []) assert.ok(secret in file.secrets, secret);
  });

  test(`compose.yaml: ${name} runs as its image's account, and waits for nobody by compose`, () => {
    const [, component = "", role = ""] = /^(\w+)-(\w+)$/.exec(imageOf(service)) ?? [];
    const row = findImage(component, role);
    assert.ok(row, imageOf(service));
    if (service.user !== undefined && row.account.uid !== 0) {
      assert.equal(service.user, `${row.account.uid}:${row.account.gid}`);
    }
    if (service.user !== undefined) {
      assert.equal(service.read_only, true);
      assert.deepEqual(service.cap_drop, ["ALL"]);
    }
    assert.equal(service.depends_on, undefined);
  });
}

test("compose.yaml: ports are published at the machine's own address only", () => {
  const published = Object.values(file.services).flatMap(({ ports = [] }) => ports);
  assert.ok(published.length > 0);
  for (const port of published) assert.match(port, /^127\.0\.0\.1:/);
});

test("compose.yaml: what the catalog calls public is published at the port that it says", () => {
  const { pillar } = bakeModelNode("keystone-server", release).image;
  const ports = [...JSON.stringify(pillar).matchAll(/"public_port":(\d+)/g)].map(([, port]) => port);
  assert.ok(ports.length >= 7, `${ports}`);
  const published = Object.values(file.services).flatMap(({ ports: all = [] }) => all);
  for (const port of ports) assert.ok(published.includes(`127.0.0.1:${port}:${port}`), `${port} is not published`);
});

test("compose.yaml: libvirt's socket is shared with nova-compute and nobody else", () => {
  const sharing = Object.entries(file.services).filter(([, { volumes = [] }]) =>
    volumes.some((volume) => /:\/run\/libvirt(:|$)/.test(volume)),
  );
  assert.deepEqual(sharing.map(([name]) => name).sort(), ["libvirt-compute", "nova-compute"]);
});

test("compose.yaml: the hypervisor's network passes no guest's packets on, and the console proxy is in it", () => {
  assert.equal(file.services["ovsdb"]?.sysctls?.["net.ipv4.ip_forward"], 0);
  assert.equal(file.services["ovsdb"]?.sysctls?.["net.ipv4.conf.all.rp_filter"], 1);
  assert.equal(file.services["nova-novncproxy"]?.network_mode, "service:ovsdb");
});

test("compose.yaml: every service has a host name of its own, and no second container under it", () => {
  const services = Object.entries(file.services).filter(([, { restart }]) => restart !== "on-failure");
  const [inside, own] = [true, false].map((is) =>
    services.filter(([, { network_mode: mode = "" }]) => mode.startsWith("service:") === is),
  ) as [typeof services, typeof services];
  // Docker refuses a host name of a container that is in another one's network: it has that one's.
  assert.deepEqual(
    inside.filter(([, { hostname }]) => hostname !== undefined),
    [],
  );
  const hypervisor = file.services["ovsdb"];
  assert.equal(hypervisor?.hostname, hypervisor?.environment?.["OVN_CHASSIS_NAME"], "one name for OVN and for nova");
  for (const [name, { hostname, container_name: container, ports, networks }] of own) {
    if (name !== "ovsdb") assert.equal(hostname, name);
    // Compose takes --scale only where no port, no address and no name of the container is taken twice.
    if (ports === undefined && networks === undefined) assert.match(String(container), new RegExp(`-${name}-1$`));
  }
});

test("etcd is given every address that the file of names has", () => {
  const script = readFileSync("scripts/stack/parameters.sh", "utf8");
  const list = /for service in ([^;]*);/.exec(script)?.[1]?.split(/[\s\\]+/) ?? [];
  const written = [
    ...list.map((service) => `SERVICE_${service}_HOST`),
    ...(script.match(/SERVICE_OVN_\w+_HOST/g) ?? []),
  ];
  assert.deepEqual(written.toSorted(), names.filter((name) => name.startsWith("SERVICE_")).toSorted());
  assert.ok(namesIn("scripts/stack/etcd.env").includes("PLINTH_ETCD_ENDPOINTS"));
});
