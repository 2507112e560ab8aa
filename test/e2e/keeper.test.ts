import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { docker, dockerOutput, dockerScope, requireEngine, until } from "../support/docker.ts";

const scope = dockerScope("keeper");
const project = scope.name("project");
const directory = mkdtempSync(join(tmpdir(), "plinth-keeper-"));
const mounted = join(directory, "mounted");
const keeper = spawn("build/bin/plinth", ["keep", "--project", project, "--socket", "/var/run/docker.sock"], {
  stdio: ["ignore", "ignore", "pipe"],
});
let said = "";
keeper.stderr.setEncoding("utf8").on("data", (text: string) => {
  said += text;
});

before(requireEngine);
after(() => {
  keeper.kill();
  rmSync(directory, { recursive: true });
});

type State = { readonly Status: string; readonly Error: string; readonly Pid: number };
const stateOf = async (container: string): Promise<State> =>
  JSON.parse(await dockerOutput(["inspect", "--format", "{{json .State}}", container]));

test("the keeper starts a container that the engine could not restart, as soon as that is possible", async () => {
  mkdirSync(mounted);
  const container = await scope.start("service", {
    image: "debian:trixie",
    flags: [
      ...["--restart", "unless-stopped", "--label", `com.docker.compose.project=${project}`],
      // Unlike --volume, this does not make the directory where it is missing, so that the start fails.
      ...["--mount", `type=bind,source=${mounted},target=/mounted`],
    ],
    words: ["sleep", "600"],
  });
  rmSync(mounted, { recursive: true });
  process.kill((await stateOf(container)).Pid, "SIGKILL");
  const givenUp = await until("the engine to give it up", async () => {
    const state = await stateOf(container);
    return state.Status === "exited" && state.Error !== "" ? state : undefined;
  });
  assert.match(givenUp.Error, /mounted/);
  await until("the keeper to try", async () => (/cannot be started/.test(said) ? true : undefined));
  mkdirSync(mounted);
  await until("it to run", async () => ((await stateOf(container)).Status === "running" ? true : undefined));
  assert.match(said, /is started: the engine gave it up/);
});

test("the keeper leaves a container alone that a user has stopped", async () => {
  const container = scope.name("service");
  await docker(["stop", "--time", "0", container]);
  const tried = said;
  // Two looks of the keeper.
  await new Promise((settle) => setTimeout(settle, 5000));
  assert.notEqual((await stateOf(container)).Status, "running");
  assert.equal(said, tried);
});
