import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { describe, test } from "node:test";

const child = new URL("leave-child.ts", import.meta.url).pathname;

/** A network and a mount namespace in which the only name server never answers. */
const silentNameServer = `
set -e
ip link set lo up
echo nameserver 127.0.0.1 > "$1/resolv.conf"
mount --bind "$1/resolv.conf" /etc/resolv.conf
exec 3< <(/usr/bin/python3 -c 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 53)); print("bound", flush=True); time.sleep(5)')
read -r _ <&3
shift
exec "$@"`;

const noNamespaces =
  spawnSync("unshare", ["--net", "--mount", "ip", "link"]).status === 0 ? false : "needs root, unshare and iproute2";

/** Starts words, sends SIGTERM once they wait. @returns status and milliseconds until the end. */
async function leaving(program: string, words: readonly string[]) {
  const started = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] });
  await once(started.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, 100));
  const began = performance.now();
  started.kill("SIGTERM");
  const [status] = await once(started, "exit");
  return { status, ms: performance.now() - began };
}

describe("leaving", () => {
  test("ends the process at once with the status", async () => {
    const { status, ms } = await leaving(process.execPath, [child, "quiet"]);
    assert.equal(status, 143);
    assert.ok(ms < 100, `${ms} ms`);
  });

  test("does not wait for a name server that never answers", { skip: noNamespaces }, async (context) => {
    const { mkdtempSync, rmSync } = await import("node:fs");
    const folder = mkdtempSync("/tmp/plinth-leave-");
    context.after(() => rmSync(folder, { recursive: true }));
    const inside = ["--net", "--mount", "bash", "-c", silentNameServer, "bash", folder, process.execPath, child];
    const { status, ms } = await leaving("unshare", inside);
    assert.equal(status, 143);
    assert.ok(ms < 200, `${ms} ms`);
  });
});
