import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { binary, withoutBinary } from "../support/plinth.ts";

/** Takes the first question, says so by a file, and never answers. */
const nameServer = `
import socket, sys, time
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
print("bound", flush=True)
server.recvfrom(512)
open(sys.argv[1] + "/asked", "w").close()
time.sleep(10)`;

/** A network and a mount namespace in which that is the only name server. */
const namespaces = `
set -e
ip link set lo up
echo nameserver 127.0.0.1 > "$1/resolv.conf"
mount --bind "$1/resolv.conf" /etc/resolv.conf
# It outlives plinth, and must not hold the pipe that is read here: this file would end with it.
exec 3< <(exec /usr/bin/python3 -c "$2" "$1" 2>/dev/null)
read -r _ <&3
shift 2
exec "$@"`;

const noNamespaces =
  spawnSync("unshare", ["--net", "--mount", "ip", "link"]).status === 0 ? false : "needs root, unshare and iproute2";

describe("leaving while a name server never answers", { skip: noNamespaces || withoutBinary }, () => {
  for (const [title, seconds, signal, expected] of [
    ["on a signal", "60", "SIGTERM", 143],
    ["at the end of the wait", "0.5", undefined, 75],
  ] as const) {
    test(`is done at once ${title}`, async (context) => {
      const directory = mkdtempSync("/tmp/plinth-leave-");
      context.after(() => rmSync(directory, { recursive: true }));
      const words = [binary, "wait", "memcached://db.example:11211", "--timeout", seconds];
      const inside = ["--net", "--mount", "bash", "-c", namespaces, "bash", directory, nameServer, ...words];
      const started = spawn("unshare", inside, { stdio: ["ignore", "ignore", "pipe"] });
      let log = "";
      started.stderr.on("data", (text) => (log += text));
      const end = new Promise<number | null>((settle) => started.on("exit", settle));
      while (!existsSync(`${directory}/asked`)) await sleep(10);
      // From here on a thread is in getaddrinfo(3), and stays there for five seconds.
      const asked = performance.now();
      if (signal) started.kill(signal);
      assert.equal(await end, expected, log);
      const most = signal ? 1000 : 2500;
      assert.ok(performance.now() - asked < most, `${performance.now() - asked} ms`);
    });
  }
});
