import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as httpServer, request, type Server } from "node:http";
import { type Socket, type Server as TcpServer, createServer as tcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { textOf } from "../options/support.ts";
import { swallow } from "../support/namespace.ts";
import { freePort } from "../support/servers.ts";

/** A real HAProxy, with the file that the image renders, before two servers of one API. */

const without = spawnSync("haproxy", ["-v"]).error ? "no haproxy" : false;

type Asked = { readonly method: string; readonly path: string; readonly status: number; readonly ms: number };

/** An API that answers all with 200, and closes each connection as uWSGI does. */
const api = (port: number): Promise<Server> =>
  new Promise((settle) => {
    const server = httpServer((_, answer) => {
      answer.writeHead(200, { connection: "close" });
      answer.end("[]");
    });
    server.listen(port, "127.0.0.1", () => settle(server));
  });

/** Reads nothing of its connections, so that it does not see how they end either. */
const listening = (port: number, each: (socket: Socket) => void): Promise<TcpServer> =>
  new Promise((settle) => {
    const server = tcpServer({ pauseOnConnect: true }, each);
    server.listen(port, "127.0.0.1", () => settle(server));
  });

/** What uWSGI looks like before it has loaded its API: connections are accepted, by the kernel, and nobody answers. */
async function loading(port: number, ms: number): Promise<void> {
  const connections = new Set<Socket>();
  const server = await listening(port, (socket) => connections.add(socket));
  await sleep(ms);
  for (const socket of connections) socket.resetAndDestroy();
  await new Promise((settle) => server.close(settle));
}

/** What a server looks like whose processes take nothing more, while its socket is still there: connections are reset. */
const resetting = (port: number): Promise<TcpServer> => listening(port, (socket) => socket.resetAndDestroy());

const ask = (port: number, method: string, path: string): Promise<Asked> =>
  new Promise((settle) => {
    const began = performance.now();
    const end = (status: number): void => settle({ method, path, status, ms: performance.now() - began });
    const asked = request({ host: "127.0.0.1", port, method, path, agent: false }, (answer) => {
      answer.resume();
      answer.once("end", () => end(answer.statusCode ?? 0));
    });
    asked.once("error", () => end(0));
    asked.end(method === "POST" ? "{}" : undefined);
  });

/** The section of one API, at ports of this machine; and a health frontend that is nobody's else. */
async function configOf(front: number, backs: readonly number[]): Promise<string> {
  const says = [
    "haproxy:",
    "  server:",
    "    bind:",
    "      address: 127.0.0.1",
    `      health_port: ${await freePort()}`,
    "    listen:",
    "      tried:",
    `        port: ${front}`,
    "        servers: [127.0.0.1, 127.0.0.1]",
  ].join("\n");
  const text = textOf({ node: "haproxy-server", says }, "haproxy.cfg");
  const own = text.split(/^(?=listen )/m).find((part) => part.startsWith("listen tried\n")) ?? "";
  let index = 0;
  const moved = own.replaceAll(/^(server \S+) \S+$/gm, (_, name: string) => `${name} 127.0.0.1:${backs[index++]}`);
  assert.equal(index, backs.length, own);
  return `${text.slice(0, text.indexOf("\nfrontend health"))}\n${moved}`;
}

/** The first of two servers. */
type First = {
  readonly port: number;
  readonly close: () => Promise<void>;
  /** Something else takes its port; nobody asks while nothing is there. */
  readonly become: <T>(next: () => Promise<T>) => Promise<T>;
};

/** HAProxy before two servers, the first of which is ended by `end` while requests come. */
async function whileAsked(
  end: (first: First) => Promise<void>,
  each: (front: number, count: number) => readonly Promise<Asked>[],
): Promise<readonly Asked[]> {
  const [front, one, two] = [await freePort(), await freePort(), await freePort()];
  const directory = mkdtempSync(join(tmpdir(), "plinth-haproxy-"));
  writeFileSync(join(directory, "haproxy.cfg"), await configOf(front, [one, two]));
  const [first, second] = await Promise.all([api(one), api(two)]);
  const proxy = spawn("haproxy", ["-db", "-f", join(directory, "haproxy.cfg")], { stdio: "ignore" });
  try {
    for (let tries = 0; (await ask(front, "GET", "/")).status !== 200; tries++) {
      assert.ok(tries < 100, "HAProxy does not answer");
      await sleep(100);
    }
    const answers: Promise<Asked>[] = [];
    let over = false;
    let asks = true;
    const asking = (async () => {
      for (let count = 0; !over; count++) {
        if (asks) answers.push(...each(front, count));
        await sleep(20);
      }
    })();
    const close = (): Promise<void> => new Promise((settle) => first.close(() => settle()));
    const become = async <T>(next: () => Promise<T>): Promise<T> => {
      asks = false;
      await close();
      const after = await next();
      asks = true;
      return after;
    };
    await sleep(500);
    await end({ port: one, close, become });
    over = true;
    await asking;
    return await Promise.all(answers);
  } finally {
    proxy.kill();
    second.close();
    rmSync(directory, { recursive: true });
  }
}

describe("HAProxy before two servers of an API", { skip: without }, () => {
  test("answers every request while one is replaced, and forwards requests with effects only once", async () => {
    const all = await whileAsked(
      async ({ port, become }) => {
        const ending = await become(() => resetting(port));
        await sleep(500);
        ending.close();
        await sleep(3000);
        const again = await api(port);
        await sleep(2500);
        again.close();
      },
      (front, count) => [
        ask(front, "GET", "/v2.1/servers"),
        ...(count % 3 === 0 ? [ask(front, "POST", "/v3/auth/tokens")] : []),
        ...(count % 3 === 1 ? [ask(front, "POST", "/v2.1/servers")] : []),
      ],
    );
    const repeatable = all.filter(({ method, path }) => method === "GET" || path === "/v3/auth/tokens");
    assert.deepEqual(
      repeatable.filter(({ status }) => status !== 200),
      [],
    );
    assert.ok(repeatable.length > 200);
    // Of the others some met the reset, were perhaps begun there, and are not sent again.
    const others = all.filter(({ method, path }) => method === "POST" && path === "/v2.1/servers");
    assert.ok(others.some(({ status }) => status === 502));
  });

  test("sends nothing to one that is replaced until its API is loaded", async () => {
    const all = await whileAsked(
      async ({ port, close }) => {
        await close();
        // From the end of a container to the first socket of the next one: three seconds are usual.
        await sleep(2000);
        await loading(port, 8000);
        const again = await api(port);
        await sleep(2500);
        again.close();
      },
      (front, count) => (count % 10 === 0 ? [ask(front, "GET", "/v2.1/servers")] : []),
    );
    assert.ok(all.length > 40);
    assert.deepEqual(
      all.filter(({ status, ms }) => status !== 200 || ms > 1500),
      [],
    );
  });

  test("answers every request while the address of one is gone, until and after it marks that as down", async () => {
    const all = await whileAsked(
      async ({ port, become }) => {
        // As an address is that is gone with its container: nobody answers.
        const gone = await become(async () => {
          const child = spawn("python3", ["-c", swallow, String(port), "127.0.0.1"], {
            stdio: ["pipe", "pipe", "inherit"],
          });
          await once(child.stdout, "data");
          return child;
        });
        // Three checks, each of which waits for a connection.
        await sleep(20_000);
        gone.kill("SIGKILL");
      },
      (front, count) =>
        count % 5 === 0 ? [ask(front, "GET", "/v2.1/servers"), ask(front, "POST", "/v2.1/servers")] : [],
    );
    assert.deepEqual(
      all.filter(({ status }) => status !== 200),
      [],
    );
    const waited = all.filter(({ ms }) => ms > 1500);
    assert.ok(waited.length > 5, "some met the address that is gone");
    assert.ok(Math.max(...all.map(({ ms }) => ms)) < 8000, "and went to the other server in time");
    const last = all.slice(-20);
    assert.ok(
      last.every(({ ms }) => ms < 1500),
      "none does once it is marked as down",
    );
  });
});
