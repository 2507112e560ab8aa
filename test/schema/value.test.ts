import assert from "node:assert/strict";
import { test } from "node:test";
import type { messageQueue } from "../../src/openstack/blocks.ts";
import type { novaController } from "../../src/openstack/nova.ts";
import type { waitSchema } from "../../src/pillar/envelope.ts";
import { boolean, integer, list, map, number, port, secret, section, string } from "../../src/schema/field.ts";
import type { Json } from "../../src/schema/json.ts";
import { word } from "../../src/schema/text.ts";
import { misfitOf, type PillarOf, type ValueOf } from "../../src/schema/value.ts";

type Same<One, Other> = (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

/** Compiles only where both types are the same one: `tsc -p .` is the test. */
const same = <One, Other>(_: Same<One, Other>): void => {};

const block = section("A block.", {
  host: string("Host."),
  port: port("Port.", { default: 80 }),
  mode: string("Mode.", { choices: ["on", "off"] }),
  note: word("Note.", { optional: true }),
  password: secret("Password."),
  ratio: number("Ratio."),
  count: integer("Count."),
  on: boolean("Whether.", { default: false }),
  later: string("Of later releases.", { since: "zed" }),
  earlier: string("Of earlier ones.", { until: "zed", default: "x" }),
  names: list("Names.", string("Name.")),
  servers: list("Servers.", section("One.", { host: string("Host.") }), { optional: true }),
  accounts: map("Accounts.", section("One.", { password: secret("Password.") })),
  tls: section("TLS.", { port: port("Port.") }, { optional: true, since: "stein" }),
});

test("a field's type is the type of what settings hold", () => {
  same<
    ValueOf<typeof block>,
    {
      readonly host: string;
      readonly port: number;
      readonly mode: "on" | "off";
      readonly note: string | null;
      readonly password: string;
      readonly ratio: number;
      readonly count: number;
      readonly on: boolean;
      readonly later: string | null;
      readonly earlier: string;
      readonly names: readonly string[];
      readonly servers: readonly { readonly host: string }[] | null;
      readonly accounts: { readonly [name: string]: { readonly password: string } };
      readonly tls: { readonly port: number } | null;
    }
  >(true);
  same<ValueOf<typeof waitSchema>, { readonly timeout: number; readonly for: readonly string[] }>(true);
});

test("in a pillar a dynamic parameter may stand for a scalar and for a list of them", () => {
  same<PillarOf<typeof waitSchema>, { readonly timeout: number | string; readonly for: readonly string[] | string }>(
    true,
  );
});

test("an image's schema gives the types of its settings", () => {
  type Settings = ValueOf<(typeof novaController)["schema"]>;
  same<Settings["bind"]["api_port"], number>(true);
  same<Settings["networking"], "default" | "contrail" | "dvr" | "ovn">(true);
  same<Settings["vncproxy_url"], string | null>(true);
  same<NonNullable<Settings["cache"]>["members"][number]["port"], number>(true);
  same<NonNullable<Settings["message_queue"]>["user"], string>(true);
  // What it may lack, nobody reads without asking; what it has not, nobody reads.
  // @ts-expect-error: a cache may be left out
  const members = (settings: Settings) => settings.cache.members;
  // @ts-expect-error: no such port
  const typo = (settings: Settings) => settings.bind.api_prot;
  assert.equal(typeof members, typeof typo);
  same<NonNullable<ValueOf<typeof messageQueue>>["virtual_host"], string>(true);
});

const whole: { readonly [key: string]: Json } = {
  ...{ host: "h", port: 1, mode: "on", note: null, password: "p", ratio: 0.5, count: 2, on: true, later: null },
  ...{ earlier: "x", names: [], servers: [{ host: "a" }], accounts: { nova: { password: "p" } }, tls: { port: 2 } },
};

for (const [title, change, expected] of [
  ["what the schema says", {}, undefined],
  ["all that may be left out", { note: null, servers: null, tls: null, later: null }, undefined],
  ["a key more", { more: 1 }, undefined],
  ["no host", { host: null }, "at.host"],
  ["a host that is a number", { host: 1 }, "at.host"],
  ["a port that is a text", { port: "80" }, "at.port"],
  ["a boolean that is a text", { on: "true" }, "at.on"],
  ["a text for a list", { names: "a,b" }, "at.names"],
  ["a list with a number", { names: ["a", 1] }, "at.names.1"],
  ["a member without its host", { servers: [{ host: "a" }, {}] }, "at.servers.1.host"],
  ["a member that is a text", { servers: ["a"] }, "at.servers.0"],
  ["a list for a map", { accounts: [] }, "at.accounts"],
  ["no map", { accounts: null }, "at.accounts"],
  ["an account without a password", { accounts: { nova: {} } }, "at.accounts.nova.password"],
  ["a text for a section", { tls: "x" }, "at.tls"],
] as const satisfies readonly (readonly [string, { readonly [key: string]: Json }, string | undefined])[]) {
  test(`${title}: ${expected ?? "fits"}`, () => assert.equal(misfitOf(block, { ...whole, ...change }, "at"), expected));
}
