import { spawn, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { machineIndex } from "../../images/index.ts";
import { machineMirrors, setProxies } from "../../images/mirror.ts";
import { type Diagnostic, failure, type Result, success } from "../../src/diagnostics/diagnostic.ts";
import { compiled } from "../../src/openstack/python.ts";
import { lockMessage } from "./messages.ts";

/** How a command ended, and what it printed. */
export type Ended = { readonly status: number; readonly stdout: string; readonly stderr: string };

/** No line of ours names a host: who reads a log need not know where somebody's index is. */
export const withoutHosts = (text: string): string => text.replace(/\bhttps?:\/\/[^\s`'")]+/g, "(the index)");

/** @returns the end of what a command said, without colours and hosts. */
export const tailOf = (text: string, length = 3000): string =>
  withoutHosts(text.trim().slice(-length)).replace(/\x1b\[[0-9;]*m/g, "");

/** The containers that run now: `docker run` ends before its container does, where a signal ends it. */
const running = new Set<string>();

/** Ends the containers of this process, which has been told to end. */
export function endContainers(): void {
  if (running.size > 0) spawnSync("docker", ["kill", ...running], { stdio: "ignore" });
}

/** Runs a container that is gone afterwards. @param words what follows `docker run`. */
export async function runContainer(words: readonly string[], environment = process.env): Promise<Ended> {
  const name = `plinth-lock-${process.pid}-${running.size}`;
  running.add(name);
  try {
    return await docker(["run", "--rm", "--name", name, ...words], environment);
  } finally {
    running.delete(name);
  }
}

function docker(words: readonly string[], environment = process.env): Promise<Ended> {
  return new Promise((ended, failed) => {
    const child = spawn("docker", words, { stdio: ["ignore", "pipe", "pipe"], env: environment });
    const texts = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => (texts.stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (texts.stderr += text));
    child.once("error", failed);
    child.once("close", (status) => ended({ status: status ?? 1, ...texts }));
  });
}

/** The images in which locks are made (`builder`, with a compiler and the network) and tried (`trial`, with neither). */
export type Site = { readonly builder: string; readonly trial: string; readonly cache: string };

/** @param base the image that the release's images stand on. */
export async function prepareSite(base: string): Promise<Result<Site>> {
  const { debian = "", security = "" } = machineMirrors();
  const given = {
    BASE: base,
    DEBIAN_MIRROR: debian,
    DEBIAN_SECURITY_MIRROR: security,
    LIBRARIES: compiled.flatMap(({ libraries }) => libraries).join(" "),
    HEADERS: compiled.flatMap(({ headers }) => headers).join(" "),
  };
  const values = Object.entries(given).flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]);
  const site = { builder: "plinth-lock:builder", trial: "plinth-lock:trial", cache: resolve("build/lock/cache") };
  for (const target of ["trial", "builder"] as const) {
    const words = ["--file", "scripts/lock/Dockerfile", "--target", target, "--tag", site[target], ...values];
    const built = await docker([
      "build",
      ...words,
      ...setProxies().flatMap((name) => ["--build-arg", name]),
      "images/debian-base",
    ]);
    if (built.status !== 0) {
      return failure([lockMessage("engine-failed", { what: `prepare ${base}`, tail: tailOf(built.stderr) })]);
    }
  }
  mkdirSync(site.cache, { recursive: true });
  return success(site);
}

/**
 * Runs a shell script in the builder, as the caller's own account, with uv in its PATH and the network.
 *
 * @param mounts directory of this machine to directory of the container.
 */
export function build(site: Site, script: string, mounts: Readonly<Record<string, string>>): Promise<Ended> {
  const { address, ca } = machineIndex();
  // The engine takes their values from its own environment, so that no process list shows them.
  const index = address === undefined ? {} : { PIP_INDEX_URL: address, UV_DEFAULT_INDEX: address };
  const directories = {
    ...mounts,
    [site.cache]: "/cache",
    [resolve("scripts/lock")]: "/scripts:ro",
    [resolve("images/locks/uv.txt")]: "/uv.txt:ro",
  };
  const install = [
    "set -eu",
    // Made again for another version of uv.
    "tools=/cache/tools-$(sha256sum /uv.txt | cut -c1-12)",
    "[ -x $tools/bin/uv ] || { python3 -m venv $tools && $tools/bin/pip install --quiet --require-hashes --no-deps -r /uv.txt; } >&2",
    "export PATH=$tools/bin:$PATH",
    script,
  ].join("\n");
  const words = [
    ...["--user", `${process.getuid?.()}:${process.getgid?.()}`],
    ...Object.entries(directories).flatMap(([from, to]) => ["--volume", `${from}:${to}`]),
    ...(ca ? ["--volume", `${ca}:/run/ca.crt:ro`] : []),
    ...(ca ? ["SSL_CERT_FILE", "PIP_CERT"] : []).flatMap((name) => ["--env", `${name}=/run/ca.crt`]),
    ...["HOME=/tmp", "UV_CACHE_DIR=/cache/uv", "UV_LINK_MODE=copy", "UV_HTTP_TIMEOUT=60", "UV_NO_PROGRESS=1"].flatMap(
      (one) => ["--env", one],
    ),
    ...[...setProxies(), ...Object.keys(index)].flatMap((name) => ["--env", name]),
    ...["--entrypoint", "/bin/sh", site.builder, "-c", install],
  ];
  return runContainer(words, { ...process.env, ...index });
}

/** @returns why uv failed, as far as what it says tells. */
export function uvProblem(component: string, { stderr }: Ended): Diagnostic {
  const message = { component, tail: tailOf(stderr) };
  if (/No solution found|requirements are unsatisfiable|no version of/i.test(stderr))
    return lockMessage("versions-not-allowed", message);
  if (/hash mismatch|HASHES|Hash mismatch/i.test(stderr)) return lockMessage("hash-differs", message);
  if (/Failed to build|build backend|Build backend/i.test(stderr)) return lockMessage("lock-build-failed", message);
  if (
    /Failed to fetch|Request failed|error sending request|dns error|Could not connect|Connection|timed out|Max retries/i.test(
      stderr,
    )
  ) {
    return lockMessage("index-silent", message);
  }
  return lockMessage("install-failed", message);
}
