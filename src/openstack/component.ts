import type { SectionField } from "../schema/field.ts";
import type { ReleaseRange } from "./releases.ts";
import type { WorkloadRow } from "./workload.ts";

/** Holds where the pillar has this setting (and, with `is`, this value); with `not`, where it is otherwise. */
export type Condition = { readonly setting: string; readonly is?: string; readonly not?: true };

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
  | "libvirt"
  | "yaml"
  | "text";

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
  /** The need falls away where this does not hold. */
  readonly where?: Condition;
} & (
    | {
        readonly probe: "mysql";
        readonly from: string;
        /** Its tables exist, too, and no job is at work on them. */
        readonly schema: boolean;
        /** A row that a job makes is there; `is` may hold `{settings.path}`. `with`: it has this in another column (SQL's LIKE). */
        readonly row?: {
          readonly table: string;
          readonly column: string;
          readonly is: string;
          readonly with?: { readonly column: string; readonly like: string };
        };
      }
    | { readonly probe: "amqp"; readonly from: string }
    | { readonly probe: "memcached"; readonly from: string }
    /**
     * keystone knows the block's user by its password: the user is there, and so is what it takes to check a token. `made`: by the
     * job that makes this (`makes` of its workload); left out, the services' users.
     */
    | { readonly probe: "keystone"; readonly from: string; readonly made?: "administrator" }
    /** GET `http://host:port<path>` must answer with one of `expect`. */
    | { readonly probe: "http"; readonly from: string; readonly path: string; readonly expect: readonly number[] }
    /** libvirtd answers where the block's `uri` leads: a Unix socket, or TCP; at other URIs nothing is awaited. */
    | { readonly probe: "libvirt"; readonly from: string }
    | { readonly probe: "tcp"; readonly from: string }
    /** `path` may hold `{settings.path}`. */
    | { readonly probe: "file"; readonly path: string }
    /** The file system at `path` has so much room. */
    | { readonly probe: "space"; readonly path: string; readonly mebibytes: number }
  );

/** Where a question goes: hosts and ports may be `{settings.path}`; `host` is the address the service listens on. */
type AskedAt = { readonly host?: string; readonly port: string };

/**
 * One question to a running service itself. `from` names a settings block; a question whose block is null (an optional
 * section that was left out) falls away. Without `host` it is 127.0.0.1 (0.0.0.0 and :: stand for this machine).
 */
export type AskRow = ReleaseRange &
  (
    | (AskedAt & {
        readonly ask: "http";
        readonly path: string;
        /** Left out: any answer will do, since it comes from the service's own code. */
        readonly expect?: readonly number[];
        /** Shows a token that nobody gave out: the service must ask keystone to say no. */
        readonly token?: true;
        /** uWSGI's statistics: whether no answer means that all workers are at work. */
        readonly workers?: string;
      })
    /**
     * A call that the process answers itself: of its own queue (`topic`.host; `server` where that is another name, and one
     * for each key of the map `each`), or of any server of the topic.
     */
    | {
        readonly ask: "rpc";
        readonly from: string;
        readonly exchange: string;
        readonly topic: string;
        readonly server?: string;
        readonly each?: string;
        readonly any?: true;
      }
    /** The process holds an established connection to its broker, or to what else the block names. */
    | { readonly ask: "connected"; readonly from: string }
    /** The service is reported as up in the database as its own API counts: a row of `binary` and this host, not too old. */
    | {
        readonly ask: "reported";
        readonly from: string;
        readonly binary: string;
        readonly server: string;
        readonly each: string;
        readonly seconds: number;
      }
    | (AskedAt & { readonly ask: "tcp" | "cache" | "memcached" })
    /** Every virtual host of the map `from` opens; with `takes`, the broker takes messages, too. */
    | (AskedAt & { readonly ask: "broker"; readonly from: string; readonly takes?: true })
    /** Its driver answers a call. */
    | { readonly ask: "libvirt"; readonly path: string }
    /** The service accepts connections at a Unix socket. */
    | { readonly ask: "socket"; readonly path: string }
    /** A login at a Unix socket, where `user` needs no password, and a query. */
    | {
        readonly ask: "mysql";
        readonly socket: string;
        readonly user: string;
        /** Left out: whatever the server says, be it that it has no connection to spare, it says itself. */
        readonly query?: string;
      }
    /** A program of Open vSwitch or OVN at its control socket, as ovs-appctl asks it. */
    | { readonly ask: "control"; readonly path: string; readonly command: string; readonly expect?: string }
    /** A database of OVSDB; `path` is a Unix socket, and `beside` a file without which there is nothing to ask. */
    | {
        readonly ask: "ovsdb";
        readonly path: string;
        readonly database: string;
        readonly beside?: string;
      }
    /** The container is in the network namespace that `file` names, where there is such a file. */
    | { readonly ask: "namespace"; readonly file: string }
    /**
     * Each network namespace that is called `prefix`ID, and is older than so many seconds, has its proxy: the process `program`
     * whose number is in the file `pids`, in which `*` stands for the ID.
     */
    | {
        readonly ask: "proxies";
        readonly prefix: string;
        readonly program: string;
        readonly pids: string;
        readonly seconds: number;
      }
  );

/**
 * What `plinth healthcheck` asks. Whether a process of the container is stopped is asked always.
 *
 * `alive`: this process works, and where it does not a restart is the cure. A question that is not answered counts only
 * while everything that the service depends on (its needs, and `depends`) does answer.
 * `ready`: it can serve now. Asked beside what `alive` asks, the needs (caches aside) and `depends`.
 */
export type HealthRow = {
  readonly alive: readonly AskRow[];
  readonly ready?: readonly AskRow[];
  readonly depends?: readonly AskRow[];
  /**
   * For who can only ask for a page by HTTP, such as the kubelet: one that answers with a status from 200 to 399, without a login, and
   * whatever the service depends on may be away. That it answers shows that the service has started, since its socket listens earlier.
   * That it does not is no reason for a restart: every thread may be waiting for another service. `port` may be `{settings.path}`.
   */
  readonly page?: { readonly port: string; readonly path: string };
};

/**
 * A database whose schema a job makes: that of a settings block, or one of another `name` (which may hold
 * `{settings.path}`) on the block's server.
 */
export type SchemaRow = ReleaseRange & { readonly from: string; readonly name?: string };

/** One way to run a service in a range of releases, and where the pillar says so. `{settings.path}` in words and values is replaced, `{[settings.path]}` by a host as URLs have it; never a secret in `command`. */
export type CommandRow = ReleaseRange & {
  readonly command: readonly string[];
  readonly files?: readonly FileRow[];
  /** Of a setting that the pillar itself has: which way it is is baked. */
  readonly where?: Condition;
};

/**
 * A port that a service listens at for others. `port` is its number, which may be `{settings.path}`. `inside`: only other services have
 * business there, so that it is not published where the service is.
 */
export type PortRow = ReleaseRange & { readonly port: string; readonly inside?: true };

/** A foreground process (or a run-once job) that an image can become. */
export type ServiceRow = ReleaseRange & {
  readonly kind: "service" | "job";
  readonly doc: string;
  /** The first row counts whose range holds the release, and whose condition holds. */
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
  /** Files on a volume that the service takes only if nobody else may read them: they get mode 400 at each start. */
  readonly privateFiles?: readonly string[];
  /** It changes settings of the kernel in network namespaces that it makes: /proc/sys, which engines mount read-only, has to be writable. */
  readonly changesKernel?: true;
  readonly health?: HealthRow;
  /** By the names that manifests and address rows use; the first is the one that `_workload:published` may give another number. */
  readonly ports?: Readonly<Record<string, PortRow>>;
  /** Its place in a deployment; left out, deployments do without it. */
  readonly workload?: WorkloadRow;
  /** Without a workload: a deployment whose pillar meets all of these would need it, and so is refused. */
  readonly missing?: readonly NonNullable<WorkloadRow["where"]>[];
};

/** A component and role: what an image is for. */
export type ImageRow = ReleaseRange & {
  readonly component: string;
  readonly role: string;
  readonly account: Account;
  /** Other accounts that the image has, by name: its Dockerfile gets `qemu` as QEMU_ACCOUNT. */
  readonly accounts?: Readonly<Record<string, Account>>;
  readonly schema: SectionField;
  /** Files every service of the image reads. */
  readonly files: readonly FileRow[];
  /** Environment of every service. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly services: Readonly<Record<string, ServiceRow>>;
};
