import { spawn, spawnSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join, resolve } from "node:path";
import { type Deployment, guestImage } from "../deployment.ts";
import { until } from "./ensure.ts";
import { addresses } from "./network.ts";
import { keyFile } from "./servers.ts";

export const configFile = (directory: string): string => join(directory, "ssh_config");

/**
 * Writes how `ssh` reaches the servers: the first one by its floating address, the second one through the first. The host keys of
 * servers that are made again and again are worth no memory. A session that the network has lost ends after nine seconds: TCP
 * doubles the time between two attempts, so that it hangs as long again as the network was away.
 */
export function writeConfig(directory: string, floating: string): void {
  const text = `Host demo-1
  HostName ${floating}
Host demo-2
  HostName ${addresses[1]}
  ProxyCommand ssh -F ${resolve(configFile(directory))} -W %h:%p demo-1
Host *
  User root
  IdentityFile ${resolve(keyFile(directory))}
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
  ConnectTimeout 10
  ServerAliveInterval 3
  ServerAliveCountMax 3
`;
  writeFileSync(configFile(directory), text);
}

/** The client's words: this machine's own, or that of the guest's image in this machine's network. */
export function sshWords(deployment: Deployment, directory: string, interactive: boolean): readonly string[] {
  const { error } = spawnSync("ssh", ["-V"], { stdio: "ignore" });
  if (!error) return ["ssh", "-F", configFile(directory)];
  const here = resolve(directory);
  const mount = ["--volume", `${here}:${here}:ro`];
  return [
    ...[deployment.engine, "run", "--rm", interactive ? "-it" : "-i", "--network", "host", ...mount],
    ...[guestImage(deployment), "ssh", "-F", configFile(here)],
  ];
}

/** Waits until something takes a connection at a port. */
export const answering = (address: string, port: number, seconds: number): Promise<true> =>
  until(
    `${address} to take a connection at port ${port}`,
    () =>
      new Promise<true | undefined>((settle) => {
        const socket = connect({ host: address, port, timeout: 2000 });
        const end = (value: true | undefined): void => {
          socket.destroy();
          settle(value);
        };
        socket.once("connect", () => end(true));
        socket.once("timeout", () => end(undefined));
        socket.once("error", () => end(undefined));
      }),
    seconds,
  );

/** Runs a command in a server. @returns what it printed. Throws with what ssh said. */
export function inServer(words: readonly string[], server: string, command: string): Promise<string> {
  const [program = "", ...rest] = words;
  return new Promise((settle, reject) => {
    const child = spawn(program, [...rest, server, command], { stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (part: Buffer) => out.push(part));
    child.stderr.on("data", (part: Buffer) => err.push(part));
    child.once("error", reject);
    child.once("close", (status) => {
      const said = Buffer.concat(err).toString().trim();
      if (status === 0) settle(Buffer.concat(out).toString());
      else reject(new Error(`ssh ${server} ${command}: ended with ${status}: ${said}`));
    });
  });
}

/** The name servers of this machine that a server can ask, too: none of those that listen for this machine only. */
export function nameServers(read: (file: string) => string): readonly string[] {
  // The second is where systemd-resolved keeps those that it asks itself.
  for (const file of ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"]) {
    if (!existsSync(file)) continue;
    const all = [...read(file).matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map(([, address = ""]) => address);
    // neutron takes no address twice, and five at most (max_dns_nameservers).
    const useful = new Set(all.filter((address) => !address.startsWith("127.") && address !== "0.0.0.0"));
    if (useful.size > 0) return [...useful].slice(0, 5);
  }
  return [];
}
