import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { before, describe, test } from "node:test";
import { hold } from "../../src/host/compose/hold.ts";
import { cleanUp } from "../support/clean-up.ts";
import { docker, requireEngine, until } from "../support/docker.ts";
import { mustBe } from "../support/must-be.ts";

/** Any image with a shell. */
const image = "debian:trixie";
const project = {
  command: "docker",
  name: `plinth-e2e-${randomBytes(3).toString("hex")}`,
  directory: ".",
  environment: Object.entries(process.env).map(([name, value]) => `${name}=${value}`),
};
const take = (by: string, within = 0, onWait: (holder: string) => void = () => {}) =>
  hold(project, image, { by, within, onWait });

/** A process of its own that takes the lock, notes a line, says so, and holds it until it is killed. */
const program = `
import { hold } from "./src/host/compose/hold.ts";
const taken = await hold(${JSON.stringify(project)}, "${image}", { by: "the other", within: 0, onWait() {} });
if (!taken.ok) throw new Error(JSON.stringify(taken.diagnostics));
await taken.value.note("what the other did");
console.log("holds it");
setInterval(() => {}, 1000);
`;

async function startOther() {
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

describe("an upgrade's lock", () => {
  before(requireEngine);
  cleanUp(() => {
    spawn("docker", ["rm", "--force", `${project.name}-upgrade`], { stdio: "ignore" });
    spawn("docker", ["volume", "rm", "--force", `${project.name}_upgrade`], { stdio: "ignore" });
  });

  test("is exclusive: a second upgrade learns who holds it, and gives up in time", async () => {
    const first = mustBe(await take("the first"));
    const told: string[] = [];
    const second = await take("the second", 1, (holder) => told.push(holder));
    assert.ok(!second.ok);
    assert.equal(second.diagnostics[0]?.code, "upgrade-held");
    assert.match(told.join(), /^the first, since 20/);
    await first.release();
  });

  test("ends with its holder, however that ends, and the record is kept", async () => {
    const other = await startOther();
    let told = "";
    const waiting = take("the next", 60_000, (holder) => {
      told = holder;
    });
    await until("the next one to wait", async () => told || undefined);
    assert.match(told, /^the other/);
    other.kill("SIGKILL");
    const next = mustBe(await waiting);
    assert.match(next.record, /what the other did/);
    await next.release();
  });

  test("is lost, and reports it, if its container is killed", async () => {
    const held = mustBe(await take("one", 10_000));
    await docker(["kill", `${project.name}-upgrade`]);
    await until("the loss to be noticed", async () => held.lost.aborted || undefined);
    const noted = await held.note("too late");
    assert.ok(!noted.ok);
  });

  test("leaves no container behind", async () => {
    await until("the container to be gone", async () => {
      const { stdout } = await docker(["ps", "--all", "--quiet", "--filter", `name=${project.name}-upgrade`]);
      return stdout.trim() === "" || undefined;
    });
  });
});
