import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { attempt } from "../../../src/host/probe/keystone.ts";
import { type TargetOf, target } from "../../../src/wait/probe.ts";

/** What a keystone that answers with this status makes of a login, and what it was asked. */
async function login(status: number) {
  let asked = "";
  const server = createServer(async (request, response) => {
    for await (const piece of request) asked += piece;
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as { port: number };
  const account = { user: "nova", password: "s3cret", project: "service", domain: "default" };
  const wanted = target({ kind: "keystone", url: `http://127.0.0.1:${port}/v3`, ...account }) as TargetOf<"keystone">;
  const outcome = await attempt(wanted, AbortSignal.timeout(2000));
  server.close();
  return { outcome, asked: JSON.parse(asked), name: wanted.name };
}

for (const [status, state] of [
  [201, "ready"],
  [401, "refused"],
  [404, "refused"],
  [500, "unready"],
  [503, "unready"],
] as const) {
  test(`a keystone that answers a login with ${status} is ${state}`, async () => {
    const { outcome, name } = await login(status);
    assert.equal(outcome.state, state);
    assert.ok(!JSON.stringify([outcome, name]).includes("s3cret"));
  });
}

test("the login is for the service's project, and a refusal names the user", async () => {
  const { asked, outcome } = await login(401);
  assert.deepEqual(asked.auth.scope, { project: { name: "service", domain: { id: "default" } } });
  assert.equal(asked.auth.identity.password.user.name, "nova");
  assert.match(outcome.state === "refused" ? outcome.reason : "", /user nova of project service/);
});
