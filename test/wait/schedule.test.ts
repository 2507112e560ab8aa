import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Change, changeText } from "../../src/wait/change.ts";
import { pauseAfter } from "../../src/wait/pace.ts";
import { type Attempt, anyOf, type Outcome, type Target, target } from "../../src/wait/probe.ts";
import { awaitAll, type Clock } from "../../src/wait/schedule.ts";

/** A clock that jumps to the next timer as soon as nothing else is left to do. */
function jumpingClock(random = 0.5): Clock & { readonly run: <T>(work: Promise<T>) => Promise<T> } {
  let now = 0;
  const timers: { at: number; run: () => void }[] = [];
  const after = (ms: number, run: () => void) => {
    const timer = { at: now + ms, run };
    timers.push(timer);
    return () => {
      const index = timers.indexOf(timer);
      if (index >= 0) timers.splice(index, 1);
    };
  };
  return {
    now: () => now,
    after,
    random: () => random,
    run: async (work) => {
      let over = false;
      const done = work.finally(() => {
        over = true;
      });
      done.catch(() => {});
      while (true) {
        for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
        if (over) return done;
        const next = timers.toSorted((one, other) => one.at - other.at)[0];
        assert.ok(next, "everybody waits and nobody will wake them");
        timers.splice(timers.indexOf(next), 1);
        now = next.at;
        next.run();
      }
    },
  };
}

const tcp = (port: number): Target => target({ kind: "tcp", host: "h", port });
const absent: Outcome = { state: "absent", reason: "connection refused" };
const ready: Outcome = { state: "ready" };

/** Answers by the row that has begun: `[from this millisecond on, the outcome]`. */
const answering =
  (clock: Clock, rows: Readonly<Record<string, readonly (readonly [ms: number, outcome: Outcome])[]>>): Attempt =>
  async ({ name }) =>
    rows[name]?.findLast(([ms]) => ms <= clock.now())?.[1] ?? absent;

describe("waiting", () => {
  test("for nothing ends at once", async () => {
    const clock = jumpingClock();
    const result = await clock.run(awaitAll([], { deadlineMs: 1000, clock, attempt: answering(clock, {}) }));
    assert.deepEqual(result, { ok: true, value: 0, warnings: [] });
  });

  test("for a dependency that is ready takes one attempt, without a pause", async () => {
    const clock = jumpingClock();
    const changes: Change[] = [];
    const attempt = answering(clock, { "tcp h:1": [[0, ready]] });
    const result = await clock.run(
      awaitAll([tcp(1)], { deadlineMs: 1000, clock, attempt, onChange: (change) => changes.push(change) }),
    );
    assert.deepEqual(result, { ok: true, value: 0, warnings: [] });
    assert.deepEqual(changes, [{ name: "tcp h:1", state: "ready", reason: "", waitedMs: 0, tries: 1 }]);
  });

  test("reports every change of state, and not each attempt", async () => {
    const clock = jumpingClock();
    const lines: string[] = [];
    const attempt = answering(clock, {
      "tcp h:1": [
        [0, absent],
        [2000, { state: "unready", reason: "starting" }],
        [5000, { state: "refused", reason: "access denied" }],
        [7000, absent],
        [9000, ready],
      ],
    });
    const onChange = (change: Change) => lines.push(changeText(change));
    await clock.run(awaitAll([tcp(1)], { deadlineMs: 60_000, clock, attempt, onChange }));
    assert.deepEqual(
      lines.map((line) => line.replace(/\d+\.\d s/, "n s")),
      [
        "waiting for tcp h:1: connection refused",
        "tcp h:1 is there now, but not ready: starting",
        "tcp h:1 is there now, but says no: access denied",
        "tcp h:1 is no longer there: connection refused",
        "tcp h:1 is ready after n s",
      ],
    );
  });

  for (const [waited, most] of [
    [300, 20],
    [3_000, 25],
    [10_000, 70],
    [60_000, 400],
  ] as const) {
    test(`for a port that opens after ${waited / 1000} s adds less than ${most} ms`, async () => {
      const clock = jumpingClock(0.999);
      const attempt = answering(clock, { "tcp h:1": [[waited, ready]] });
      const result = await clock.run(awaitAll([tcp(1)], { deadlineMs: 300_000, clock, attempt }));
      assert.ok(result.ok && result.value >= waited && result.value < waited + most, JSON.stringify(result));
    });
  }

  test("asks in parallel: two slow answers take as long as one", async () => {
    const clock = jumpingClock();
    const attempt: Attempt = () => new Promise((resolve) => clock.after(400, () => resolve(ready)));
    const result = await clock.run(awaitAll([tcp(1), tcp(2), tcp(3)], { deadlineMs: 1000, clock, attempt }));
    assert.ok(result.ok);
    assert.equal(result.value, 400);
  });

  test("for one of several ends when the first is ready, and the others are not asked again", async () => {
    const clock = jumpingClock();
    const attempt = answering(clock, { "tcp h:2": [[3000, ready]] });
    const changes: Change[] = [];
    const onChange = (change: Change) => changes.push(change);
    const result = await clock.run(
      awaitAll([anyOf([tcp(1), tcp(2)])], { deadlineMs: 60_000, clock, attempt, onChange }),
    );
    assert.ok(result.ok && result.value < 3050, JSON.stringify(result));
    assert.deepEqual(
      changes.map(({ state }) => state),
      ["absent", "ready"],
    );
  });

  test("continues with the others of a group if one hangs, and ends that attempt", async () => {
    const clock = jumpingClock();
    let brokenOff = 0;
    const attempt: Attempt = ({ name }, signal) =>
      name === "tcp h:1"
        ? new Promise((resolve) =>
            signal.addEventListener("abort", () => {
              brokenOff++;
              resolve({ state: "absent", reason: String(signal.reason.message) });
            }),
          )
        : Promise.resolve(clock.now() > 7000 ? ready : absent);
    const result = await clock.run(awaitAll([anyOf([tcp(1), tcp(2)])], { deadlineMs: 60_000, clock, attempt }));
    assert.ok(result.ok && result.value < 7060, JSON.stringify(result));
    assert.equal(brokenOff, 2);
  });

  test("ends at the deadline with a diagnostic for each that is not ready: duration, attempts, last error", async () => {
    const clock = jumpingClock();
    const attempt = answering(clock, {
      "tcp h:1": [[0, ready]],
      "tcp h:2": [[0, absent]],
      "tcp h:3": [
        [0, absent],
        [1000, { state: "refused", reason: "access denied" }],
      ],
    });
    const hanging: Attempt = (probe, signal) =>
      probe.name === "tcp h:4"
        ? new Promise((resolve) => signal.addEventListener("abort", () => resolve(absent)))
        : attempt(probe, signal);
    const probes = [tcp(1), tcp(2), { ...tcp(3), from: "database" }, tcp(4)];
    const result = await clock.run(awaitAll(probes, { deadlineMs: 3000, clock, attempt: hanging }));
    assert.ok(!result.ok);
    assert.deepEqual(
      result.diagnostics.map(({ code, failure }) => [code, failure]),
      [
        ["dependency-absent", "dependency"],
        ["dependency-refused", "dependency"],
        ["dependency-absent", "dependency"],
      ],
    );
    assert.match(
      result.diagnostics[0]?.what ?? "",
      /^tcp h:2: not ready after 3\.0 s \(\d+ tries\); last: connection refused$/,
    );
    assert.match(result.diagnostics[1]?.fix ?? "", /database/);
    assert.match(result.diagnostics[2]?.what ?? "", /\(1 try\); last: the first try has not been answered yet/);
    assert.equal(clock.now(), 3000);
  });

  test("ends with the caller's reason when the caller aborts it", async () => {
    const clock = jumpingClock();
    const stop = new AbortController();
    clock.after(500, () => stop.abort(new Error("enough")));
    const attempt = answering(clock, {});
    await assert.rejects(
      clock.run(awaitAll([tcp(1)], { deadlineMs: 3000, clock, attempt, signal: stop.signal })),
      /enough/,
    );
    assert.equal(clock.now(), 500);
  });

  test("stays connected to a server that only listens, so that its first answer counts at once", async () => {
    const clock = jumpingClock(0.5);
    let tries = 0;
    const attempt: Attempt = (_, signal) =>
      new Promise((resolve) => {
        tries++;
        const cancel = clock.after(Math.max(0, 32_000 - clock.now()), () => resolve(ready));
        signal.addEventListener("abort", () => {
          cancel();
          resolve({ state: "unready", reason: String(signal.reason.message) });
        });
      });
    const changes: Change[] = [];
    const onChange = (change: Change) => changes.push(change);
    const result = await clock.run(awaitAll([tcp(1)], { deadlineMs: 60_000, clock, attempt, onChange }));
    assert.ok(result.ok && result.value === 32_000, JSON.stringify(result));
    // Of 5, 10 and 20 s.
    assert.equal(tries, 3);
    assert.equal(changes[0]?.reason, "no answer within 5 s");
  });

  test("leaves no timer behind", async () => {
    const clock = jumpingClock();
    let open = 0;
    const counting: Clock = {
      ...clock,
      after: (ms, run) => {
        open++;
        let counted = true;
        const gone = () => {
          if (counted) open--;
          counted = false;
        };
        const cancel = clock.after(ms, () => {
          gone();
          run();
        });
        return () => {
          gone();
          cancel();
        };
      },
    };
    const attempt = answering(clock, { "tcp h:1": [[500, ready]] });
    await clock.run(awaitAll([tcp(1), anyOf([tcp(2), tcp(3)])], { deadlineMs: 2000, clock: counting, attempt }));
    assert.equal(open, 0);
  });
});

describe("the pause between two tries", () => {
  for (const [title, state, took, waited, least, most] of [
    ["after nothing answered is short at first", "absent", 1, 0, 15, 19],
    ["after nothing answered stays a small share of the time waited", "absent", 1, 10_000, 37, 63],
    ["after nothing answered is a second at most", "absent", 1000, 3_600_000, 750, 1000],
    ["spares the name server", "unnamed", 1, 0, 100, 125],
    ["spares a starting server", "unready", 1, 0, 40, 50],
    ["after a refusal is long at once", "refused", 1, 0, 250, 313],
    ["after a refusal grows with the time waited", "refused", 1, 20_000, 750, 1250],
    ["after a refusal is five seconds at most", "refused", 1, 3_600_000, 3750, 5000],
    ["spares a server that is slow to say no", "refused", 800, 1000, 2400, 2400],
    ["spares a server that is very slow to say no, but not for ever", "refused", 9000, 10_000, 15_000, 15_000],
  ] as const) {
    test(title, () => {
      for (const random of [0, 0.3, 0.999]) {
        const pause = pauseAfter(state, took, waited, random);
        assert.ok(pause >= least && pause <= most, `${pause}`);
      }
    });
  }
});

describe("what waiting cannot change", () => {
  const hopeless: Outcome = { state: "hopeless", reason: "TLS only", fix: "let it in without" };
  const doubtful: Outcome = { state: "hopeless", reason: "another protocol", fix: "correct the port", doubt: true };

  test("ends all waiting at once with status 78, and nothing else is blamed", async () => {
    const clock = jumpingClock();
    const attempt = answering(clock, { "tcp h:2": [[3000, hopeless]] });
    const result = await clock.run(awaitAll([tcp(1), tcp(2)], { deadlineMs: 60_000, clock, attempt }));
    assert.ok(!result.ok);
    assert.deepEqual(
      result.diagnostics.map(({ code, failure, what, fix }) => [code, failure, what, fix]),
      [
        [
          "dependency-hopeless",
          "configuration",
          "tcp h:2: waiting cannot make it ready: TLS only",
          "let it in without",
        ],
      ],
    );
    assert.ok(clock.now() < 4000, `${clock.now()} ms`);
  });

  test("must last if it can be momentary", async () => {
    const clock = jumpingClock();
    const brief = answering(clock, {
      "tcp h:1": [
        [1000, doubtful],
        [9000, absent],
        [12_000, doubtful],
        [15_000, ready],
      ],
    });
    assert.ok((await clock.run(awaitAll([tcp(1)], { deadlineMs: 60_000, clock, attempt: brief }))).ok);
    const later = jumpingClock();
    const lasting = answering(later, { "tcp h:1": [[1000, doubtful]] });
    const result = await later.run(awaitAll([tcp(1)], { deadlineMs: 60_000, clock: later, attempt: lasting }));
    assert.ok(!result.ok);
    assert.equal(result.diagnostics[0]?.code, "dependency-hopeless");
    assert.ok(later.now() > 11_000 && later.now() < 20_000, `${later.now()} ms`);
  });

  test("is not a configuration error while an account may still be created", async () => {
    const clock = jumpingClock();
    const attempt = answering(clock, { "tcp h:1": [[0, doubtful]] });
    const result = await clock.run(awaitAll([tcp(1)], { deadlineMs: 5000, clock, attempt }));
    assert.ok(!result.ok);
    assert.deepEqual(
      result.diagnostics.map(({ code, failure }) => [code, failure]),
      [["dependency-refused", "dependency"]],
    );
    assert.match(result.diagnostics[0]?.what ?? "", /another protocol$/);
  });

  test("of one member does not affect the others, and that member is not asked again", async () => {
    const clock = jumpingClock();
    const asked: string[] = [];
    const answer = answering(clock, { "tcp h:1": [[0, hopeless]], "tcp h:2": [[5000, ready]] });
    const attempt: Attempt = (target, signal) => {
      asked.push(target.name);
      return answer(target, signal);
    };
    const result = await clock.run(awaitAll([anyOf([tcp(1), tcp(2)])], { deadlineMs: 60_000, clock, attempt }));
    assert.ok(result.ok);
    assert.equal(asked.filter((name) => name === "tcp h:1").length, 1);
  });

  test("of all members ends the waiting, with each member's answer", async () => {
    const clock = jumpingClock();
    const attempt = answering(clock, { "tcp h:1": [[0, hopeless]], "tcp h:2": [[2000, doubtful]] });
    const result = await clock.run(awaitAll([anyOf([tcp(1), tcp(2)])], { deadlineMs: 60_000, clock, attempt }));
    assert.ok(!result.ok);
    assert.match(result.diagnostics[0]?.what ?? "", /TLS only; another protocol$/);
    assert.equal(result.diagnostics[0]?.fix, "let it in without; correct the port");
  });
});

describe("a name that is looked up for long", () => {
  const unnamed: Outcome = { state: "unnamed", reason: "no answer from name server" };

  test("is reported meanwhile, and does not use up the connection's time", async () => {
    const clock = jumpingClock();
    const lines: string[] = [];
    const attempt: Attempt = async (_, signal, progress) => {
      const sleep = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
      await sleep(1000);
      progress?.onSlow?.(unnamed);
      await sleep(20_000);
      assert.equal(signal.aborted, false, "the look-up is broken off");
      progress?.onNamed?.();
      await sleep(4900);
      assert.equal(signal.aborted, false, "the other side's time began with the look-up");
      await sleep(200);
      assert.equal(signal.aborted, true, "the other side has all the time in the world");
      return absent;
    };
    const onChange = (change: Change) => lines.push(`${change.waitedMs} ${change.state}`);
    await clock.run(awaitAll([tcp(1)], { deadlineMs: 26_200, clock, attempt, onChange }));
    assert.deepEqual(lines, ["1000 unnamed", "26100 absent"]);
  });

  test("until the deadline is named as the cause", async () => {
    const clock = jumpingClock();
    const attempt: Attempt = (_, signal, progress) => {
      clock.after(1000, () => progress?.onSlow?.(unnamed));
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve(absent)));
    };
    const result = await clock.run(awaitAll([tcp(1)], { deadlineMs: 8000, clock, attempt }));
    assert.ok(!result.ok);
    assert.equal(result.diagnostics[0]?.code, "dependency-unnamed");
    assert.match(result.diagnostics[0]?.what ?? "", /no answer from name server$/);
  });
});
