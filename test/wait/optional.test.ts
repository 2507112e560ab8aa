import assert from "node:assert/strict";
import { test } from "node:test";
import { clock } from "../../src/host/clock.ts";
import { pollOptional } from "../../src/wait/optional.ts";
import { type Attempt, target } from "../../src/wait/probe.ts";

const cache = (host: string) => target({ kind: "memcached", host, port: 11211 });
const from = (attempt: Attempt) => ({ deadlineMs: 60_000, clock, attempt });

test("a missing optional dependency is detected at once, and a warning says so", async () => {
  const began = clock.now();
  const beside = pollOptional(
    [cache("a"), cache("b")],
    from(async ({ name }) =>
      name.includes("a:") ? { state: "ready" } : { state: "absent", reason: "connection refused" },
    ),
    5000,
  );
  await beside.heard;
  assert.ok(clock.now() - began < 1000, "the first answer ends the waiting before the timeout");
  const [warning, ...more] = beside.end();
  assert.deepEqual(more, []);
  assert.equal(warning?.severity, "warning");
  assert.equal(warning?.what, "the service starts without memcached b:11211: connection refused");
});

test("an optional dependency that never answers delays a start by the first-answer timeout only", async () => {
  const silent: Attempt = (_, signal) =>
    new Promise((resolve) =>
      signal.addEventListener("abort", () => resolve({ state: "absent", reason: String(signal.reason) })),
    );
  const began = clock.now();
  const beside = pollOptional([cache("a")], from(silent), 200);
  await beside.heard;
  assert.ok(clock.now() - began >= 190 && clock.now() - began < 2000);
  assert.deepEqual(
    beside.end().map(({ code }) => code),
    ["dependency-spared"],
  );
});

test("a dependency that appears before the others are ready needs no warning", async () => {
  let tries = 0;
  const late: Attempt = async () => (tries++ < 3 ? { state: "absent", reason: "not yet" } : { state: "ready" });
  const { promise, resolve } = Promise.withResolvers<void>();
  const limits = { ...from(late), onChange: ({ state }: { state: string }) => state === "ready" && resolve() };
  const beside = pollOptional([cache("a")], limits, 100);
  await promise;
  assert.deepEqual(beside.end(), []);
});
