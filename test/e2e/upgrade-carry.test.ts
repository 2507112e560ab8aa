import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { before, describe, test } from "node:test";
import type { Job, Phase, Plan, Rolled } from "../../src/upgrade/plan.ts";
import { cleanUp } from "../support/clean-up.ts";
import { docker, dockerOutput, requireEngine } from "../support/docker.ts";

/** An upgrade is carried out on a real engine, of a project so small that it takes seconds: an API twice, a worker, jobs that leave a line. */

const name = `plinth-e2e-${randomBytes(3).toString("hex")}`;
const directory = mkdtempSync(join(tmpdir(), "plinth-upgrade-"));
const images = ["api", "worker"].flatMap((image) => ["1", "2"].map((release) => `${name}/${image}:${release}`));

const job = (workload: string, of: Job["of"] = "to"): Job => ({
  ...{ workload, of, service: workload, command: [], accepts: [0] },
  image: `${name}/api:${of === "to" ? "2" : "1"}`,
});
const rolled = (workload: string, names: readonly string[], change: Rolled["change"] = "replaced"): Rolled => ({
  ...{ workload, change, image: workload, service: workload, rollout: "overlap" },
  ...{ before: `${name}/${workload}:1`, after: `${name}/${workload}:2`, containers: { before: names, after: names } },
});
const phase = (id: string, what: Phase["what"], more: Partial<Phase>): Phase => ({
  ...{ id, what, title: id, why: "", component: "api", jobs: [], services: [], waits: [], settings: [], commands: [] },
  back: { possible: true, how: "", jobs: [], commands: [] },
  ...more,
});
const phases: readonly Phase[] = [
  phase("images", "images", { component: null }),
  phase("expand", "expand", { jobs: [job("expand")] }),
  phase("roll", "roll", { services: [rolled("api", ["api", "api-2"]), rolled("worker", ["worker"])] }),
  phase("unpin", "unpin", { services: [rolled("api", ["api", "api-2"], "restarted")] }),
  phase("contract", "contract", {
    jobs: [job("contract")],
    back: { possible: false, how: "too late", jobs: [], commands: [] },
  }),
];
const plan = {
  format: 1,
  from: "1",
  to: "2",
  deployment: name,
  engine: "compose",
  phases,
  kept: [],
} as unknown as Plan;

/** What an image is asked how it is: ready, unless there is a file that says why not. */
const check = "#!/bin/sh\n[ ! -e /shared/unwell ] || { cat /shared/unwell; exit 1; }\n";
const compose = (release: string): string => {
  const own =
    "    volumes: [./plinth:/opt/plinth/bin/plinth:ro, ./shared:/shared]\n    network_mode: none\n    init: true\n";
  const service = (one: string): string =>
    `  ${one}:\n    image: \${IMAGE_PREFIX}/${one.replace(/-2$/, "")}:\${VERSION}\n    command: [sh, -c, "echo here is ${release}; exec sleep infinity"]\n${own}`;
  const jobs = ["expand", "contract"].map(
    (one) =>
      `  ${one}:\n    image: \${IMAGE_PREFIX}/api:\${VERSION}\n    command: [sh, -c, "sleep 1; [ ! -e /shared/broken ] || { echo no room; exit 3; }; echo ${one} >> /shared/log"]\n    profiles: [by-hand]\n${own}`,
  );
  return `services:\n${["api", "api-2", "worker"].map(service).join("")}${jobs.join("")}`;
};

/** Carries the plan out, or undoes it, in a process of its own, as a person would. */
const program = `
import { driveCompose } from "./src/host/compose/driver.ts";
import { carry, note } from "./src/cli/upgrade/carry-out.ts";
import { left, undoing } from "./src/upgrade/todo.ts";
import { readRecord } from "./src/upgrade/record.ts";
const { plan, directory, name, verb } = JSON.parse(process.env.ASKED);
const environment = Object.entries(process.env).filter(([one]) => one !== "ASKED").map(([one, value]) => one + "=" + value);
const file = (release) => ({ release, imagePrefix: name, path: directory + "/compose-" + release + ".yaml" });
const driver = driveCompose({
  project: { command: "docker", name, directory, environment },
  files: { from: file("1"), to: file("2") }, database: undefined, shell: name + "/api:1", within: 60000,
});
const taken = await driver.hold("a test", () => {});
if (!taken.ok) throw new Error(JSON.stringify(taken.diagnostics));
const held = taken.value;
const progressed = readRecord(held.record);
const carrying = { driver, held, readyTimeoutMs: 8000, backup: "", say: (line) => console.log(line) };
let done;
if (verb === "run") {
  await note(carrying, { what: "begun", from: "1", to: "2", by: "a test" });
  done = await carry(left(plan, progressed), "phase done", 0, 5, carrying);
} else {
  const found = undoing(plan, progressed);
  done = "tooLate" in found ? { ok: false, diagnostics: [{ code: "too-late", what: "" }] } : await carry(found.phases, "phase undone", 0, 5, carrying);
}
await held.release();
if (!done.ok) console.log(done.diagnostics.map(({ code, what }) => code + ": " + what).join("\\n"));
process.exit(done.ok ? 0 : 75);
`;

type Ended = { readonly status: number | null; readonly text: string };

/** @param killAt a text: as soon as the process says it, it is killed with all that it started. @param after milliseconds later. */
async function carryOut(verb: "run" | "back", killAt?: string, after = 0): Promise<Ended> {
  const child: ChildProcess = spawn(process.execPath, ["--input-type=module-typescript", "--eval", program], {
    env: { ...process.env, ASKED: JSON.stringify({ plan, directory, name, verb }) },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const lines: string[] = [];
  const kill = (): void => {
    if (child.exitCode === null) process.kill(-(child.pid as number), "SIGKILL");
  };
  createInterface({ input: child.stdout as Readable }).on("line", (line) => {
    lines.push(line);
    if (killAt !== undefined && line.includes(killAt)) setTimeout(kill, after);
  });
  const status = await new Promise<number | null>((settle) => child.once("close", settle));
  return { status, text: lines.join("\n") };
}

const runningNow = async (): Promise<readonly string[]> =>
  (
    await dockerOutput([
      "ps",
      "--filter",
      `label=com.docker.compose.project=${name}`,
      "--format",
      '{{.Label "com.docker.compose.service"}} {{.Image}}',
    ])
  )
    .split("\n")
    .filter((line) => line !== "" && !/^(expand|contract) /.test(line))
    .map((line) => line.replace(`${name}/`, ""))
    .sort();
const jobsDone = (): readonly string[] =>
  readFileSync(join(directory, "shared/log"), "utf8")
    .split("\n")
    .filter((line) => line !== "");
const of = (release: string): readonly string[] => [
  `api api:${release}`,
  `api-2 api:${release}`,
  `worker worker:${release}`,
];

/** The project as it is before an upgrade. */
async function start(): Promise<void> {
  await docker(["rm", "--force", `${name}-upgrade`]);
  await docker(["volume", "rm", "--force", `${name}_upgrade`]);
  for (const file of ["log", "unwell", "broken"]) rmSync(join(directory, "shared", file), { force: true });
  writeFileSync(join(directory, "shared/log"), "");
  const words = [
    "compose",
    "--project-name",
    name,
    "--project-directory",
    directory,
    "--file",
    join(directory, "compose-1.yaml"),
  ];
  await dockerOutput([...words, "up", "--detach", "--force-recreate"], { VERSION: "1", IMAGE_PREFIX: name });
}

describe("an upgrade that is carried out", () => {
  before(async () => {
    await requireEngine();
    mkdirSync(join(directory, "shared"));
    writeFileSync(join(directory, "plinth"), check);
    chmodSync(join(directory, "plinth"), 0o755);
    for (const release of ["1", "2"]) writeFileSync(join(directory, `compose-${release}.yaml`), compose(release));
    for (const image of images) await dockerOutput(["tag", "debian:trixie", image]);
  });
  cleanUp(() => {
    const { stdout } = spawnSync(
      "docker",
      ["ps", "--all", "--quiet", "--filter", `label=com.docker.compose.project=${name}`],
      { encoding: "utf8" },
    );
    spawnSync("docker", ["rm", "--force", ...stdout.split("\n").filter(Boolean), `${name}-upgrade`], {
      stdio: "ignore",
    });
    spawnSync("docker", ["volume", "rm", "--force", `${name}_upgrade`], { stdio: "ignore" });
    spawnSync("docker", ["rmi", ...images], { stdio: "ignore" });
    rmSync(directory, { recursive: true, force: true });
  });

  test("ends with every service of the later release, and each job run once", async () => {
    await start();
    const { status, text } = await carryOut("run");
    assert.equal(status, 0, text);
    assert.deepEqual(await runningNow(), of("2"));
    assert.deepEqual(jobsDone(), ["expand", "contract"]);
  });

  const moments: readonly (readonly [where: string, after: number])[] = [
    ["images", 0],
    ["expand", 800],
    ["roll", 0],
    ["roll", 1200],
    ["roll", 3000],
    ["unpin", 600],
    ["contract", 500],
  ];
  test("ends in the same state if it is killed at any of seven points", async () => {
    await start();
    for (const [where, after] of moments) {
      const { status } = await carryOut("run", `] ${where}:`, after);
      // Where that phase was done already it runs to its end.
      if (status === 0) break;
    }
    const { status, text } = await carryOut("run");
    assert.equal(status, 0, text);
    assert.deepEqual(await runningNow(), of("2"));
    assert.deepEqual([...new Set(jobsDone())], ["expand", "contract"]);
  });

  test("stops at a job that fails, shows its last lines, and continues with it", async () => {
    await start();
    writeFileSync(join(directory, "shared/broken"), "");
    const stopped = await carryOut("run");
    assert.equal(stopped.status, 75);
    assert.match(stopped.text, /upgrade-job-failed: the job expand ended with 3\n {2}\| no room/);
    assert.deepEqual(await runningNow(), of("1"));
    rmSync(join(directory, "shared/broken"));
    const { status, text } = await carryOut("run");
    assert.equal(status, 0, text);
    assert.doesNotMatch(text, /images:/, "a phase was done twice");
  });

  test("stops at a service that does not recover, leaves its other containers alone, and can be undone", async () => {
    await start();
    writeFileSync(join(directory, "shared/unwell"), "no broker\n");
    const stopped = await carryOut("run");
    assert.equal(stopped.status, 75);
    assert.match(stopped.text, /upgrade-not-well: api does not serve after \d+ s: no broker\n {2}\| here is 2/);
    assert.deepEqual(await runningNow(), ["api api:2", "api-2 api:1", "worker worker:2"]);
    rmSync(join(directory, "shared/unwell"));
    const back = await carryOut("back");
    assert.equal(back.status, 0, back.text);
    assert.deepEqual(await runningNow(), of("1"));
    const again = await carryOut("run");
    assert.equal(again.status, 0, again.text);
    assert.deepEqual(await runningNow(), of("2"));
  });

  test("cannot be undone after a contraction", async () => {
    const { status, text } = await carryOut("back");
    assert.equal(status, 75);
    assert.match(text, /too-late/);
    assert.deepEqual(await runningNow(), of("2"));
  });
});
