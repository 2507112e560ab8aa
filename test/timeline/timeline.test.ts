import assert from "node:assert/strict";
import { test } from "node:test";
import { timelinePicture } from "../../src/timeline/picture.ts";
import { startsOf } from "../../src/timeline/starts.ts";
import { timelineJson, timelineTable } from "../../src/timeline/table.ts";

const line = (service: string, began: string, more: object = {}): string =>
  JSON.stringify({
    level: "info",
    service,
    image: "nova-controller",
    kind: "service",
    began,
    boot_ms: 40,
    resolve_ms: 2,
    render_ms: 3,
    waited_ms: 12_000,
    ...more,
  });

const log = `nova-api-1  | ${line("api", "2026-01-01T00:00:01.000Z")}
nova-api-1  | *** Starting uWSGI ***
${line("db-sync", "2026-01-01T00:00:00.500Z", { kind: "job", waited_ms: 900 })}
{"level":"info","msg":"waiting for mysql"}
{"level": broken
`;

test("starts are found among the lines of several containers, in their order", () => {
  assert.deepEqual(
    startsOf(log).map(({ service, waitMs }) => [service, waitMs]),
    [
      ["db-sync", 900],
      ["api", 12_000],
    ],
  );
});

test("the table shows when each start began and what took the time", () => {
  const [head, job, service] = timelineTable(startsOf(log)).split("\n");
  assert.match(head ?? "", /^image +service +begins +boot +resolve +render +wait +hands over$/);
  assert.match(job ?? "", /db-sync \(job\) +0\.0 s +40 ms +2 ms +3 ms +0\.9 s +0\.9 s$/);
  assert.match(service ?? "", /api +0\.5 s +40 ms +2 ms +3 ms +12\.0 s +12\.5 s$/);
});

test("the JSON uses the field names of the log", () => {
  const [start] = JSON.parse(timelineJson(startsOf(line("api", "2026-01-01T00:00:01.000Z"))));
  assert.deepEqual(Object.keys(start), [
    ...["image", "service", "kind", "began", "boot_ms", "resolve_ms", "render_ms", "wait_ms"],
  ]);
  assert.equal(start.service, "api");
});

test("the picture has a bar for each, and nothing in a name is taken for markup", () => {
  const svg = timelinePicture(startsOf(line("<b>", "2026-01-01T00:00:01.000Z")));
  assert.match(svg, /^<svg xmlns=/);
  assert.ok(!svg.includes("<b>"));
  assert.equal(svg.match(/<g>/g)?.length, 1);
});
