import assert from "node:assert/strict";
import { chmodSync, chownSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { bakeInto, plinth, workDirectory } from "../support/plinth.ts";

const work = workDirectory();
chmodSync(work, 0o755);
const image = bakeInto(work, "rabbitmq-server", "2025.1");
const isRoot = process.geteuid?.() === 0;
const skip = !isRoot && "only root can give files to others";

type Volume = {
  readonly owner: number;
  readonly group: number;
  readonly mode: number;
  /** 0 stays root only if told so. */
  readonly runAs: number;
  readonly kind?: "file" | "directory";
};

/** Starts the broker's entrypoint on a volume whose cookie is as said. */
function startOn(title: string, { owner, group, mode, runAs, kind = "file" }: Volume) {
  const root = join(work, title.replaceAll(/\W+/g, "-"));
  const directory = join(root, "var/lib/rabbitmq");
  const cookie = join(directory, ".erlang.cookie");
  mkdirSync(directory, { recursive: true });
  if (kind === "file") writeFileSync(cookie, "COOKIE");
  else mkdirSync(cookie);
  for (const path of [directory, cookie]) chownSync(path, owner, group);
  chmodSync(directory, 0o2770);
  chmodSync(cookie, mode);
  chownSync(root, runAs, group);
  const ended = plinth(["start", "server", "--image", image, "--root", root, "--no-wait", "--", "/bin/true"], {
    env: { SERVICE_MESSAGE_QUEUE_PASSWORD: "s3cret" },
    uid: runAs,
    gid: group,
  });
  const after = statSync(cookie).mode & 0o7777;
  rmSync(root, { recursive: true });
  return { ...ended, mode: after };
}

for (const [title, volume] of [
  ["as Erlang made it", { owner: 1234, group: 1234, mode: 0o400, runAs: 1234 }],
  ["as fsGroup leaves it", { owner: 1234, group: 2000, mode: 0o660, runAs: 1234 }],
  ["open to everybody", { owner: 42439, group: 2000, mode: 0o666, runAs: 42439 }],
  ["writable by its owner", { owner: 1234, group: 1234, mode: 0o600, runAs: 1234 }],
  ["with nobody let in", { owner: 1234, group: 1234, mode: 0, runAs: 1234 }],
] as const) {
  test(`Erlang's cookie has mode 400 when the broker starts: ${title}`, { skip }, () => {
    const { status, mode, stderr } = startOn(title, volume);
    assert.equal(status, 0, stderr);
    assert.equal(mode, 0o400);
  });
}

test("a cookie of somebody else is an error that says whose it is, whose it should be, and what to do", {
  skip,
}, () => {
  const { status, log } = startOn("other", { owner: 999, group: 2000, mode: 0o660, runAs: 1234 });
  assert.equal(status, 78);
  const error = log.find(({ code }) => code === "private-of-another");
  assert.match(error?.msg ?? "", /\.erlang\.cookie belongs to uid 999 \(mode 660\).*uid 1234/);
  assert.match(error?.fix ?? "", /run the container as uid 999.*chown 1234 /);
});

test("a directory in the cookie's place is an error", { skip }, () => {
  const { status, log } = startOn("directory", {
    owner: 1234,
    group: 1234,
    mode: 0o700,
    runAs: 1234,
    kind: "directory",
  });
  assert.equal(status, 78);
  assert.deepEqual(
    log.filter(({ level }) => level === "error").map(({ code }) => code),
    ["private-no-file"],
  );
});
