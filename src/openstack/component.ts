import type { SectionField } from "../schema/field.ts";
import type { ReleaseRange } from "./releases.ts";
import type { WorkloadRow } from "./workload.ts";

/** True if the pillar has this setting (and, with `is`, this value); with `not`, if it does not. */
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
 * as literals of that language, the others as src/render/oslo.ts and src/render/words.ts say. A value
 * that the format cannot express is refused.
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
 * comes from; a need whose block is null (an optional section that was left out) is dropped.
 */
export type NeedRow = ReleaseRange & {
  /**
   * The service starts and works without it, only slower or with fewer features. plinth checks it while it waits for the others, and
   * warns if it is missing (docs/decisions/0025).
   */
  readonly optional?: true;
  /** The need is dropped if this is false. */
  readonly where?: Condition;
} & (
    | {
        readonly probe: "mysql";
        readonly from: string;
        /** Its tables exist, too, and no job works on them. */
        readonly schema: boolean;
        /** A row that a job makes exists; `is` may hold `{settings.path}`. `with`: it has this in another column (SQL's LIKE). */
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
     * keystone accepts the block's user and password: the user exists, and keystone can check a token. `made`: what the job that creates
     * the user makes (`makes` of its workload); by default, the services' users.
     */
    | { readonly probe: "keystone"; readonly from: string; readonly made?: "administrator" }
    /** GET `http://host:port<path>` must answer with one of `expect`. */
    | { readonly probe: "http"; readonly from: string; readonly path: string; readonly expect: readonly number[] }
    /** libvirtd answers at the block's `uri`: a Unix socket, or TCP. plinth waits for no other kind of URI. */
    | { readonly probe: "libvirt"; readonly from: string }
    | { readonly probe: "tcp"; readonly from: string }
    /** `path` may hold `{settings.path}`. */
    | { readonly probe: "file"; readonly path: string }
    /** The file system at `path` has this much free space. */
    | { readonly probe: "space"; readonly path: string; readonly mebibytes: number }
  );

/** The target of a question: hosts and ports may be `{settings.path}`; `host` is the address the service listens on. */
type AskedAt = { readonly host?: string; readonly port: string };

/**
 * One question to a running service itself. `from` names a settings block; a question whose block is null (an optional
 * section that was left out) is dropped. Without `host` it is 127.0.0.1 (0.0.0.0 and :: stand for this machine).
 */
export type AskRow = ReleaseRange &
  (
    | (AskedAt & {
        readonly ask: "http";
        readonly path: string;
        /** By default any answer suffices, since it comes from the service's own code. */
        readonly expect?: readonly number[];
        /** Presents a token that was never issued: the service must ask keystone to reject it. */
        readonly token?: true;
        /** uWSGI's statistics: whether no answer means that all workers are busy. */
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
        /** By default any answer of the server suffices, even that it has no free connection. */
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
 * `alive`: this process works, and if it does not, a restart helps. A question without an answer counts only
 * while everything that the service depends on (its needs, and `depends`) answers.
 * `ready`: it can serve now. Asked in addition to `alive`, the needs (except caches) and `depends`.
 */
export type HealthRow = {
  readonly alive: readonly AskRow[];
  readonly ready?: readonly AskRow[];
  readonly depends?: readonly AskRow[];
  /**
   * For a client that can only request a page by HTTP, such as the kubelet: a page that answers with a status from 200 to 399, without a
   * login, even if every dependency of the service is down. An answer shows that the service has started, since its socket listens earlier.
   * A missing answer is no reason for a restart: every thread may be waiting for another service. `port` may be `{settings.path}`.
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
  /** On a setting that the pillar itself has: the choice is baked. */
  readonly where?: Condition;
  /** plinth stays root, and the program becomes the image's account itself, once it has what takes root. */
  readonly keepsRoot?: true;
};

/**
 * A port that a service listens at for others. `port` is its number, which may be `{settings.path}`. `inside`: only other services
 * use it, so it is not published with the service.
 */
export type PortRow = ReleaseRange & { readonly port: string; readonly inside?: true };

/** A foreground process (or a run-once job) that an image can become. */
export type ServiceRow = ReleaseRange & {
  readonly kind: "service" | "job";
  readonly doc: string;
  /** The first row applies whose range contains the release, and whose condition is true. */
  readonly run: readonly CommandRow[];
  /** Environment added for the service; secrets are allowed here. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly needs: readonly NeedRow[];
  /**
   * Settings block of a database on whose server a lock is held while the job runs, so that of two jobs started at the
   * same time, on any hosts, the second waits. Services that need the schema wait, too.
   */
  readonly lock?: string;
  /** Databases whose first schema is started again if a killed job left a part of it. Only with `lock`. */
  readonly schemas?: readonly SchemaRow[];
  /** Files on a volume that the service accepts only if nobody else can read them: they get mode 400 at each start. */
  readonly privateFiles?: readonly string[];
  /** It changes settings of the kernel in network namespaces that it makes: /proc/sys, which engines mount read-only, has to be writable. */
  readonly changesKernel?: true;
  /** It makes network namespaces whose names begin so: at each start, those go that an earlier container of the same pod left in /run. */
  readonly makesNamespaces?: string;
  readonly health?: HealthRow;
  /** By the names that manifests and address rows use; the first is the one that `_workload:published` may give another number. */
  readonly ports?: Readonly<Record<string, PortRow>>;
  /** Its place in a deployment; without it, deployments omit the service. */
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
