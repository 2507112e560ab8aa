import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { hopeless, inOrder, type State, startable, type Task } from "../../images/schedule.ts";

/** `child<parent` for each. */
const tasksOf = (text: string): readonly Task[] =>
  text.split(" ").map((word) => {
    const [name = "", parent = null] = word.split("<");
    return { name, parent };
  });
const family = tasksOf("base memcached<base openstack<base keystone<openstack nova<openstack");
const names = (tasks: readonly Task[]): string => tasks.map(({ name }) => name).join(" ");
const states = (given: Readonly<Record<string, State>>): ReadonlyMap<string, State> => new Map(Object.entries(given));

describe("what may start", () => {
  const cases = [
    { title: "first, what stands on nothing", given: {}, expected: "base" },
    { title: "nothing, while that runs", given: { base: "running" }, expected: "" },
    { title: "what most others wait for before the rest", given: { base: "done" }, expected: "openstack memcached" },
    {
      title: "the rest in their order",
      given: { base: "done", openstack: "done" },
      expected: "memcached keystone nova",
    },
    { title: "nothing on what failed", given: { base: "failed" }, expected: "" },
  ] as const;
  for (const { title, given, expected } of cases) {
    test(title, () => assert.equal(names(startable(family, states(given))), expected));
  }

  test("what stands on something that is not among the tasks", () => {
    assert.equal(names(startable(tasksOf("keystone<openstack"), new Map())), "keystone");
  });
});

test("a task that stands on a failed or skipped one is skipped, and names the one that failed", () => {
  const first = hopeless(family, states({ base: "done", openstack: "failed", memcached: "running" }));
  assert.deepEqual(
    first.map(({ task, failed }) => [task.name, failed]),
    [
      ["keystone", "openstack"],
      ["nova", "openstack"],
    ],
  );
  const next = hopeless(family, states({ base: "failed", openstack: { skipped: "base" } }));
  assert.deepEqual(
    next.map(({ task, failed }) => [task.name, failed]),
    [
      ["memcached", "base"],
      ["keystone", "base"],
      ["nova", "base"],
    ],
  );
});

describe("doing tasks in order", () => {
  /** Does all, and writes down what happened. */
  async function journal(jobs: number, failing: readonly string[] = []) {
    const events: string[] = [];
    const running = new Set<string>();
    let most = 0;
    await inOrder(
      family,
      jobs,
      async ({ name }) => {
        running.add(name);
        most = Math.max(most, running.size);
        events.push(`begin ${name}`);
        await sleep(5);
        running.delete(name);
        events.push(`end ${name}`);
        return !failing.includes(name);
      },
      ({ name }, failed) => events.push(`skip ${name} for ${failed}`),
    );
    return { events, most };
  }

  for (const jobs of [1, 2, 8]) {
    test(`at most ${jobs} at a time, each after what it stands on`, async () => {
      const { events, most } = await journal(jobs);
      assert.equal(most, Math.min(jobs, 3));
      assert.equal(events.length, 2 * family.length);
      for (const { name, parent } of family) {
        if (parent) assert.ok(events.indexOf(`end ${parent}`) < events.indexOf(`begin ${name}`), name);
      }
    });
  }

  test("a failure skips what stands on the task, and nothing else", async () => {
    const { events } = await journal(2, ["openstack"]);
    assert.deepEqual(events.filter((event) => /^(skip|end)/.test(event)).sort(), [
      "end base",
      "end memcached",
      "end openstack",
      "skip keystone for openstack",
      "skip nova for openstack",
    ]);
  });

  test("if the first fails, all others are skipped", async () => {
    const { events } = await journal(2, ["base"]);
    assert.equal(events.filter((event) => /^skip .* for base$/.test(event)).length, 4);
  });

  test("an exception in a task is not treated as a failure", async () => {
    const broken = inOrder(family, 2, () => Promise.reject(new TypeError("a bug")), assert.fail);
    await assert.rejects(broken, TypeError);
  });
});
