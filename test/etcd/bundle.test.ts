import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { build } from "esbuild";
import { embedEtcdProtos } from "../../scripts/build/etcd3-protos.ts";
import { startEtcd, withoutEtcd } from "../support/etcd.ts";

/** A program that follows etcd, and writes each state as a line of JSON. */
const program = `
  import { readOnce } from "./src/host/etcd/gateway.ts";
  import { etcdSettings } from "./src/overlay/etcd-settings.ts";
  const settings = etcdSettings(process.env, () => { throw new Error("no files"); }).value;
  (async () => {
    const known = await readOnce(settings, "nova-controller", { deadline: performance.now() + 5000 });
    const { watchEntries } = await import("./src/host/etcd/watch.ts");
    const signal = new AbortController().signal;
    await watchEntries(settings, "nova-controller", known.value, {
      onChange: (entries) => console.log(JSON.stringify(entries)),
      onNotice: ({ state }) => console.log(JSON.stringify(state)),
      signal,
    });
  })();
`;

test("one file contains all that following etcd needs, and runs in an empty directory", {
  skip: withoutEtcd,
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), "plinth-bundle-"));
  const outfile = join(directory, "follow.cjs");
  const { warnings } = await build({
    stdin: { contents: program, resolveDir: process.cwd(), loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    plugins: [embedEtcdProtos],
    logLevel: "silent",
  });
  assert.deepEqual(warnings, []);
  assert.deepEqual(readdirSync(directory), ["follow.cjs"]);

  const etcd = await startEtcd();
  const child = spawn(process.execPath, ["follow.cjs"], {
    cwd: directory,
    env: { PLINTH_ETCD_ENDPOINTS: etcd.member.url },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, '"following"');
    etcd.put("/plinth/all/REGION", "eu");
    assert.equal((await lines.next()).value, '[{"key":"/plinth/all/REGION","value":"eu"}]');
  } finally {
    child.kill("SIGKILL");
    await etcd.stop();
    rmSync(directory, { recursive: true, force: true });
  }
});

test("the build fails if etcd3 loads its protos in another way, and names the place to change", async () => {
  const directory = mkdtempSync(join(tmpdir(), "plinth-bundle-"));
  mkdirSync(join(directory, "etcd3/lib"), { recursive: true });
  writeFileSync(join(directory, "etcd3/lib/connection-pool.js"), "exports.pool = 1;");
  const building = build({
    entryPoints: [join(directory, "etcd3/lib/connection-pool.js")],
    write: false,
    plugins: [embedEtcdProtos],
    logLevel: "silent",
  });
  await assert.rejects(building, /scripts\/build\/etcd3-protos\.ts must follow/);
  rmSync(directory, { recursive: true, force: true });
});
