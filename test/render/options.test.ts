import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { supportedNames } from "../../src/openstack/releases.ts";
import { listPath, OptionList, type OptionRecord } from "../../src/options/list.ts";
import { type OsloOption, parseOslo } from "../../src/render/oslo.ts";
import { renderFiles } from "../../src/render/render.ts";
import type { Json } from "../../src/schema/json.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { bakeJudged, judged } from "../support/golden.ts";
import { parameters } from "../support/parameters.ts";
import { allFiles, load, mustBe, settingsOf } from "../support/rendering.ts";

/** The options of a component. `make lock` has its new lists judged before they come to config-templates/. */
function listOf(component: string, release: string): OptionList {
  const path = listPath(component, release);
  const directory = process.env["OPTION_LISTS"];
  return new OptionList(directory ? readFileSync(join(directory, basename(path)), "utf8") : (load(path) ?? ""));
}

type Values = { readonly [key: string]: Json };

/** What upstream means to remove, without another way to say it. */
const noOtherWay = new Set([
  // keystone-all listens where [eventlet_server] says; its successor is another program.
  ...["bind_host", "port", "workers"].flatMap((name) => [
    `eventlet_server/public_${name}`,
    `eventlet_server/admin_${name}`,
  ]),
  // Its default is a bridge; only without one are external networks provider networks, as they always are later.
  "DEFAULT/external_network_bridge",
]);

/** Settings that take the templates' other ways: what is optional left out, each choice made otherwise. */
const variants: Readonly<Record<string, (values: Values) => Values>> = {
  "as the pillar has it": (values) => values,
  "with nothing that is optional": (values) =>
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        [
          "message_queue",
          "cache",
          "network",
          "placement",
          "notification",
          "glance",
          "image",
          "metadata",
          "ceph",
          "compute",
        ].includes(key) ||
        ["waitcondition", "watch", "stack_domain_admin", "auth_encryption_key"].includes(key) ||
        ["ldap", "websso", "vncproxy_url", "service_token", "scheduler_default_filters"].includes(key)
          ? null
          : value,
      ]),
    ),
  "with identity v3": (values) =>
    values["identity"] ? { ...values, identity: { ...(values["identity"] as Values), version: "3" } } : values,
  "with an application credential": (values) =>
    values["identity"]
      ? {
          ...values,
          placement: null,
          identity: {
            ...(values["identity"] as Values),
            version: "3",
            application_credential: { id: "id", secret: "secret" },
          },
        }
      : values,
  "with one broker": (values) => queue(values, { host: "mq", members: null }),
  "with a cluster of brokers": (values) =>
    queue(values, { host: null, members: [{ host: "mq1", port: 5672 }], quorum_queues: false }),
  "with notifications": (values) =>
    "notification" in values
      ? { ...values, notification: { driver: "messagingv2", topics: ["notifications"], notify_on: null } }
      : values,
  "with images in Ceph": (values) =>
    values["storage"] ? { ...values, storage: { ...(values["storage"] as Values), engine: "rbd" } } : values,
  "with volumes in LVM and in Ceph": (values) => volumes(values),
  "with Open vSwitch": (values) => backend(values, { ovn: null }),
  "with Open vSwitch, but without tunnels": (values) =>
    backend(values, {
      ovn: null,
      network_vlan_ranges: ["physnet2:100:199"],
      openvswitch: { ...openvswitch(values), local_ip: null, firewall: "noop" },
    }),
  "with tokens in a database, users in SQL": (values) => ({
    ...values,
    ...tokens(values, "database", { backend: "sql" }),
  }),
  "with tokens in memcached": (values) => ({ ...values, ...tokens(values, "cache") }),
};

/** Where a role can have a broker, it has one. */
const queue = (values: Values, changes: Values): Values => {
  const some = {
    port: 5672,
    user: "openstack",
    password: "s3cret",
    virtual_host: "/",
    ha_queues: false,
    quorum_queues: true,
  };
  const own = values["message_queue"] as Values | null | undefined;
  return own === undefined ? values : { ...values, message_queue: { ...some, ...own, ...changes } };
};
const backend = (values: Values, changes: Values): Values =>
  openvswitch(values) ? { ...values, backend: { ...(values["backend"] as Values), ...changes } } : values;
const volumes = (values: Values): Values => {
  const file = (values["backend"] as Values | null | undefined)?.["file"] as Values | undefined;
  const ceph = { ...file, engine: "ceph", type_name: "fast", secret_uuid: "5f2c5e4e-0c3c-4d3a-9d5f-3a9b1c1f0c11" };
  return file ? { ...values, backend: { lvm: { ...file, engine: "lvm" }, ceph } } : values;
};
const openvswitch = (values: Values): Values | undefined =>
  (values["backend"] as Values | null | undefined)?.["openvswitch"] as Values | undefined;
const tokens = (values: Values, engine: string, more: Values = {}): Values =>
  values["tokens"] ? { tokens: { ...(values["tokens"] as Values), engine }, ...more } : {};

function typed({ type, choices }: OptionRecord, value: string): boolean {
  if (choices && value !== "" && !choices.includes(value)) return false;
  if (type === "Int" || type === "Port") return /^-?\d+$/.test(value);
  if (type === "Float") return Number.isFinite(Number(value)) && value !== "";
  if (type === "Bool") return value === "true" || value === "false";
  return true;
}

/** @returns what is wrong with an option in its release, or undefined. */
function fault(
  list: OptionList,
  { section, option, value }: OsloOption,
  all: readonly OsloOption[],
): string | undefined {
  const record = list.get(section, option);
  if (!record) {
    const now = list.renamed(section, option);
    return now ? `is [${now.group}] ${now.name} now` : "does not exist";
  }
  if (record.deprecated_for_removal && !noOtherWay.has(`${section}/${option}`)) return "will be removed";
  if (!typed(record, value)) return `${value} is no ${record.type} ${record.choices ?? ""}`;
  const same = all.filter((other) => other.section === section && other.option === option);
  if (same.length > 1 && record.type !== "MultiStr") return "stands there twice";
  const plugin = all.find((other) => other.section === section && /^auth_(type|plugin)$/.test(other.option))?.value;
  if (record.auth_types && !record.auth_types.includes(plugin ?? "")) return `is no option of auth_type ${plugin}`;
  return undefined;
}

for (const release of supportedNames) {
  for (const name of judged(release)) {
    const baked = bakeJudged(name, release);
    const files = allFiles(baked.image).filter(
      // OpenContrail's plugin has its own options, which no list of neutron's has.
      ({ dialect, path }) => dialect === "oslo" && !path.endsWith("/ContrailPlugin.ini"),
    );
    if (files.length === 0) continue;
    test(`${name} of ${release} has only options of that release, by their current names`, () => {
      const list = listOf(baked.image.image.component, release);
      const settings = settingsOf(baked, parameters);
      const faults = Object.entries(variants).flatMap(([title, vary]) => {
        const varied: Settings = { ...settings, values: vary(settings.values) };
        return mustBe(renderFiles(baked.image, varied, files)).flatMap(({ text }) => {
          const options = parseOslo(text);
          return options.flatMap((option) => {
            const found = fault(list, option, options);
            return found ? [`${title}: [${option.section}] ${option.option} ${found}`] : [];
          });
        });
      });
      assert.deepEqual([...new Set(faults)], []);
    });
  }
}
