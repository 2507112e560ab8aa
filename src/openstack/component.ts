import type { SectionField } from "../schema/field.ts";
import type { ReleaseRange } from "./releases.ts";

/** A Unix account that images create with a fixed id before any package is installed: package-made ids differ per release. */
export type Account = {
  readonly user: string;
  readonly group: string;
  readonly uid: number;
  readonly gid: number;
};

/**
 * How values are written in a file so that its reader, and no other, gets them back unchanged: `json`, `python` and `sql`
 * as literals of that language, the others as src/render/oslo.ts and src/render/words.ts say. What a reader has no way
 * to write is refused.
 */
export type Dialect =
  | "oslo"
  | "uwsgi"
  | "json"
  | "python"
  | "sql"
  | "sh"
  | "mysql"
  | "rabbitmq"
  | "haproxy"
  | "libvirt";

/** A file that plinth renders. `template` is a path below config-templates/, `path` where the service reads it. */
export type FileRow = ReleaseRange & {
  readonly template: string;
  readonly path: string;
  readonly dialect: Dialect;
};

/**
 * What a service needs before it can start. `from` names the settings block (a path from the role's root) the address
 * comes from; a need whose block is null (an optional section that was left out) falls away.
 */
export type NeedRow = ReleaseRange & {
  /**
   * The service starts and works without it, only slower or with less: it is asked for while all else is waited for, and
   * that it is away is a warning (docs/decisions/0025).
   */
  readonly optional?: true;
  /** The need falls away unless this setting is given or, with `is`, has this value. */
  readonly where?: { readonly setting: string; readonly is?: string };
} & (
    | {
        readonly probe: "mysql";
        readonly from: string;
        /** Its tables exist, too, and no job is at work on them. */
        readonly schema: boolean;
        /** A row that a job makes is there; `is` may hold `{settings.path}`. */
        readonly row?: { readonly table: string; readonly column: string; readonly is: string };
      }
    | { readonly probe: "amqp"; readonly from: string }
    | { readonly probe: "memcached"; readonly from: string }
    /** keystone knows the block's user by its password: the user is there, and so is what it takes to check a token. */
    | { readonly probe: "keystone"; readonly from: string }
    /** GET `http://host:port<path>` must answer with one of `expect`. */
    | { readonly probe: "http"; readonly from: string; readonly path: string; readonly expect: readonly number[] }
    | { readonly probe: "tcp"; readonly from: string }
    /** `path` may hold `{settings.path}`. */
    | { readonly probe: "file"; readonly path: string }
  );

/**
 * How `plinth healthcheck` asks a running service itself. Hosts and ports may be `{settings.path}`; `host` is the address
 * the service listens on, 127.0.0.1 when left out (0.0.0.0 and :: stand for this machine).
 */
export type HealthRow =
  | {
      readonly ask: "http";
      readonly host?: string;
      readonly port: string;
      readonly path: string;
      readonly expect: readonly number[];
    }
  /** The process holds an established connection to its broker (settings block `from`). */
  | { readonly ask: "broker"; readonly from: string }
  | { readonly ask: "tcp" | "memcached" | "libvirt"; readonly host?: string; readonly port: string }
  /** The service accepts connections at a Unix socket. */
  | { readonly ask: "socket"; readonly path: string }
  /** Logging in at a Unix socket, where `user` needs no password: MariaDB logs every connection that does not log in. */
  | { readonly ask: "mysql"; readonly socket: string; readonly user: string };

/**
 * A database whose schema a job makes: that of a settings block, or one of another `name` (which may hold
 * `{settings.path}`) on the block's server.
 */
export type SchemaRow = ReleaseRange & { readonly from: string; readonly name?: string };

/** One way to run a service in a range of releases. `{settings.path}` in words and values is replaced, `{[settings.path]}` by a host as URLs have it; never a secret in `command`. */
export type CommandRow = ReleaseRange & {
  readonly command: readonly string[];
  readonly files?: readonly FileRow[];
};

/** A foreground process (or a run-once job) that an image can become. */
export type ServiceRow = ReleaseRange & {
  readonly kind: "service" | "job";
  readonly doc: string;
  /** The first row whose range holds the release counts. */
  readonly run: readonly CommandRow[];
  /** Environment added for the service; here a secret is allowed. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly needs: readonly NeedRow[];
  /**
   * Settings block of a database on whose server a lock is held while the job runs, so that of two that are started at
   * the same time, on whatever hosts, the second waits; and so do services that need the schema.
   */
  readonly lock?: string;
  /** Databases whose first schema, where a killed job left a part of it, is begun anew. Only with `lock`. */
  readonly schemas?: readonly SchemaRow[];
  readonly health?: HealthRow;
  readonly ports?: Readonly<Record<string, string>>;
};

/** A component and role: what an image is for. */
export type ImageRow = ReleaseRange & {
  readonly component: string;
  readonly role: string;
  readonly account: Account;
  readonly schema: SectionField;
  /** Files every service of the image reads. */
  readonly files: readonly FileRow[];
  /** Environment of every service. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly services: Readonly<Record<string, ServiceRow>>;
};
