import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, type Kind, Server, without } from "../support/servers.ts";

/** uWSGI serves a small API as it serves nova's: by the files that a start of nova-controller renders. */

const rendered = (file: string): string => readFileSync(`test/golden/2025.1/nova-controller/etc/nova/${file}`, "utf8");

/**
 * A call of /slow takes a second, one of /slower three, one of /busy about as long of a processor; each says that it was worked on.
 * /keep/KEY/SECONDS/COUNT and /kept/KEY use the cache as keystonemiddleware does. /collector says whether garbage was collected while it was
 * loaded, whether it is now, and whether modules are left out.
 */
const api = `import gc, sys, time
while_loaded = gc.isenabled()
def application(environ, start_response):
    path = environ["PATH_INFO"]
    tokens = environ["plinth.tokens"]
    if path.startswith("/keep/"):
        key, seconds, count = path.split("/")[2:]
        for number in range(int(count)): tokens.set(key + str(number), key.encode(), time=float(seconds))
    if path.startswith("/kept/"):
        start_response("200 OK", [])
        return [tokens.get(path.split("/")[2]) or b"nothing"]
    if path == "/collector":
        start_response("200 OK", [])
        return [repr((while_loaded, gc.isenabled(), gc.get_freeze_count() > 10000)).encode()]
    sys.stderr.write("worked on " + path + "\\n")
    if path.startswith("/slow"): time.sleep(3 if path == "/slower" else 1)
    if path.startswith("/busy"): sum(range(20_000_000))
    start_response("200 OK", [])
    return [b"served"]
`;

const uwsgi = (threads?: number): Kind => ({
  program: "uwsgi",
  debianPackage: "uwsgi-plugin-python3",
  prepare: (directory, port) => {
    const settings = {
      "http-socket": `127.0.0.1:${port}`,
      "wsgi-file": join(directory, "wsgi.py"),
      processes: "1",
      stats: join(directory, "stats.sock"),
      ...(threads === undefined ? {} : { threads: `${threads}` }),
    };
    let ini = rendered("nova-api-uwsgi.ini").replace(/(PLINTH_WSGI)=.*/, `$1=${join(directory, "api.py")}`);
    for (const [name, value] of Object.entries(settings)) {
      ini = ini.replace(new RegExp(`^${name} = .*$`, "m"), `${name} = ${value}`);
    }
    writeFileSync(join(directory, "uwsgi.ini"), ini);
    writeFileSync(join(directory, "wsgi.py"), rendered("wsgi.py"));
    writeFileSync(join(directory, "api.py"), api);
  },
  command: (directory) => ["uwsgi", "--ini", join(directory, "uwsgi.ini")],
});

const skip = without(uwsgi());

const get = async (server: Server, path: string): Promise<number> =>
  (await fetch(`http://127.0.0.1:${server.port}${path}`)).status;

/** Asks, and goes away before there is an answer. */
const askAndLeave = (server: Server, path: string): Promise<void> =>
  new Promise((settle, reject) => {
    const connection = createConnection(server.port, "127.0.0.1", () => {
      connection.end(`GET ${path} HTTP/1.1\r\nHost: api\r\n\r\n`, () => {
        connection.destroy();
        settle();
      });
    });
    connection.once("error", reject);
  });

async function started(kind: Kind): Promise<Server> {
  const server = new Server(kind, await freePort());
  server.start();
  await server.until(() =>
    get(server, "/").then(
      (status) => status === 200,
      () => false,
    ),
  );
  return server;
}

const workedOn = (server: Server, path: string): number => server.log.split(`worked on ${path}\n`).length - 1;

/** CPU time of the master's only worker, in hundredths of a second: utime and stime of proc_pid_stat(5). */
function workerTicks(server: Server): number {
  const worker = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, "utf8").trim();
  const [utime, stime] = readFileSync(`/proc/${worker}/stat`, "utf8").split(") ")[1]?.split(" ").slice(11, 13) ?? [];
  return Number(utime) + Number(stime);
}

const ended = (server: Server, withinMs: number): Promise<void> =>
  server.until(() => server.log.includes("GAME OVER"), withinMs);

describe("an API of uWSGI with one thread that is busy", { skip }, () => {
  let server: Server;
  before(async () => {
    server = await started(uwsgi(1));
  });
  after(() => server?.stop());

  test("skips clients that are gone when their turn comes, and serves the next at once", async () => {
    const slow = get(server, "/slow");
    await server.until(() => workedOn(server, "/slow") === 1);
    for (let count = 0; count < 20; count++) await askAndLeave(server, "/slow/gone");
    const began = performance.now();
    assert.equal(await get(server, "/next"), 200);
    const ms = performance.now() - began;
    assert.equal(await slow, 200);
    assert.ok(ms < 5000, `served after ${ms} ms: twenty seconds is what they would have taken`);
    assert.equal(workedOn(server, "/slow/gone"), 0);
  });

  test("garbage is collected once the API is loaded, and not among its modules", async () => {
    const collector = await fetch(`http://127.0.0.1:${server.port}/collector`);
    assert.equal(await collector.text(), "(False, True, True)");
  });

  test("serves waiting clients, with every method and with a body", async () => {
    const slow = get(server, "/slow");
    await sleep(100);
    const url = `http://127.0.0.1:${server.port}/waiting`;
    const answer = await fetch(url, { method: "POST", body: "x".repeat(1 << 20) });
    assert.equal(await answer.text(), "served");
    assert.equal(await slow, 200);
  });
});

test("an API keeps what keystone said of a token, for its time and of the latest two thousand", { skip }, async () => {
  const server = await started(uwsgi());
  const kept = async (key: string): Promise<string> =>
    (await fetch(`http://127.0.0.1:${server.port}/kept/${key}`)).text();
  try {
    await get(server, "/keep/first/60/1");
    await get(server, "/keep/short/0.5/1");
    // Each is asked by another thread, as those of different clients are.
    assert.deepEqual(await Promise.all(Array.from({ length: 20 }, () => kept("first0"))), Array(20).fill("first"));
    await sleep(600);
    assert.deepEqual([await kept("short0"), await kept("first0")], ["nothing", "first"]);
    await get(server, "/keep/many/60/2000");
    assert.deepEqual([await kept("first0"), await kept("many0"), await kept("many1999")], ["nothing", "many", "many"]);
  } finally {
    await server.stop();
  }
});

test("with the threads that an API has, thirty slow calls do not delay another", { skip }, async () => {
  const server = await started(uwsgi());
  try {
    const slow = Array.from({ length: 30 }, (_, index) => get(server, `/slow/${index}`));
    await server.until(() => workedOn(server, "/slow/29") === 1, 5000);
    assert.equal(await get(server, "/next"), 200);
    const order = server.log.match(/worked on \/next/g);
    assert.equal(order?.length, 1);
    assert.deepEqual(new Set(await Promise.all(slow)), new Set([200]));
  } finally {
    await server.stop();
  }
});

test("uWSGI finishes the running calls on SIGTERM, and then ends", { skip }, async () => {
  const server = await started(uwsgi());
  try {
    const slow = Array.from({ length: 5 }, (_, index) => get(server, `/slow/${index}`));
    await server.until(() => slow.every((_, index) => workedOn(server, `/slow/${index}`) === 1), 5000);
    process.kill(server.pid, "SIGTERM");
    assert.deepEqual(await Promise.all(slow), [200, 200, 200, 200, 200]);
    await server.until(
      () =>
        get(server, "/").then(
          () => false,
          () => true,
        ),
      5000,
    );
  } finally {
    await server.stop();
  }
});

test("uWSGI refuses clients while it finishes, so that a load balancer asks another", { skip }, async () => {
  const server = await started(uwsgi());
  try {
    const slow = get(server, "/slower");
    await server.until(() => workedOn(server, "/slower") === 1, 5000);
    process.kill(server.pid, "SIGTERM");
    const refused = async (): Promise<boolean> =>
      get(server, "/").then(
        () => false,
        (error) => error.cause?.code === "ECONNREFUSED",
      );
    await server.until(refused, 900);
    const before = workerTicks(server);
    await sleep(1000);
    assert.ok(workerTicks(server) - before < 20, "its threads do not try again and again");
    assert.equal(await slow, 200);
    assert.ok(!server.log.includes("accept()"), "and report no error");
  } finally {
    await server.stop();
  }
});

test("uWSGI finishes the running calls on a SIGTERM that comes while it still creates threads", { skip }, async () => {
  const server = new Server(uwsgi(1000), await freePort());
  try {
    server.start();
    const slow = (async () => {
      while (!server.log.includes("spawned uWSGI worker")) await sleep(5);
      return get(server, "/slow");
    })();
    await server.until(() => workedOn(server, "/slow") === 1);
    process.kill(server.pid, "SIGTERM");
    assert.equal(await slow, 200);
    await ended(server, 15_000);
  } finally {
    await server.stop();
  }
});

test("uWSGI ends on SIGTERM while more clients than it has threads let it compute", { skip }, async () => {
  const server = await started(uwsgi(4));
  let isOver = false;
  const client = async (): Promise<void> => {
    while (!isOver) await get(server, "/busy").catch(() => sleep(100));
  };
  const clients = Array.from({ length: 8 }, client);
  try {
    await server.until(() => workedOn(server, "/busy") > 8);
    process.kill(server.pid, "SIGTERM");
    await ended(server, 15_000);
  } finally {
    isOver = true;
    await server.stop();
    await Promise.all(clients);
  }
});

test("uWSGI ends at once on SIGTERM while it still loads the API", { skip }, async () => {
  const server = new Server(uwsgi(), await freePort());
  writeFileSync(join(server.directory, "api.py"), `import time\nprint("loads", flush=True)\ntime.sleep(600)\n`);
  try {
    server.start();
    await server.until(() => server.log.includes("loads"));
    process.kill(server.pid, "SIGTERM");
    await ended(server, 5000);
  } finally {
    await server.stop();
  }
});
