import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { binary } from "../support/plinth.ts";

/** A network and a mount namespace in which the only name server never answers. */
const silentNameServer = `
set -e
ip link set lo up
echo nameserver 127.0.0.1 > "$1/resolv.conf"
mount --bind "$1/resolv.conf" /etc/resolv.conf
exec 3< <(exec /usr/bin/python3 -c 'import socket, time; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(("127.0.0.1", 53)); print("bound", flush=True); time.sleep(5)')
read -r _ <&3
shift
exec "$@"`;

const noNamespaces =
  spawnSync("unshare", ["--net", "--mount", "ip", "link"]).status === 0 ? false : "needs root, unshare and iproute2";

describe("leaving while a name server never answers", { skip: noNamespaces }, () => {
  for (const [title, seconds, signal, expected] of [
    ["on a signal", "60", "SIGTERM", 143],
    ["at the end of the wait", "0.5", undefined, 75],
  ] as const) {
    test(`is done at once ${title}`, async (context) => {
      const folder = mkdtempSync("/tmp/plinth-leave-");
      context.after(() => rmSync(folder, { recursive: true }));
      const words = [binary, "wait", "memcached://db.example:11211", "--timeout", seconds];
      const inside = ["--net", "--mount", "bash", "-c", silentNameServer, "bash", folder, ...words];
      const started = spawn("unshare", inside, { stdio: ["ignore", "inherit", "pipe"] });
      let log = "";
      started.stderr.on("data", (text) => (log += text));
      const end = new Promise<number | null>((settle) => started.on("exit", settle));
      const began = performance.now();
      if (signal) {
        await sleep(700);
        started.kill(signal);
      }
      const sent = performance.now();
      assert.equal(await end, expected, log);
      if (signal) assert.ok(performance.now() - sent < 200, `${performance.now() - sent} ms`);
      else assert.ok(performance.now() - began < 2000, `${performance.now() - began} ms`);
    });
  }
});
