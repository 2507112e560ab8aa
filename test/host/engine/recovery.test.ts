import assert from "node:assert/strict";
import { test } from "node:test";
import { type ContainerState, recoveryActions } from "../../../src/host/engine/recovery.ts";

const owner: ContainerState = {
  id: "0123456789ab",
  name: "stack-hypervisor-1",
  state: "running",
  startedAt: 1000,
  error: "",
  isRestarted: true,
  joins: [],
};
const member: ContainerState = { ...owner, id: "m", name: "member", startedAt: 2000, joins: [owner.id] };
const refused = "cannot join network of a non running container: 0123456789ab";
/** What a start says after the engine was killed, since runc's directory of the container is still there. */
const exists =
  "failed to create shim task: OCI runtime create failed: runc create failed: container with given ID already exists: unknown";
const givenUp: ContainerState = { ...member, state: "exited", error: refused };

const cases: readonly (readonly [
  title: string,
  owner: Partial<ContainerState>,
  member: ContainerState,
  cure: "start" | "restart" | undefined,
])[] = [
  ["one that runs in its owner's namespaces is left alone", {}, member, undefined],
  ["one that was given up is started", {}, givenUp, "start"],
  ["one that names its owner is known by that, too", {}, { ...givenUp, joins: ["stack-hypervisor-1"] }, "start"],
  ["while the owner is down, nothing is done", { state: "restarting" }, givenUp, undefined],
  ["where the owner is gone, nothing is done", {}, { ...givenUp, joins: ["another"] }, undefined],
  ["one that is in the namespaces of before is restarted", { startedAt: 3000 }, member, "restart"],
  ["one that the engine is about to restart is left to it", {}, { ...givenUp, state: "restarting" }, undefined],
  ["one that a user has stopped stays down", { startedAt: 3000 }, { ...member, state: "exited" }, undefined],
  ["one that is not to be restarted stays down", {}, { ...givenUp, isRestarted: false }, undefined],
  ["one in namespaces of its own is started as well", {}, { ...givenUp, joins: [], error: exists }, "start"],
  [
    "one in namespaces of its own that ended is the engine's matter",
    {},
    { ...givenUp, joins: [], error: "" },
    undefined,
  ],
];

for (const [title, change, container, cure] of cases) {
  test(title, () => {
    const cures = recoveryActions([{ ...owner, ...change }, container]);
    assert.deepEqual(
      cures.map(({ by, container: { id } }) => [by, id]),
      cure === undefined ? [] : [[cure, container.id]],
    );
  });
}

test("of two owners both must run, and the newer one decides", () => {
  const other: ContainerState = { ...owner, id: "p", name: "other", startedAt: 3000 };
  const inBoth: ContainerState = { ...member, joins: [owner.id, "p"] };
  const by = (all: readonly ContainerState[]) => recoveryActions(all).map((cure) => cure.by);
  assert.deepEqual(by([owner, other, inBoth]), ["restart"]);
  assert.deepEqual(by([owner, { ...other, state: "exited" }, inBoth]), []);
});
