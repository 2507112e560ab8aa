import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { portClass, portClassFile } from "../../scripts/port-class.ts";
import type { Baked } from "../../src/image/bake.ts";
import { exposedPorts } from "../../src/image/exposed.ts";
import { addresses, ownAddresses } from "../../src/openstack/addresses.ts";
import { imageName, images, imagesOf } from "../../src/openstack/images.ts";
import { ports } from "../../src/openstack/ports.ts";
import { inRange, supportedNames } from "../../src/openstack/releases.ts";
import { secrets } from "../../src/openstack/secrets.ts";
import type { Field } from "../../src/schema/field.ts";
import { type Json, valueAt } from "../../src/schema/json.ts";
import { references } from "../../src/settings/interpolate.ts";
import { modelNode } from "../support/pillar.ts";
import { bakeCompiled, bakeModelNode } from "../support/rendering.ts";

/** The settings of each kind of networking want other addresses and secrets. */
const networkings = ["ovn", "default", "dvr"] as const;

const every: readonly (readonly [release: string, image: string, baked: Baked])[] = supportedNames.flatMap((release) =>
  imagesOf(release).flatMap((row) => {
    const kinds = row.component === "neutron" ? networkings : networkings.slice(0, 1);
    return kinds.map((networking) => {
      const node = modelNode(imageName(row), release, new Map([["_param:networking", networking]]));
      return [release, imageName(row), bakeCompiled(node, release)] as const;
    });
  }),
);

/** The values of all ports in a pillar. */
function portsIn(field: Field, value: Json): readonly Json[] {
  if (value === null || value === undefined) return [];
  if (field.kind === "port") return [value];
  const below = value as { readonly [key: string]: Json };
  switch (field.kind) {
    case "section":
      return Object.entries(field.fields).flatMap(([key, child]) => portsIn(child, below[key] ?? null));
    case "map":
      return Object.values(below).flatMap((child) => portsIn(field.value, child));
    case "list":
      return Array.isArray(value) ? value.flatMap((child: Json) => portsIn(field.item, child)) : [];
    default:
      return [];
  }
}

describe("a port has one row", () => {
  test("the model's class of ports is what `make golden` writes", () => {
    assert.equal(readFileSync(portClassFile, "utf8"), portClass());
  });

  test("no two servers have the same port", () => {
    assert.equal(new Set(Object.values(ports)).size, Object.keys(ports).length);
  });

  // 80 is in many a text, and the class of ports is the row itself.
  const numbers = Object.values(ports).filter((port) => port !== ports.dashboard_proxy);
  const number = new RegExp(`(?<![\\w.])(${numbers.join("|")})(?!\\w)`);
  const texts = ["images", "model", "config-templates", "src/openstack"].flatMap((directory) =>
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /^Dockerfile$|\.(yml|ts|conf|cfg|ini|json|py|sql)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  test("no number of a port is in the model, the Dockerfiles, the templates or the schemas", () => {
    const others = texts.filter(
      (path) => !/system\/port\.yml$|openstack\/ports\.ts$|config-templates\/options\//.test(path),
    );
    assert.ok(others.length > 100);
    const found = others.flatMap((path) =>
      readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => number.test(line) && !/^\s*(\*|\/\/|\/\*|#)|:5000\b/.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    assert.deepEqual(found, []);
  });

  for (const release of supportedNames) {
    test(`of ${release}, a deployment that changes them all changes them in every image`, () => {
      const moved = new Map(Object.entries(ports).map(([name, port]) => [`_port:${name}`, String(port + 10000)]));
      for (const row of imagesOf(release)) {
        const image = imageName(row);
        const { image: baked } = bakeCompiled(modelNode(image, release, moved), release);
        const own = portsIn(row.schema, baked.pillar).map((port) =>
          typeof port === "string" ? (baked.parameters[port.slice(1)] ?? port) : port,
        );
        // CloudWatch's API is not in the model.
        const left = own.filter((port) => Number(port) < 10000 && Number(port) !== ports.orchestration_cloudwatch);
        assert.deepEqual(left, [], image);
      }
    });
  }

  test("an image exposes what its services listen at", () => {
    const exposed = every
      .filter(([release]) => release === "2025.1")
      .map(([, image, { image: baked }]) => [image, exposedPorts(baked)] as const);
    assert.deepEqual(Object.fromEntries(exposed)["nova-controller"], [ports.console, ports.compute, ports.metadata]);
    assert.deepEqual(Object.fromEntries(exposed)["mysql-server"], [ports.database], "by way of a parameter");
    for (const [image, found] of exposed) {
      const text = readFileSync(`images/${image}/Dockerfile`, "utf8");
      // HAProxy's own port is for this machine only, and those it serves are the deployment's choice.
      if (image === "haproxy-server") continue;
      assert.equal(/^ARG PORTS\nEXPOSE \$PORTS$/m.test(text), found.length > 0, image);
      assert.equal(/^EXPOSE/m.test(text), found.length > 0, image);
    }
  });
});

describe("an address has one row", () => {
  for (const row of addresses) {
    test(`${row.parameter}: ${row.image} ${row.service} listens at the port ${row.port} that the row names`, () => {
      const [release = ""] = supportedNames.filter((one) => inRange(row, one)).slice(-1);
      const { image: baked } = bakeModelNode(row.image, release);
      const [path = ""] = references(baked.services[row.service]?.ports[row.port] ?? "");
      const value = valueAt(baked.pillar, path);
      const given = typeof value === "string" ? Number(baked.parameters[value.slice(1)]) : value;
      assert.equal(given, ports[row.portName]);
      if (row.portParameter !== undefined) assert.equal(value, `$${row.portParameter}`);
    });
  }

  for (const release of supportedNames) {
    test(`HAProxy of ${release} has those that it can stand before, each with its servers' parameter and port`, () => {
      const { image } = bakeModelNode("haproxy-server", release);
      const listen = valueAt(image.pillar, "listen") as Readonly<Record<string, { [key: string]: Json }>>;
      const there = addresses.filter(
        (row) => inRange(row, release) && imagesOf(release).some((one) => imageName(one) === row.image),
      );
      const rows = there.flatMap((row) => (row.proxy ? [{ ...row.proxy, port: ports[row.portName] }] : []));
      assert.deepEqual(Object.keys(listen).sort(), rows.map((row) => row.listen).sort());
      for (const row of rows) {
        const own = listen[row.listen];
        assert.equal(own?.["servers"], `$${row.parameter}`);
        assert.equal(own?.["server_port"] ?? own?.["port"], row.port);
      }
    });
  }

  test("a port's parameter has one row in every release", () => {
    for (const release of supportedNames) {
      const rows = addresses
        .filter((row) => inRange(row, release))
        .map(({ parameter, port }) => `${parameter} ${port}`);
      assert.deepEqual(rows, [...new Set(rows)]);
    }
  });

  test("every address that an image needs has a row, and every row is needed", () => {
    const wanted = every.flatMap(([, , { details }]) => details.contract.map(({ name }) => name));
    const known = [
      ...new Set(addresses.flatMap((row) => [row.parameter, ...(row.proxy ? [row.proxy.parameter] : [])])),
      ...ownAddresses.map(({ parameter }) => parameter),
    ];
    assert.equal(new Set(known).size, known.length);
    // Hosts within the container's own network, or names that users see.
    const elsewhere = ["SERVICE_IMAGE_REGISTRY_HOST", "NOVA_OVSDB_HOST", "SERVICE_IDENTITY_PUBLIC_HOST"];
    const addressed = wanted.filter((name) => /_(HOST|SERVERS|ADDRESS)$/.test(name) && !elsewhere.includes(name));
    assert.deepEqual(
      [...new Set(addressed)].filter((name) => !known.includes(name)),
      [],
    );
    // The dashboard, the consoles and EC2's API are for users: HAProxy is told who has them, and nobody asks for their hosts.
    const unasked = ["SERVICE_DASHBOARD_HOST", "SERVICE_CONSOLE_HOST", "SERVICE_COMPUTE_EC2_HOST"];
    assert.deepEqual(
      known.filter((name) => !wanted.includes(name) && !unasked.includes(name)),
      [],
    );
  });
});

describe("a secret has one row", () => {
  const filled = (image: string): readonly string[] =>
    secrets.flatMap(({ fills }) => fills.filter((one) => one.image === image).map(({ parameter }) => parameter));

  test("for its name, and for each parameter of an image", () => {
    assert.equal(new Set(secrets.map(({ name }) => name)).size, secrets.length);
    for (const row of images) {
      const own = filled(imageName(row));
      assert.deepEqual(own.toSorted(), [...new Set(own)].sort(), imageName(row));
    }
  });

  test("every secret that an image needs is generated, in every release and kind of networking", () => {
    const missing = every.flatMap(([release, image, { details }]) =>
      details.contract
        .filter(({ name, secret, neededBy }) => secret && neededBy?.length !== 0 && !filled(image).includes(name))
        .map(({ name }) => `${release} ${image} ${name}`),
    );
    assert.deepEqual(missing, []);
  });

  test("no image gets a secret that it does not need", () => {
    const useless = secrets.flatMap(({ name, fills }) =>
      fills
        .filter(
          ({ image, parameter }) =>
            !every.some(
              ([, one, { details }]) =>
                one === image && details.contract.some((known) => known.name === parameter && known.secret),
            ),
        )
        .map(({ image, parameter }) => `${name}: ${image} ${parameter}`),
    );
    assert.deepEqual(useless, []);
  });

  test("the jobs that apply a new secret get it", () => {
    for (const { name, again, fills } of secrets) {
      for (const { image, service } of again) {
        const { details, image: baked } = bakeModelNode(image, "2025.1");
        assert.equal(baked.services[service]?.kind, "job", `${name} ${service}`);
        const own = fills.filter((one) => one.image === image).map(({ parameter }) => parameter);
        const wanted = details.contract.filter(
          ({ name: one, neededBy }) => own.includes(one) && (neededBy === undefined || neededBy.includes(service)),
        );
        assert.ok(wanted.length > 0, `${name} ${service}`);
      }
    }
  });
});

for (const row of images) {
  test(`${imageName(row)}: the Dockerfile's volumes are the directories that its services keep`, () => {
    const text = readFileSync(`images/${imageName(row)}/Dockerfile`, "utf8");
    const declared = [...text.matchAll(/^VOLUME (.*)$/gm)].flatMap(([, paths = ""]) => paths.match(/[\w/.-]+/g) ?? []);
    const keeps = Object.values(row.services).flatMap(({ workload }) => workload?.keeps ?? []);
    const kept = keeps.flatMap((directory) => ("volume" in directory ? [directory.path] : []));
    const filled = keeps.flatMap((directory) => ("volume" in directory && directory.fills ? [directory.path] : []));
    // What is run by hand, such as the agents of Open vSwitch, says nowhere what it keeps.
    const byHand = Object.values(row.services).some(({ workload }) => workload === undefined);
    assert.deepEqual(
      declared.filter((path) => !byHand && !kept.some((one) => one === path || one.startsWith(`${path}/`))),
      [],
    );
    assert.deepEqual(
      filled.filter((path) => !path.startsWith("/run/") && !declared.includes(path)),
      [],
    );
  });
}

test("no Dockerfile and no class of the model contains an account's number", () => {
  const ids = images.flatMap(({ account, accounts = {} }) =>
    [account, ...Object.values(accounts)].flatMap(({ uid }) => uid || []),
  );
  const id = new RegExp(`\\b(${[...new Set(ids)].join("|")})\\b`);
  const files = [
    ...readdirSync("images", { recursive: true, encoding: "utf8" })
      .filter((path) => /(Dockerfile|start-\w+)$/.test(path))
      .map((path) => join("images", path)),
    ...readdirSync("model/classes", { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".yml"))
      .map((path) => join("model/classes", path)),
  ];
  assert.ok(files.length > 40);
  assert.deepEqual(
    files.filter((path) => id.test(readFileSync(path, "utf8"))),
    [],
  );
});
