import assert from "node:assert/strict";
import { test } from "node:test";
import type { AskRow, ImageRow, NeedRow, ServiceRow } from "../../src/openstack/component.ts";
import { imageName, images } from "../../src/openstack/images.ts";
import { inRange, supportedNames } from "../../src/openstack/releases.ts";
import { type Field, integer, list, map, port, section, string } from "../../src/schema/field.ts";
import { references } from "../../src/settings/interpolate.ts";
import { blocks } from "../../src/wait/blocks.ts";

/** What a path of a row must lead to. A row that `falls` away is none where the release has no such block. */
type Wanted = {
  readonly path: string;
  readonly shape: Field | "port" | "scalar" | "map" | "any";
  readonly falls?: true;
};

/** @returns the field at a path, undefined where it is of other releases, or why there is none. */
function fieldIn(schema: Field, path: string, release: string): Field | string | undefined {
  let field = schema;
  let known = true;
  for (const key of path.split(".")) {
    const child: Field | undefined = field.kind === "section" ? field.fields[key] : undefined;
    if (!child) return `no field ${key}`;
    // A scalar is there whatever the release is; a section is null outside its range.
    known &&= child.kind !== "section" || inRange(child, release);
    field = child;
  }
  return known ? field : undefined;
}

const typeOf = ({ kind }: Field): string => (["integer", "port", "number"].includes(kind) ? "number" : kind);

const mayBeNull = (field: Field, release: string): boolean =>
  field.kind !== "map" &&
  (field.optional === true || (!("default" in field && field.default !== undefined) && !inRange(field, release)));

/** @returns how a field differs from what is read of it. */
function misfits(shape: Field, field: Field, release: string, path: string): readonly string[] {
  if (typeOf(shape) !== typeOf(field)) return [`${path} is a ${field.kind}, not a ${shape.kind}`];
  if (shape.kind === "list" && field.kind === "list") return misfits(shape.item, field.item, release, `${path}.*`);
  if (shape.kind === "map" && field.kind === "map") return misfits(shape.value, field.value, release, `${path}.*`);
  if (shape.kind !== "section" || field.kind !== "section") return [];
  return Object.entries(shape.fields).flatMap(([key, wanted]) => {
    const child = field.fields[key];
    const optional = wanted.kind !== "map" && wanted.optional === true;
    if (!child) return optional ? [] : [`${path} has no ${key}`];
    const missing = mayBeNull(child, release) && !optional ? [`${path}.${key} may be left out`] : [];
    return [...missing, ...misfits(wanted, child, release, `${path}.${key}`)];
  });
}

function complaints(schema: Field, { path, shape, falls }: Wanted, release: string): readonly string[] {
  const field = fieldIn(schema, path, release);
  if (typeof field === "string") return [`${path}: ${field}`];
  if (field === undefined) return falls ? [] : [`${path} is of other releases`];
  if (shape === "any") return [];
  if (shape === "map") return field.kind === "map" ? [] : [`${path} is a ${field.kind}, not a map`];
  if (shape === "port") return field.kind === "port" ? [] : [`${path} is a ${field.kind}, not a port`];
  if (shape === "scalar") {
    return ["section", "list", "map"].includes(field.kind) ? [`${path} is a ${field.kind}, not a scalar`] : [];
  }
  return misfits(shape, field, release, path);
}

const named = (text: string, shape: Wanted["shape"]): readonly Wanted[] =>
  references(text).map((path) => ({ path, shape }));

/** What a row goes by: with `is`, a text is compared. */
const settingOf = ({ setting, is }: { readonly setting: string; readonly is?: string }): readonly Wanted[] => [
  { path: setting, shape: is === undefined ? "any" : string("") },
];

function ofNeed(need: NeedRow): readonly Wanted[] {
  const where = need.where ? settingOf(need.where) : [];
  if (need.probe === "file") return [...where, ...named(need.path, "scalar")];
  if (need.probe === "space") return where;
  const row = need.probe === "mysql" && need.row ? named(need.row.is, "scalar") : [];
  return [...where, ...row, { path: need.from, shape: blocks[need.probe], falls: true }];
}

function ofAsk(row: AskRow): readonly Wanted[] {
  const at = "port" in row ? [...named(row.port, "port"), ...named(row.host ?? "", string(""))] : [];
  const each: Wanted[] = "each" in row && row.each !== undefined ? [{ path: row.each, shape: "map" }] : [];
  const server = "server" in row && row.server !== undefined ? named(row.server, "scalar") : [];
  const block = (shape: Field): readonly Wanted[] => ("from" in row ? [{ path: row.from, shape, falls: true }] : []);
  switch (row.ask) {
    case "rpc":
      return [...block(blocks.amqp), ...server, ...each];
    case "connected":
      return block(blocks.connected);
    case "reported":
      return [...block(blocks.mysql), ...server, ...each];
    case "broker":
      return [...block(blocks.virtualHosts), ...at];
    default:
      return at;
  }
}

/** All that the rows of a service name in the settings, in a release. */
function wantedBy(image: ImageRow, service: ServiceRow, release: string): readonly Wanted[] {
  const due = <Row extends object>(rows: readonly Row[] = []) => rows.filter((row) => inRange(row, release));
  const { health, lock, workload } = service;
  const run = service.run.find((one) => inRange(one, release));
  const environment = Object.values({ ...image.environment, ...service.environment });
  return [
    ...[...(run?.command ?? []), ...environment].flatMap((text) => named(text, "scalar")),
    ...due(service.needs).flatMap(ofNeed),
    ...[...due(health?.alive), ...due(health?.ready), ...due(health?.depends)].flatMap(ofAsk),
    ...(workload?.where ? settingOf(workload.where) : []),
    ...(lock === undefined ? [] : [{ path: lock, shape: blocks.mysql }]),
    ...due(service.schemas).flatMap(({ from, name = "" }): readonly Wanted[] => [
      { path: from, shape: blocks.mysql },
      ...named(name, "scalar"),
    ]),
    ...due(Object.values(service.ports ?? {})).flatMap(({ port }) => named(port, "port")),
  ];
}

for (const release of supportedNames) {
  for (const image of images) {
    if (!inRange(image, release)) continue;
    test(`${imageName(image)} of ${release}: what its rows name is in its schema, and of the kind that is read`, () => {
      const wrong = Object.entries(image.services)
        .filter(([, service]) => inRange(service, release))
        .flatMap(([name, service]) =>
          wantedBy(image, service, release).flatMap((wanted) =>
            complaints(image.schema, wanted, release).map((complaint) => `${name}: ${complaint}`),
          ),
        );
      assert.deepEqual(wrong, []);
    });
  }
}

// That the checks above can fail at all.
const schema = section("A role.", {
  bind: section("Bind.", { host: string("Host."), port: port("Port."), count: integer("Count.") }),
  old: section("Gone.", { port: port("Port.") }, { until: "liberty" }),
  later: section("Not yet.", { host: string("Host."), port: port("Port.", { since: "zed" }) }),
  members: list("Members.", section("One.", { host: string("Host."), port: string("Not a port.") })),
  host: map("Hosts.", section("One.", { user: string("User.") })),
});
for (const [path, shape, expected] of [
  ["bind.port", "port", []],
  ["bind", blocks.tcp, []],
  ["bind.prot", "port", ["bind.prot: no field prot"]],
  ["bind.count", "port", ["bind.count is a integer, not a port"]],
  ["bind.host", blocks.tcp, ["bind.host is a string, not a section"]],
  ["bind", "scalar", ["bind is a section, not a scalar"]],
  ["bind", "map", ["bind is a section, not a map"]],
  ["bind", blocks.libvirt, ["bind has no uri"]],
  ["old.port", "port", ["old.port is of other releases"]],
  ["later", blocks.tcp, ["later.port may be left out"]],
  ["members", blocks.memcached, ["members.*.port is a string, not a port"]],
  ["members", blocks.tcp, ["members is a list, not a section"]],
  ["host", blocks.virtualHosts, ["host.* has no password"]],
] as const satisfies readonly (readonly [string, Wanted["shape"], readonly string[]])[]) {
  test(`of ${path} it says: ${expected.join() || "nothing"}`, () =>
    assert.deepEqual(complaints(schema, { path, shape }, "liberty"), expected));
}
