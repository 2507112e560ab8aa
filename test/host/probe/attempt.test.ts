import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { attempt } from "../../../src/host/probe/attempt.ts";
import { longText, methodFrame, methods, short, shortText } from "../../../src/host/protocol/amqp-frames.ts";
import { type Outcome, target } from "../../../src/wait/probe.ts";
import { probeFromUrl } from "../../../src/wait/url.ts";
import { makeCertificates } from "../../support/certificates.ts";
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

/** A broker that begins a login, and answers this to what it then gets. */
async function tryBroker(mechanisms: string, answer: Buffer): Promise<{ outcome: Outcome }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    const start = methodFrame(
      methods.start,
      Buffer.from([0, 9]),
      longText(""),
      longText(mechanisms),
      longText("en_US"),
    );
    socket.once("data", () => {
      socket.once("data", () => socket.write(answer));
      socket.write(start);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    return await tryOnce(`amqp://nova:$PASSWORD@127.0.0.1:${(server.address() as AddressInfo).port}/x`);
  } finally {
    server.close();
  }
}

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
        assert.ok(ms < 900, `${ms} ms`);
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

describe("a port that speaks TLS", () => {
  const directory = mkdtempSync(join(tmpdir(), "plinth-tls-"));
  const server = createSecureServer((_, response) => response.end("{}"));
  let address = "";
  before(async () => {
    const { server: pair } = makeCertificates(directory);
    server.setSecureContext({ cert: readFileSync(pair.certificate), key: readFileSync(pair.key) });
    await once(server.listen(0, "127.0.0.1"), "listening");
    address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.close();
    rmSync(directory, { recursive: true });
  });
  for (const scheme of ["memcached://", "http://", "etcd://", "amqp://nova:$PASSWORD@"]) {
    test(`does not satisfy ${scheme}, and waiting ends`, async () => {
      const { outcome } = await tryOnce(`${scheme}${address}/`);
      assert.equal(outcome.state, "hopeless", JSON.stringify(outcome));
      assert.match(reasonOf(outcome), /TLS/);
      assert.ok(!("doubt" in outcome));
    });
  }
  test("satisfies https", async () => {
    assert.equal((await tryOnce(`https://${address}/`)).outcome.state, "ready");
  });
});

test("a port without TLS does not satisfy https", async () => {
  const server = createHttpServer((_, response) => response.end());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { outcome } = await tryOnce(`https://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  server.close();
  assert.equal(outcome.state, "hopeless", JSON.stringify(outcome));
});

test("the message for a redirect names its target without what may be a token", async () => {
  const headers = { location: "https://login.example/start?token=abc" };
  const server = createHttpServer((_, response) => response.writeHead(302, headers).end());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { outcome } = await tryOnce(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v3#expect=200`);
  server.close();
  const reason = "HTTP status 302 (it sends on to https://login.example/start), not 200";
  assert.deepEqual(outcome, { state: "refused", reason });
});

describe("an invalid host ends the waiting", () => {
  const login = { user: "nova", password: "geheim" };
  for (const host of ["db:3306", "http://db", "db/nova", "nova@db", "d b", ""]) {
    for (const one of [
      target({ kind: "tcp", host, port: 80 }),
      target({ kind: "mysql", host, port: 80, ...login, database: "nova", schema: false }),
      target({ kind: "http", url: `http://${host.includes(":") ? `[${host}]` : host}:80/v3`, expect: [200] }),
    ]) {
      test(one.name, async () => {
        const outcome = await attempt(one, AbortSignal.timeout(3000));
        // What a URL makes of these may be a host, which is not there.
        const states = one.kind === "http" ? ["hopeless", "unnamed", "absent"] : ["hopeless"];
        assert.ok(states.includes(outcome.state), JSON.stringify(outcome));
      });
    }
  }
  test("must be given without its port", async () => {
    const outcome = await attempt(target({ kind: "tcp", host: "db:3306", port: 80 }), AbortSignal.timeout(3000));
    assert.match(
      "fix" in outcome ? outcome.fix : "",
      /give the host alone \(db\): the port \(3306\) is a setting of its own/,
    );
  });
});

describe("a broker's own words", () => {
  for (const [title, answer, state, says] of [
    ["of a virtual host that is down", [541, "INTERNAL_ERROR - vhost 'x' is down"], "unready", /is down/],
    ["of a limit", [530, "NOT_ALLOWED - connection limit (10) is reached"], "unready", /limit/],
    ["of a virtual host that does not exist", [530, "NOT_ALLOWED - vhost x not found"], "refused", /not found \(530\)/],
    ["of a login that is refused", [403, "ACCESS_REFUSED - Login was refused"], "refused", /login of user nova/],
  ] as const) {
    test(`${title} are reported`, async () => {
      const [code, text] = answer;
      const closing = methodFrame(methods.close, short(code), shortText(text), short(0), short(0));
      const { outcome } = await tryBroker("PLAIN AMQPLAIN", closing);
      assert.equal(outcome.state, state);
      assert.match(reasonOf(outcome), says);
    });
  }
  test("that are truncated are not AMQP", async () => {
    const { outcome } = await tryBroker("PLAIN", methodFrame(methods.tune, short(1)));
    assert.equal(outcome.state, "hopeless", JSON.stringify(outcome));
    assert.match(reasonOf(outcome), /answer ends before it is whole/);
  });
  test("that reject the password mechanism end the waiting", async () => {
    const { outcome } = await tryBroker("EXTERNAL ANONYMOUS", Buffer.alloc(0));
    assert.equal(outcome.state, "hopeless");
    assert.match(reasonOf(outcome), /offers EXTERNAL, ANONYMOUS only/);
  });
});

describe("libvirtd", () => {
  const reply = (asked: Buffer, status: number): Buffer => {
    const bytes = Buffer.from(asked.subarray(0, 28));
    bytes.writeUInt32BE(28, 0);
    bytes.writeUInt32BE(1, 16);
    bytes.writeUInt32BE(status, 24);
    return bytes;
  };
  for (const [title, answer, state] of [
    ["that answers and closes is ready", (socket: Socket, asked: Buffer) => socket.end(reply(asked, 0)), "ready"],
    ["that answers with an error and closes is there, too", (socket, asked) => socket.end(reply(asked, 1)), "ready"],
    ["that closes without an answer is not ready", (socket) => socket.end(), "unready"],
    ["that closes in the middle of it is not ready", (socket, asked) => socket.end(asked.subarray(0, 12)), "unready"],
    ["that answers and stays is not ready", (socket, asked) => socket.write(reply(asked, 0)), "unready"],
    ["that speaks another protocol will not do", (socket) => socket.end("SSH-2.0-OpenSSH"), "hopeless"],
  ] as readonly (readonly [string, (socket: Socket, asked: Buffer) => void, string])[]) {
    test(title, async () => {
      const server = createServer((socket) => socket.on("data", (asked) => answer(socket, asked)));
      await once(server.listen(0, "127.0.0.1"), "listening");
      const { port } = server.address() as AddressInfo;
      const outcome = await attempt(target({ kind: "libvirt", host: "127.0.0.1", port }), AbortSignal.timeout(400));
      server.close();
      assert.equal(outcome.state, state, JSON.stringify(outcome));
    });
  }
});

describe("an address without a listener", () => {
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

test("an address that drops connection requests is given up after a second", async () => {
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
      assert.ok(ms > 900 && ms < 3000, `${ms} ms`);
    }
  } finally {
    child.kill();
  }
});

describe("a file", () => {
  const directory = mkdtempSync(join(tmpdir(), "plinth-file-"));
  after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "empty"), "");
  writeFileSync(join(directory, "full"), "x");
  for (const [name, state] of [
    ["full", "ready"],
    ["", "ready"],
    ["empty", "unready"],
    ["none", "absent"],
    ["full/none", "absent"],
  ] as const) {
    test(`${name || "that is a directory"} is ${state}`, async () => {
      assert.equal((await tryOnce(`file://${join(directory, name)}`)).outcome.state, state);
    });
  }
});

describe("room", () => {
  for (const [title, path, mebibytes, state] of [
    ["there is enough", tmpdir(), 1, "ready"],
    ["there is less than is wanted", tmpdir(), 2 ** 40, "unready"],
    ["the file system has none", "/proc", 1, "unready"],
    ["the path is not there", "/no/such/path", 1, "refused"],
  ] as const) {
    test(`${title}: ${state}`, async () => {
      const wanted = target({ kind: "space", path, mebibytes });
      const outcome = await attempt(wanted, AbortSignal.timeout(1000));
      assert.equal(outcome.state, state);
      if (state === "unready") assert.match(reasonOf(outcome), /^no space is left: \d+ MiB are free, \d+ are wanted$/);
    });
  }
});
