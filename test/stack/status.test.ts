import assert from "node:assert/strict";
import { test } from "node:test";
import { type Inspected, type Row, rowOf, spanText, statusText } from "../../scripts/stack/status-table.ts";

const now = Date.parse("2026-11-28T12:00:00Z");
const labels = {
  "com.docker.compose.service": "nova-api",
  "org.opencontainers.image.version": "2025.1",
  "org.opencontainers.image.revision": "09736e484f6fc2f0a111e028ca755450858a5f3f",
};
const container: Inspected = {
  State: {
    Status: "running",
    ExitCode: 0,
    StartedAt: "2026-11-28T11:57:00.123456789Z",
    FinishedAt: "0001-01-01T00:00:00Z",
    Health: { Status: "healthy" },
  },
  HostConfig: {
    RestartPolicy: { Name: "unless-stopped" },
    PortBindings: { "8774/tcp": [{ HostPort: "8774" }], "9999/tcp": null },
  },
  Config: { Labels: labels },
};

test("a row shows a container's state, health, age, ports, and the image's release and commit", () => {
  const row = {
    service: "nova-api",
    job: false,
    state: "running",
    health: "healthy",
    since: "3 min",
    version: "2025.1 (09736e4)",
  };
  assert.deepEqual(rowOf(container, now), { ...row, ports: "8774" });
});

for (const [title, state, policy, expected] of [
  ["a job that ended well is done, since its end", { Status: "exited", ExitCode: 0 }, "on-failure", "done"],
  ["a job that failed has its status", { Status: "exited", ExitCode: 78 }, "on-failure", "exited (78)"],
  ["a service that ended has its status, also 0", { Status: "exited", ExitCode: 0 }, "unless-stopped", "exited (0)"],
  ["a service that comes and goes", { Status: "restarting", ExitCode: 75 }, "unless-stopped", "restarting (75)"],
] as const) {
  test(title, () => {
    const { State, HostConfig } = container;
    const ended = { ...State, ...state, FinishedAt: "2026-11-28T11:59:20Z" };
    const row = rowOf(
      { ...container, State: ended, HostConfig: { ...HostConfig, RestartPolicy: { Name: policy } } },
      now,
    );
    assert.equal(row.state, expected);
    assert.equal(row.since, "40 s");
    assert.equal(row.health, undefined);
  });
}

test("a container that never started has no age, and an image without labels has no version", () => {
  const State = {
    Status: "created",
    ExitCode: 0,
    StartedAt: "0001-01-01T00:00:00Z",
    FinishedAt: "0001-01-01T00:00:00Z",
  };
  const row = rowOf({ ...container, State, Config: { Labels: {} } }, now);
  assert.deepEqual([row.state, row.since, row.version], ["created", undefined, undefined]);
});

test("a time span is shown in its largest unit", () => {
  const spans = [0, 41e3, 99e3, 180e3, 5940e3, 5 * 3600e3, 49 * 3600e3, -5e3].map(spanText);
  assert.deepEqual(spans, ["0 s", "41 s", "99 s", "3 min", "99 min", "5 h", "2 days", "0 s"]);
});

test("the table has services before jobs, by name, and counts both", () => {
  const rows: readonly Row[] = [
    { service: "nova-db-sync", job: true, state: "done", since: "2 min", version: "2025.1" },
    {
      service: "nova-api",
      job: false,
      state: "running",
      health: "starting",
      since: "3 min",
      version: "2025.1",
      ports: "8774",
    },
    { service: "glance-server", job: false, state: "no container" },
    {
      service: "keystone-server",
      job: false,
      state: "running",
      health: "healthy",
      since: "3 min",
      version: "2025.1",
      ports: "5000",
    },
  ];
  assert.equal(
    statusText("plinth", rows),
    `SERVICE             STATE         HEALTH    SINCE  VERSION  PORT
glance-server       no container  -         -      -        -
keystone-server     running       healthy   3 min  2025.1   5000
nova-api            running       starting  3 min  2025.1   8774
nova-db-sync (job)  done          -         2 min  2025.1   -
plinth: 3 services: 1 no container, 1 healthy, 1 starting; 1 jobs: 1 done
`,
  );
});
