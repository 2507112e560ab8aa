import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { exitStatus } from "../../src/diagnostics/exit-status.ts";
import { freePort, type Kind, Server, without } from "../support/servers.ts";
import { passwords, reasonOf, shown, tryOnce, waiting } from "./waiting.ts";

const noSecrets = (value: unknown) => {
  for (const password of Object.values(passwords)) assert.ok(!shown(value).includes(password), "a password is shown");
};

/** A question that is answered with a no, and how. */
export type Refusal = {
  readonly title: string;
  readonly url: (port: number) => string;
  readonly says: RegExp;
  /** Waiting cannot change it. */
  readonly hopeless?: true;
};

/**
 * What holds for every kind of server: told once, held by the real one.
 *
 * @param url what to wait for, given the server's port.
 */
export function behavesLikeADependency(
  kind: Kind,
  url: (port: number) => string,
  refusals: readonly Refusal[],
  more: (server: () => Server) => void = () => {},
): void {
  describe(`waiting for a real ${kind.program}`, { skip: without(kind) }, () => {
    let server: Server;
    before(async () => {
      server = new Server(kind, await freePort());
    });
    after(() => server.stop());

    test("that never comes ends at the deadline with status 75 and the last error", async () => {
      // A machine with other work may give this process no processor for half a second.
      const result = await waiting(url(server.port), { deadlineMs: 1500, attemptMs: 5000 }).over;
      assert.ok(!result.ok);
      const [late, ...others] = result.diagnostics;
      assert.ok(late);
      assert.equal(others.length, 0);
      assert.equal(exitStatus[late.failure], 75);
      assert.match(
        late.what,
        /not ready after [1-3]\.\d s \(\d+ tries\); last: connect ECONNREFUSED 127\.0\.0\.1:\d+$/,
      );
      noSecrets(result);
    });

    test("that is started later ends when it serves", async () => {
      const wait = waiting(url(server.port), { attemptMs: 5000 });
      await sleep(300);
      server.start();
      const result = await wait.over;
      assert.ok(result.ok, shown(result));
      assert.equal(wait.states[0], "absent");
      assert.equal(wait.states.at(-1), "ready");
      assert.ok(!wait.states.includes("refused"), shown(wait.changes));
      assert.deepEqual(await tryOnce(url(server.port)), { state: "ready" });
    });

    for (const refusal of refusals) {
      test(refusal.title, async () => {
        const outcome = await tryOnce(refusal.url(server.port));
        assert.equal(outcome.state, refusal.hopeless ? "hopeless" : "refused", shown(outcome));
        assert.match(reasonOf(outcome), refusal.says);
        noSecrets(outcome);
      });
    }

    more(() => server);

    test("that accepts and never answers, is killed, and is started again, ends when it serves again", async () => {
      server.freeze();
      const wait = waiting(url(server.port), { attemptMs: 1000 });
      await wait.until("unready");
      await server.kill();
      await wait.until("absent");
      server.start();
      const result = await wait.over;
      assert.ok(result.ok, shown(result));
      assert.equal(wait.states[0], "unready");
      assert.equal(wait.states.at(-1), "ready");
      noSecrets(wait.changes);
    });
  });
}
