import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { NameServers } from "./name-server.ts";
import { binary, type Ended, logOf } from "./plinth.ts";

/** Why tests in a network of their own cannot run here, or false. On CI nothing is skipped: there they run and fail. */
export const withoutNamespaces: string | false =
  process.env["CI"] === undefined && spawnSync("unshare", ["--net", "--mount", "true"]).status !== 0
    ? "needs root and unshare (Debian: util-linux)"
    : false;

/**
 * Addresses that swallow every request for a connection to port 80. They are local like those of `hosts`: so getaddrinfo(3),
 * which puts near addresses first (RFC 6724), leaves all in the order in which they are written.
 */
const deafCount = 40;
export const deaf = (index: number): string => `10.9.1.${100 + index}`;
export const deaf6 = "fd00:9::100";

const allDeaf = [...Array.from({ length: deafCount }, (_, index) => deaf(index)), deaf6];

/** For Python, with a port and addresses: queues that nobody accepts from, and that are full. The kernel drops what comes. */
export const swallow = `
import socket, sys
kept = []
port = int(sys.argv[1])
for address in sys.argv[2:]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.socket(family); server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port)); server.listen(0); kept.append(server)
    for _ in range(3):
        one = socket.socket(family); one.setblocking(False); one.connect_ex((address, port)); kept.append(one)
print("deaf", flush=True); sys.stdin.read()`;

/** Name servers may be at these. */
export const nameServers = ["10.9.0.53", "10.9.0.54", "10.9.0.55"] as const;

/** Somebody may listen at these. */
export const hosts = ["10.9.0.1", "10.9.0.2", "fd00:9::1"] as const;

const listener = `
const { createServer } = require("node:net");
for (const address of ${JSON.stringify(hosts)}) createServer((socket) => socket.on("error", () => {}).resume()).listen(80, address);
console.log("listening");
`;

/**
 * A network of its own, with its own resolv.conf and hosts. At `hosts` somebody listens on port 80; nobody on any other port.
 */
export class Namespace {
  readonly #directory = mkdtempSync(join(tmpdir(), "plinth-net-"));
  readonly #children: ChildProcess[] = [];
  #holder = "";

  async open(): Promise<void> {
    const directory = this.#directory;
    this.write({});
    writeFileSync(join(directory, "nsswitch.conf"), "hosts: files dns\n");
    writeFileSync(join(directory, "servers.json"), "{}");
    const lines = [
      "ip link set lo up",
      ...[...nameServers, ...hosts, ...allDeaf].map(
        (address) => `ip addr add ${address} dev lo${address.includes(":") ? " nodad" : ""}`,
      ),
      ...["resolv.conf", "hosts", "nsswitch.conf"].map((file) => `mount --bind ${join(directory, file)} /etc/${file}`),
      "echo ready",
      "exec cat",
    ];
    const holder = spawn("unshare", ["--net", "--mount", "--propagation", "private", "sh", "-ec", lines.join("\n")], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#children.push(holder);
    this.#holder = `${holder.pid}`;
    await once(holder.stdout, "data");
    const [listening, swallowing] = [
      this.#run([process.execPath, "-e", listener]),
      this.#run(["python3", "-c", swallow, "80", ...allDeaf]),
    ];
    for (const child of [listening, swallowing]) if (child.stdout) await once(child.stdout, "data");
  }

  /** Runs a program in here. */
  #run(words: readonly string[]): ChildProcess {
    const child = spawn("nsenter", ["--target", this.#holder, "--net", "--mount", ...words], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#children.push(child);
    return child;
  }

  /** Writes resolv.conf and hosts, in place, as Docker does it. */
  write({ resolv = "", names = {} }: { resolv?: string; names?: Readonly<Record<string, readonly string[]>> }): void {
    const lines = Object.entries(names).flatMap(([name, addresses]) => addresses.map((each) => `${each} ${name}\n`));
    writeFileSync(join(this.#directory, "resolv.conf"), resolv);
    writeFileSync(join(this.#directory, "hosts"), lines.join(""));
  }

  /** Starts name servers, or lets those that run behave otherwise. */
  async serve(servers: NameServers): Promise<void> {
    writeFileSync(join(this.#directory, "servers.json"), JSON.stringify(servers));
    if (this.#servesAt.size > 0) return;
    for (const address of Object.keys(servers)) this.#servesAt.add(address);
    const child = this.#run([
      process.execPath,
      resolve("test/support/name-server.ts"),
      join(this.#directory, "servers.json"),
    ]);
    if (child.stdout) await once(child.stdout, "data");
  }
  readonly #servesAt = new Set<string>();

  /** Runs plinth in here. @returns how it ended, and after how many milliseconds. */
  plinth(words: readonly string[], env: Readonly<Record<string, string>> = {}): Run {
    const began = performance.now();
    const child = spawn("nsenter", ["--target", this.#holder, "--net", "--mount", binary, ...words], {
      env: { PATH: process.env["PATH"] ?? "/usr/bin:/bin", PLINTH_LOG_FORMAT: "json", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => (stdout += text));
    child.stderr.on("data", (text) => (stderr += text));
    const ended = once(child, "close").then(([status]) => ({
      status: status as number | null,
      stdout,
      stderr,
      log: logOf(stderr),
      ms: performance.now() - began,
    }));
    return { child, ended, stderr: () => stderr };
  }

  close(): void {
    for (const child of this.#children.reverse()) child.kill("SIGKILL");
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export type Run = {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended & { readonly ms: number }>;
  readonly stderr: () => string;
};
