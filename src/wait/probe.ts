import { bracketed } from "../schema/address.ts";

/** What all probes have. `name` is printable and holds no secret: `mysql nova@db:3306/nova`. */
type Named = {
  readonly name: string;
  /** The settings path the address comes from (`database`), for advice; left out when it came from a URL. */
  readonly from?: string;
  /** The service can do without it. */
  readonly optional?: boolean;
};

type Address = { readonly host: string; readonly port: number };

/** One address to ask, with all that is needed to ask for it. Made from settings or a URL; may hold secrets. */
export type Target = Named &
  (
    | ({
        readonly kind: "mysql";
        readonly user: string;
        readonly password: string;
        readonly database: string;
        /** The database must hold a migrated schema, too. */
        readonly schema: boolean;
        /** And a row in which this column is this text. */
        readonly row?: {
          readonly table: string;
          readonly column: string;
          readonly is: string;
          readonly with?: { readonly column: string; readonly like: string };
        };
        /** A Unix socket in place of the address. */
        readonly path?: string;
      } & Address)
    | ({
        readonly kind: "amqp";
        readonly user: string;
        readonly password: string;
        readonly virtualHost: string;
      } & Address)
    | ({ readonly kind: "memcached" } & Address)
    /** `path` is a Unix socket in place of the address. */
    | ({ readonly kind: "libvirt"; readonly path?: string } & Address)
    /** Logging in to keystone's v3 API: `url` ends in /v3. */
    | {
        readonly kind: "keystone";
        readonly url: string;
        readonly user: string;
        readonly password: string;
        readonly project: string;
        /** Id of the user's and the project's domain. */
        readonly domain: string;
      }
    | { readonly kind: "etcd"; readonly url: string }
    | { readonly kind: "http"; readonly url: string; readonly expect: readonly number[] }
    /** `path` is a Unix socket in place of the address. */
    | ({ readonly kind: "tcp"; readonly path?: string } & Address)
    /** The name of a host, to be looked up and no more. */
    | { readonly kind: "name"; readonly host: string }
    | { readonly kind: "file"; readonly path: string }
    /** Room in the file system that the path is in. */
    | { readonly kind: "space"; readonly path: string; readonly mebibytes: number }
  );

/** The target of one kind. */
export type TargetOf<Kind extends Target["kind"]> = Extract<Target, { readonly kind: Kind }>;

/** Several addresses of which one is enough. */
export type AnyOf = Named & { readonly kind: "any"; readonly members: readonly Target[] };

/** One thing a service needs. */
export type Probe = Target | AnyOf;

/**
 * What one try gave. `reason` never holds a secret.
 *
 * - `absent`: nothing answers at the address; asking cost the other side nothing.
 * - `unnamed`: the address' name is not known; asking cost the name server, which others need, too.
 * - `unready`: it answers, but cannot serve yet.
 * - `refused`: it answers and says no (wrong password, no such vhost). Waiting rarely helps, but a bootstrap job may
 *   still be creating the user.
 * - `hopeless`: no job and no time makes it ready for this service as both are set up now. `fix` says what to change. `doubt`:
 *   it only looks so, and is believed when it stays so.
 */
export type Outcome =
  | { readonly state: "ready" }
  | { readonly state: "absent" | "unnamed" | "unready" | "refused"; readonly reason: string }
  | { readonly state: "hopeless"; readonly reason: string; readonly fix: string; readonly doubt?: true };

export type State = Outcome["state"];

/** What a try tells on its way to a connection. */
export type Progress = {
  /** The name is still being looked up, and this is what can be said so far. The look-up has a time limit of its own. */
  readonly onSlow?: (soFar: Outcome) => void;
  /** The addresses are known: from now on the time is that of the other side. */
  readonly onNamed?: () => void;
};

/** Tries once. Never rejects; settles at once when `signal` fires, whose reason says why. */
export type Attempt = (target: Target, signal: AbortSignal, progress?: Progress) => Promise<Outcome>;

/** @returns `host:port` as people write it, with brackets around an IPv6 address. */
export const addressText = ({ host, port }: Address): string => `${bracketed(host)}:${port}`;

/** What is missing from `Target` to be one: its name, which follows from the rest. */
type Unnamed<T> = T extends Target ? Omit<T, "name"> : never;

function nameOf(target: Unnamed<Target>): string {
  switch (target.kind) {
    case "mysql":
      return `mysql ${target.user}@${target.path ?? addressText(target)}/${target.database}`;
    case "amqp":
      return `amqp ${target.user}@${addressText(target)} vhost ${target.virtualHost}`;
    case "keystone":
      return `keystone ${target.user}@${target.url.replace(/^https?:\/\//, "")} project ${target.project}`;
    case "memcached":
      return `memcached ${addressText(target)}`;
    case "libvirt":
      return `libvirt ${target.path ?? addressText(target)}`;
    case "tcp":
      return target.path === undefined ? `tcp ${addressText(target)}` : `socket ${target.path}`;
    case "etcd":
      return `etcd ${target.url}`;
    case "http":
      // A query may hold a token.
      return `GET ${target.url.replace(/\?.*/s, "?...")}`;
    case "name":
      return `name ${target.host}`;
    case "file":
      return `file ${target.path}`;
    case "space":
      return `space in ${target.path}`;
  }
}

export const target = <T extends Unnamed<Target>>(unnamed: T): T & Pick<Target, "name"> => ({
  ...unnamed,
  name: nameOf(unnamed),
});

/** @returns a probe that is ready when one of `members` is; of one member, that member itself. */
export function anyOf(members: readonly Target[]): Probe {
  const [first] = members;
  if (!first) throw new Error("a probe of no members would wait forever");
  if (members.length === 1) return first;
  const name = members.map((member) => member.name).join(" or ");
  return { kind: "any", members, name, ...(first.from === undefined ? {} : { from: first.from }) };
}
