/** plinth keep beside an engine that a server at a Unix socket plays: test/e2e/keeper.test.ts has a real one. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { logOf, plinth, plinthRunning, workDirectory } from "../support/plinth.ts";

const work = workDirectory();

/** A container as the engine's API tells of it. */
const container = (id: string, state: object, network = "bridge") => ({
  Id: id,
  Name: `/${id}`,
  Config: { Labels: { "com.docker.compose.project": "cloud" } },
  State: { Status: "running", StartedAt: "2026-01-01T00:00:00Z", Error: "", ...state },
  HostConfig: {
    ...{ NetworkMode: network, PidMode: "", IpcMode: "private" },
    RestartPolicy: { Name: "unless-stopped" },
  },
});

/** Plays the engine: `refusals` starts fail before one works. @returns what it was asked to do. */
function engine(socket: string, containers: Record<string, ReturnType<typeof container>>, refusals: number) {
  const asked: string[] = [];
  let left = refusals;
  const server = createServer(({ method = "", url = "" }, answer) => {
    const [, id = "", what] = /^\/containers\/([^/?]+)(?:\/(\w+))?/.exec(url) ?? [];
    const one = containers[id];
    if (id === "json") return answer.end(JSON.stringify([...Object.keys(containers), "gone"].map((Id) => ({ Id }))));
    if (!one) return answer.writeHead(404).end("no such container");
    if (method === "GET") return answer.end(JSON.stringify(one));
    asked.push(`${what} ${id}`);
    if (left-- > 0) return answer.writeHead(500).end("the id is taken");
    containers[id] = container(id, { StartedAt: "2026-01-03T00:00:00Z" }, one.HostConfig.NetworkMode);
    return answer.writeHead(204).end();
  });
  server.listen(socket);
  return { server, asked };
}

/** Waits until the log has a line that the pattern matches. */
async function seen(stderr: () => string, pattern: RegExp): Promise<void> {
  const deadline = Date.now() + 30_000;
  while (!pattern.test(stderr())) {
    assert.ok(Date.now() < deadline, `${pattern} is not in ${stderr()}`);
    await sleep(50);
  }
}

describe("plinth keep", () => {
  test("starts what the engine gave up, restarts what shares old namespaces, and reports an engine that is away", async () => {
    const socket = join(work, "engine.sock");
    const { server, asked } = engine(
      socket,
      {
        holder: container("holder", { StartedAt: "2026-01-02T00:00:00Z" }),
        guest: container("guest", {}, "container:holder"),
        failed: container("failed", { Status: "exited", Error: "the id is taken" }),
        stopped: container("stopped", { Status: "exited" }),
      },
      2,
    );
    const { child, ended, stderr } = plinthRunning(["keep", "--project", "cloud", "--socket", socket]);
    await seen(stderr, /failed is started/);
    await seen(stderr, /guest is restarted/);
    assert.match(stderr(), /failed cannot be started: .*HTTP status 500: the id is taken/);
    assert.match(stderr(), /guest cannot be restarted: /);
    assert.deepEqual([...new Set(asked)].sort(), ["restart guest", "start failed"]);

    server.closeAllConnections();
    server.close();
    await seen(stderr, /"engine-silent"/);
    child.kill("SIGTERM");
    await Promise.race([once(child, "close"), ended]);
    const silent = logOf(stderr()).filter(({ code }) => code === "engine-silent");
    assert.equal(silent.length, 1, "an engine that is away is reported once");
  });

  test("outside of a container needs the name of a project", () => {
    const { status, log } = plinth(["keep", "--socket", join(work, "none.sock")]);
    assert.equal(log[0]?.code, "project-unknown");
    assert.notEqual(status, 0);
  });
});
