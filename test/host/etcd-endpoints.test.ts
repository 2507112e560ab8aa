import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { askUntil, type SendRequest } from "../../src/host/etcd/endpoints.ts";
import type { EtcdResult } from "../../src/host/etcd/faults.ts";
import type { EtcdEndpoint } from "../../src/overlay/etcd-settings.ts";

const endpoints: EtcdEndpoint[] = ["a", "b", "c"].map((host) => ({
  url: `http://${host}:1`,
  secure: false,
  host,
  port: 1,
}));

/** How an endpoint behaves: milliseconds to its addresses (0 if not said), to the connection and to the answer; the answer, or none. */
type Manner = { named?: number; connects?: number; answers?: number; good?: boolean };

/** Endpoints that behave like this, and a list of what was done to them. */
function players(manners: Readonly<Record<string, Manner>>): { begin: SendRequest<string>; done: string[] } {
  const done: string[] = [];
  const never = new Promise<never>(() => {});
  const begin: SendRequest<string> = ({ host }) => {
    done.push(`ask ${host}`);
    const { named = 0, connects, answers, good = true } = manners[host] ?? {};
    const answer: EtcdResult<string> = good
      ? { ok: true, value: `from ${host}` }
      : { ok: false, fault: { state: "absent", because: "unreachable", reason: `${host} is not there` } };
    let known = named === 0;
    return {
      named: known
        ? Promise.resolve()
        : sleep(named).then(() => {
            known = true;
          }),
      soFar: () => (known ? undefined : { state: "unnamed", because: "unreachable", reason: `${host} is not known` }),
      connected: connects === undefined ? never : sleep(connects),
      outcome: answers === undefined ? never : sleep(answers, answer),
      cancel: () => void done.push(`end ${host}`),
    };
  };
  return { begin, done };
}

const within = (ms: number) => ({ deadline: performance.now() + ms });

async function timed<T>(work: Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const value = await work;
  return [value, performance.now() - start];
}

test("the first endpoint is asked, and no other if it answers", async () => {
  const { begin, done } = players({ a: { connects: 1, answers: 20 } });
  const reached = await askUntil(endpoints, begin, within(5000));
  assert.deepEqual(reached, { ok: true, value: "from a", endpoint: endpoints[0] });
  assert.deepEqual(done, ["ask a", "end a"]);
});

for (const [title, manners, from, least, most] of [
  [
    "an endpoint that refuses is passed over at once",
    { a: { answers: 1, good: false }, b: { connects: 1, answers: 2 } },
    "b",
    0,
    150,
  ],
  ["an endpoint that does not connect costs 0.3 s", { a: {}, b: { connects: 1, answers: 2 } }, "b", 250, 600],
  [
    "an endpoint that connects but hangs costs 1 s",
    { a: { connects: 1 }, b: { connects: 1, answers: 2 } },
    "b",
    900,
    1400,
  ],
  ["two that are gone cost a hedge each", { a: {}, b: {}, c: { connects: 1, answers: 2 } }, "c", 550, 900],
  ["one that is only slow is still waited for", { a: { connects: 1, answers: 1100 }, b: {}, c: {} }, "a", 1000, 1400],
] as const) {
  test(title, async () => {
    const { begin, done } = players(manners);
    const [reached, took] = await timed(askUntil(endpoints, begin, within(8000)));
    assert.ok(reached.ok);
    assert.equal(reached.value, `from ${from}`);
    assert.ok(took >= least && took <= most, `${took} ms`);
    const asked = done.filter((line) => line.startsWith("ask"));
    const ended = done.filter((line) => line.startsWith("end"));
    assert.equal(ended.length, asked.length, "every connection is ended");
  });
}

test("unreachable endpoints are asked until the deadline, with growing pauses", async () => {
  const gone = { answers: 1, good: false };
  const { begin, done } = players({ a: gone, b: gone, c: gone });
  const [reached, took] = await timed(askUntil(endpoints, begin, within(700)));
  assert.ok(!reached.ok);
  assert.deepEqual([...reached.faults.keys()], ["http://a:1", "http://b:1", "http://c:1"]);
  assert.equal(reached.faults.get("http://b:1")?.reason, "b is not there");
  assert.ok(took >= 690 && took < 2000, `${took} ms`);
  const rounds = done.filter((line) => line === "ask a").length;
  assert.ok(rounds > 5 && rounds < 60, `${rounds} rounds`);
});

test("an endpoint that does not answer until the deadline is reported as silent", async () => {
  const { begin } = players({});
  const reached = await askUntil(endpoints.slice(0, 1), begin, within(200));
  assert.ok(!reached.ok);
  assert.equal(reached.faults.get("http://a:1")?.reason, "no answer");
});

test("a slow name lookup gets more time than a connection, and is reported at the end", async () => {
  const { begin } = players({ a: { named: 3500, connects: 3501, answers: 3502 } });
  const one = endpoints.slice(0, 1);
  const early = await askUntil(one, begin, within(200));
  assert.ok(!early.ok);
  assert.deepEqual(early.faults.get("http://a:1"), {
    state: "unnamed",
    because: "unreachable",
    reason: "a is not known",
  });
  assert.ok((await askUntil(one, begin, within(8000))).ok);
});

test("a signal ends the requests at once, and every connection with them", async () => {
  const { begin, done } = players({});
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  const [reached, took] = await timed(askUntil(endpoints, begin, { ...within(8000), signal: controller.signal }));
  assert.equal(reached.ok, false);
  assert.ok(took < 2000, `${took} ms`);
  assert.deepEqual(done, ["ask a", "end a"]);
});
