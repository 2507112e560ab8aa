import { bracketed } from "../schema/address.ts";
import { list, map, port, section, string } from "../schema/field.ts";
import { isValueOf, type ValueOf } from "../schema/value.ts";

export const interfaces = ["public", "internal", "admin"] as const;
export type Interface = (typeof interfaces)[number];

/** Part of an endpoint; what is null is taken from elsewhere or left out. */
const text = string("Host, protocol or path.", { optional: true });
const at = port("Port.", { optional: true });

const bind = section("Endpoints.", {
  public_address: text,
  public_protocol: text,
  public_path: text,
  public_port: at,
  internal_address: text,
  internal_protocol: text,
  internal_path: text,
  internal_port: at,
  admin_address: text,
  admin_protocol: text,
  admin_path: text,
  admin_port: at,
});

/** What keystone's `catalog` job makes: the file that is rendered from the pillar (config-templates/keystone/catalog.json). */
const catalog = section("The catalog.", {
  url: string("keystone's v3 API."),
  login: section("As whom it is made.", {
    user: string("User."),
    password: string("Password."),
    project: string("Project."),
    domain: string("Domain (its id) of both, and of what is made."),
  }),
  region: string("Region."),
  roles: list("Roles.", string("Role.")),
  serviceProject: string("Name of the project that services' users are in."),
  projects: map("Projects by name.", section("A project.", { description: string("Description.") })),
  domains: map(
    "Domains by name.",
    section("A domain.", {
      description: string("Description."),
      administrator: section(
        "Its user with the admin role.",
        { name: string("Name."), password: string("Password.") },
        { optional: true },
      ),
    }),
  ),
  services: map(
    "Services by name.",
    section("A service.", {
      type: string("Type in the catalog."),
      description: string("Description."),
      user: section(
        "Its user.",
        {
          name: string("Name."),
          password: string("Password."),
          roles: list("In the project of services.", string("Role.")),
        },
        { optional: true },
      ),
      bind,
    }),
  ),
});

export type WantedCatalog = ValueOf<typeof catalog>;
type WantedService = WantedCatalog["services"][string];

/** @returns the catalog in a file's text, or undefined where it is none. */
export function readWanted(text: string): WantedCatalog | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isValueOf(catalog, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @returns the URL of each endpoint that a service shall have; the internal one stands in for the admin one. */
export function endpointsOf({ bind }: Pick<WantedService, "bind">): readonly (readonly [Interface, string])[] {
  return interfaces.flatMap((name) => {
    const from = name === "admin" && bind.admin_address === null ? "internal" : name;
    const host = bind[`${from}_address`];
    const port = bind[`${from}_port`];
    if (host === null) return [];
    const authority = `${bracketed(host)}${port === null ? "" : `:${port}`}`;
    return [[name, `${bind[`${from}_protocol`] ?? "http"}://${authority}${bind[`${from}_path`] ?? ""}`] as const];
  });
}
