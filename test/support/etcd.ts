import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { success } from "../../src/diagnostics/diagnostic.ts";
import { type EtcdSettings, etcdSettings } from "../../src/overlay/etcd-settings.ts";
import { type Certificates, makeCertificates, type Pair } from "./certificates.ts";
import { freePort } from "./servers.ts";

const found = (program: string) => spawnSync(program, ["version"]).error === undefined;

/**
 * Why tests against etcd cannot run here, or false where they can. On CI a missing etcd is no reason to skip: there the
 * tests run and fail.
 */
export const withoutEtcd: string | false =
  process.env["CI"] === undefined && !(found("etcd") && found("etcdctl"))
    ? "needs etcd and etcdctl: Debian's packages etcd-server and etcd-client"
    : false;

const running = new Set<ChildProcess>();
const directories = new Set<string>();

// Also when a test throws or is ended: no server and no directory stays behind.
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** How etcd secures itself towards clients. `clientCertificates`: it asks for one that the authority signed. */
export type Security = { readonly certificates: Certificates; readonly clientCertificates: boolean };

export type Layout = {
  readonly members?: number;
  readonly tls?: boolean;
  readonly clientCertificates?: boolean;
  /** What the server's certificate may be used for (extendedKeyUsage). */
  readonly serverUses?: string;
  /** More flags of etcd's. */
  readonly flags?: Readonly<Record<string, string>>;
};

/** A real etcd server, with its data in a directory of its own, that can be stopped and started again. */
export class Member {
  readonly url: string;
  readonly #name: string;
  readonly #directory: string;
  readonly #cluster: string;
  readonly #peer: string;
  readonly #flags: Readonly<Record<string, string>>;
  readonly #security: Security | undefined;
  #child: ChildProcess | undefined;

  constructor(
    name: string,
    directory: string,
    cluster: string,
    ports: [number, number],
    flags: Readonly<Record<string, string>>,
    security?: Security,
  ) {
    this.#name = name;
    this.#directory = directory;
    this.#cluster = cluster;
    this.#flags = flags;
    this.#security = security;
    this.url = `${security ? "https" : "http"}://127.0.0.1:${ports[0]}`;
    this.#peer = `http://127.0.0.1:${ports[1]}`;
  }

  /** Starts the process, without waiting until it serves. */
  start(): void {
    const log = openSync(join(this.#directory, `${this.#name}.log`), "a");
    const flags = {
      name: this.#name,
      "data-dir": join(this.#directory, this.#name),
      "listen-client-urls": this.url,
      "advertise-client-urls": this.url,
      "listen-peer-urls": this.#peer,
      "initial-advertise-peer-urls": this.#peer,
      "initial-cluster": this.#cluster,
      // Elections within half a second; the defaults are made for networks.
      "heartbeat-interval": "50",
      "election-timeout": "500",
      ...this.#flags,
      ...(this.#security && {
        "cert-file": this.#security.certificates.server.certificate,
        "key-file": this.#security.certificates.server.key,
        ...(this.#security.clientCertificates && {
          "client-cert-auth": "true",
          "trusted-ca-file": this.#security.certificates.authority,
        }),
      }),
    };
    const child = spawn(
      "etcd",
      Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`),
      // Debian's etcd reads ETCD_* variables, too.
      { stdio: ["ignore", log, log], env: { PATH: process.env["PATH"], ETCD_UNSUPPORTED_ARCH: "arm64" } },
    );
    this.#child = child;
    running.add(child);
    child.once("exit", () => running.delete(child));
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** Ends the process, as a crash would, and waits until it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await gone;
  }

  get log(): string {
    return readFileSync(join(this.#directory, `${this.#name}.log`), "utf8");
  }
}

/** One or more members that form a cluster. */
export class Etcd {
  readonly members: readonly Member[];
  readonly security: Security | undefined;
  readonly #directory: string;

  constructor(members: readonly Member[], directory: string, security: Security | undefined) {
    this.members = members;
    this.#directory = directory;
    this.security = security;
  }

  get urls(): string[] {
    return this.members.map((member) => member.url);
  }

  /** The first member: all there is in a single etcd. */
  get member(): Member {
    return this.members[0] as Member;
  }

  /** Runs etcdctl over gRPC, against the members that live. */
  ctl(
    words: readonly string[],
    { user, input, urls = this.urls }: { user?: string; input?: string | Buffer; urls?: readonly string[] } = {},
  ): string {
    const client = this.security?.certificates.client;
    return execFileSync(
      "etcdctl",
      [
        `--endpoints=${urls.join(",")}`,
        "--dial-timeout=2s",
        ...(this.security ? [`--cacert=${this.security.certificates.authority}`] : []),
        ...(this.security?.clientCertificates && client ? [`--cert=${client.certificate}`, `--key=${client.key}`] : []),
        ...(user ? [`--user=${user}`] : []),
        ...words,
      ],
      {
        env: { PATH: process.env["PATH"], ETCDCTL_API: "3" },
        stdio: ["pipe", "pipe", "pipe"],
        encoding: "utf8",
        ...(input === undefined ? {} : { input }),
      },
    );
  }

  put(key: string, value: string, user?: string): void {
    // From standard input a value may begin with a dash; etcdctl takes an empty one only as a word.
    this.ctl(value === "" ? ["put", key, ""] : ["put", key], { input: value, ...(user ? { user } : {}) });
  }

  /** The revision that etcd is at. */
  revision(): number {
    const status = JSON.parse(this.ctl(["get", "none", "--write-out=json"])) as { header: { revision: number } };
    return status.header.revision;
  }

  /** Waits until one of these members answers. */
  async serving(members: readonly Member[] = this.members): Promise<void> {
    const limit = Date.now() + 15_000;
    const urls = members.map(({ url }) => url);
    for (;;) {
      try {
        this.ctl(["get", "none"], { urls });
        return;
      } catch (error) {
        // With authentication switched on, being refused is an answer, too.
        if (/user name is empty|permission denied/.test(String(error))) return;
        if (Date.now() > limit)
          throw new Error(`etcd does not serve: ${this.member.log.slice(-2000)}`, { cause: error });
        await sleep(30);
      }
    }
  }

  /**
   * Waits until each member answers. With one that is still joining, to lose another would leave no leader, and etcd 3.4
   * then lets the requests that it has wait for 5 s and more.
   */
  async whole(): Promise<void> {
    for (const member of this.members) await this.serving([member]);
  }

  /** Creates root and a reader, and switches authentication on. The reader may read `prefixes`. */
  authenticate(reader: string, password: string, prefixes: readonly string[]): void {
    this.ctl(["user", "add", "root:root-password"]);
    this.ctl(["user", "grant-role", "root", "root"]);
    this.ctl(["role", "add", reader]);
    for (const prefix of prefixes) this.ctl(["role", "grant-permission", reader, "read", "--prefix=true", prefix]);
    this.ctl(["user", "add", `${reader}:${password}`]);
    this.ctl(["user", "grant-role", reader, reader]);
    this.ctl(["auth", "enable"]);
  }

  /** Settings as a container would have them, with a short time-out. */
  settings({
    login,
    client = this.security?.clientCertificates ? this.security.certificates.client : undefined,
    authority = this.security?.certificates.authority,
    ...others
  }: { login?: readonly [string, string]; client?: Pair | undefined; authority?: string } & Record<
    string,
    unknown
  > = {}): EtcdSettings {
    const result = etcdSettings(
      {
        PLINTH_ETCD_ENDPOINTS: this.urls.join(","),
        PLINTH_ETCD_CA: authority,
        PLINTH_ETCD_CERT: client?.certificate,
        PLINTH_ETCD_KEY: client?.key,
        PLINTH_ETCD_USER: login?.[0],
        PLINTH_ETCD_PASSWORD: login?.[1],
        PLINTH_ETCD_TIMEOUT: "5",
        ...(others as Record<string, string>),
      },
      (path) => success(readFileSync(path, "utf8")),
    );
    if (!result.ok || !result.value) throw new Error(JSON.stringify(result));
    return result.value;
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.kill()));
    rmSync(this.#directory, { recursive: true, force: true });
    directories.delete(this.#directory);
  }
}

/** Lays out a cluster without starting it: its addresses are known, nothing listens there. */
export async function layOutEtcd({
  members = 1,
  tls = false,
  clientCertificates = false,
  serverUses,
  flags = {},
}: Layout = {}): Promise<Etcd> {
  const directory = mkdtempSync(join(tmpdir(), "plinth-etcd-"));
  directories.add(directory);
  const ports = await Promise.all(Array.from({ length: members * 2 }, freePort));
  const pairs = Array.from({ length: members }, (_, index): [number, number] => [
    ports[2 * index] as number,
    ports[2 * index + 1] as number,
  ]);
  const cluster = pairs.map(([, peer], index) => `m${index}=http://127.0.0.1:${peer}`).join(",");
  const security =
    tls || clientCertificates
      ? { certificates: makeCertificates(directory, serverUses), clientCertificates }
      : undefined;
  return new Etcd(
    pairs.map((pair, index) => new Member(`m${index}`, directory, cluster, pair, flags, security)),
    directory,
    security,
  );
}

/** @returns a cluster that serves. */
export async function startEtcd(layout: Layout = {}): Promise<Etcd> {
  const etcd = await layOutEtcd(layout);
  for (const member of etcd.members) member.start();
  await etcd.whole();
  return etcd;
}
