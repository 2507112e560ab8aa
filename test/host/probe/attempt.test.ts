import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { attempt } from "../../../src/host/probe/attempt.ts";
import type { Outcome } from "../../../src/wait/probe.ts";
import { probeFromUrl } from "../../../src/wait/url.ts";
import { freePort } from "../../support/servers.ts";

/** One try, and how long it took. */
async function tryOnce(url: string, signal = AbortSignal.timeout(3000)): Promise<{ outcome: Outcome; ms: number }> {
  const read = probeFromUrl(url, () => "geheim");
  assert.ok(read.ok, JSON.stringify(read));
  const began = performance.now();
  const outcome = await attempt(read.value, signal);
  return { outcome, ms: performance.now() - began };
}

const urls = (address: string): readonly string[] => [
  `memcached://${address}`,
  `http://${address}/`,
  `etcd://${address}`,
  `mysql://nova:$PASSWORD@${address}/nova`,
  `amqp://nova:$PASSWORD@${address}/`,
];

const reasonOf = (outcome: Outcome): string => (outcome.state === "ready" ? "" : outcome.reason);

/** A listener that does one thing to everybody who connects. */
async function listener(
  title: string,
  greet: (socket: Socket) => void,
  check: (address: string) => void,
): Promise<void> {
  const port = await freePort();
  describe(title, () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      greet(socket);
    });
    before(() => once(server.listen(port, "127.0.0.1"), "listening"));
    after(() => {
      server.close();
    });
    check(`127.0.0.1:${port}`);
  });
}

await listener(
  "a proxy before a dead server, which accepts and hangs up, is not ready",
  (socket) => socket.destroy(),
  (address) => {
    for (const url of urls(address)) {
      test(url, async () => {
        const { outcome } = await tryOnce(url);
        assert.equal(outcome.state, "unready", JSON.stringify(outcome));
      });
    }
  },
);

await listener(
  "a proxy that resets the connection is not ready",
  (socket) => socket.resetAndDestroy(),
  (address) => {
    for (const url of urls(address)) {
      test(url, async () => {
        const { outcome } = await tryOnce(url);
        assert.equal(outcome.state, "unready", JSON.stringify(outcome));
      });
    }
  },
);

await listener(
  "a server that accepts and says nothing is not ready, and is left as soon as time is up",
  () => {},
  (address) => {
    for (const url of urls(address)) {
      test(url, async () => {
        const stop = new AbortController();
        const timer = setTimeout(() => stop.abort(new Error("no answer within 0.2 s")), 200);
        const { outcome, ms } = await tryOnce(url, stop.signal);
        clearTimeout(timer);
        assert.equal(outcome.state, "unready");
        assert.match(reasonOf(outcome), /no answer within 0\.2 s$/);
        assert.ok(ms < 400, `${ms} ms`);
      });
    }
  },
);

await listener(
  "a server of another protocol will not do",
  (socket) => {
    socket.on("data", () => {});
    socket.write("SSH-2.0-OpenSSH_9.2p1 and so on, and so on, and so on, and so on\r\n");
  },
  (address) => {
    for (const url of urls(address)) {
      test(url, async () => {
        const { outcome } = await tryOnce(url);
        assert.equal(outcome.state, "hopeless", JSON.stringify(outcome));
        // A port may change hands while machines start.
        assert.equal("doubt" in outcome && outcome.doubt, true);
      });
    }
  },
);

describe("an address where nobody is", () => {
  for (const url of [...urls("127.0.0.1:1"), "tcp://127.0.0.1:1", "tcp://[::1]:1"]) {
    test(`is absent: ${url}`, async () => {
      const { outcome } = await tryOnce(url);
      assert.equal(outcome.state, "absent");
      assert.match(reasonOf(outcome), /ECONNREFUSED|EADDRNOTAVAIL/);
    });
  }
  for (const url of [...urls("nobody.invalid:1234"), "tcp://nobody.invalid:1"]) {
    test(`is unnamed when its name is not known: ${url}`, async () => {
      const { outcome } = await tryOnce(url);
      assert.equal(outcome.state, "unnamed", JSON.stringify(outcome));
      assert.match(reasonOf(outcome), /nobody\.invalid/);
    });
  }
});

test("an address that swallows connection requests is given up after a second", async () => {
  // A listener that never accepts, with its queue full: the kernel drops what comes.
  const swallow = `
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(0)
c = [socket.socket() for _ in range(3)]
for one in c:
    one.setblocking(False); one.connect_ex(s.getsockname())
print(s.getsockname()[1], flush=True); sys.stdin.read()`;
  const child = spawn("python3", ["-c", swallow], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const address = `127.0.0.1:${String(line).trim()}`;
    for (const url of [`tcp://${address}`, ...urls(address)]) {
      const { outcome, ms } = await tryOnce(url);
      assert.deepEqual(outcome, { state: "absent", reason: "no answer within 1 s" }, url);
      assert.ok(ms > 900 && ms < 1300, `${ms} ms`);
    }
  } finally {
    child.kill();
  }
});

describe("a file", () => {
  const folder = mkdtempSync(join(tmpdir(), "plinth-file-"));
  after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "empty"), "");
  writeFileSync(join(folder, "full"), "x");
  for (const [name, state] of [
    ["full", "ready"],
    ["", "ready"],
    ["empty", "unready"],
    ["none", "absent"],
    ["full/none", "absent"],
  ] as const) {
    test(`${name || "that is a folder"} is ${state}`, async () => {
      assert.equal((await tryOnce(`file://${join(folder, name)}`)).outcome.state, state);
    });
  }
});
