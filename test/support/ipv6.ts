import type { Baked } from "../../src/image/bake.ts";
import { imageName, images } from "../../src/openstack/images.ts";
import type { Field } from "../../src/schema/field.ts";
import { namesOf } from "../../src/settings/fill.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { parameters } from "./parameters.ts";
import { fixtureNames, fixtureNode, modelNode } from "./pillar.ts";
import { bakeCompiled, settingsOf } from "./rendering.ts";

/** Where services listen, by path from the role's root. Other addresses are what others reach them by. */
const listens = /^(?:bind\.address|osapi\.host|bind\.api(?:_cfn|_cloudwatch)?\.address)$/;
const listensToo: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "nova-controller": { "bind.private_address": "::", "bind.public_address": "fd00::c" },
  "rabbitmq-server": { "bind.distribution_address": "::1" },
  "ovn-server": { "ovsdb.address": "::1" },
  "neutron-server": { "backend.openvswitch.local_ip": "fd00::e" },
};

function pathsOf(field: Field, path = ""): readonly string[] {
  if (field.kind !== "section") return [path];
  return Object.entries(field.fields).flatMap(([key, child]) => pathsOf(child, path === "" ? key : `${path}.${key}`));
}

/** What a node's pillar is to say so that everything listens on IPv6. */
function overridesOf(name: string): ReadonlyMap<string, string> {
  const image = images.find((one) => imageName(one) === name);
  if (!image) throw new Error(`no image ${name}`);
  const root = `${image.component}:${image.role}`;
  const all = pathsOf(image.schema).filter((path) => listens.test(path));
  const values = { ...Object.fromEntries(all.map((path) => [path, "::"])), ...listensToo[name] };
  return new Map(Object.entries(values).map(([path, value]) => [`${root}:${path.replaceAll(".", ":")}`, value]));
}

/** The images of a release whose services listen on `::`, of the model and, where there is one, of the fuller fixture. */
export const bakedForIpv6 = (name: string, release: string): readonly Baked[] => [
  bakeCompiled(modelNode(name, release, overridesOf(name)), release),
  ...(fixtureNames.includes(name)
    ? [
        bakeCompiled(
          fixtureNode(name, (text) => text.replaceAll(/\b0\.0\.0\.0\b/g, '"::"')),
          release,
        ),
      ]
    : []),
];

/** The parameters of test/support/parameters.ts, with an IPv6 address for each host. */
export const ipv6Parameters: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(parameters).map(([name, text], index) => [
      name,
      name.endsWith("_HOST") ? `fd00::${(0x10 + index).toString(16)}` : text,
    ]),
  ),
  SERVICE_DASHBOARD_ALLOWED_HOSTS: "fd00:0::D,example.org",
};

/** Settings with a value for every parameter, also for those that only some services want. */
export function ipv6Settings(baked: Baked): Settings {
  const { placeholders, parameters: own } = baked.image;
  const open = [...namesOf(placeholders)].filter((name) => !(name in ipv6Parameters) && !(name in own));
  const further = open.map((name) => [name, name.endsWith("_HOST") ? "fd00::ff" : "s3cret"] as const);
  return settingsOf(baked, { ...ipv6Parameters, ...Object.fromEntries(further) });
}
