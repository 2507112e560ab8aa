import { bracketed } from "../schema/address.ts";
import type { Json } from "../schema/json.ts";

/** One endpoint of a service; what is null is taken from elsewhere or left out. */
type Bind = {
  readonly [key in `${Interface}_${"address" | "protocol" | "path"}`]: string | null;
} & { readonly [key in `${Interface}_port`]: number | null };

export const interfaces = ["public", "internal", "admin"] as const;
export type Interface = (typeof interfaces)[number];

export type WantedUser = {
  readonly name: string;
  readonly password: string;
  /** In the project of services. */
  readonly roles: readonly string[];
};

type WantedService = {
  readonly type: string;
  readonly description: string;
  readonly user: WantedUser | null;
  readonly bind: Bind;
};

/** What keystone's `catalog` job makes: the file that is rendered from the pillar (config-templates/keystone/catalog.json). */
export type WantedCatalog = {
  /** keystone's v3 API. */
  readonly url: string;
  readonly login: {
    readonly user: string;
    readonly password: string;
    readonly project: string;
    readonly domain: string;
  };
  readonly region: string;
  readonly roles: readonly string[];
  /** Name of the project that services' users are in. */
  readonly serviceProject: string;
  readonly projects: { readonly [name: string]: { readonly description: string } };
  readonly domains: {
    readonly [name: string]: {
      readonly description: string;
      readonly administrator: { readonly name: string; readonly password: string } | null;
    };
  };
  readonly services: { readonly [name: string]: WantedService };
};

/** @returns the catalog in a file's text, or undefined where it is none. */
export function readWanted(text: string): WantedCatalog | undefined {
  try {
    const value = JSON.parse(text) as { readonly [key: string]: Json } | null;
    const whole = value !== null && typeof value === "object" && typeof value["url"] === "string";
    return whole && value["login"] && value["services"] ? (value as unknown as WantedCatalog) : undefined;
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
