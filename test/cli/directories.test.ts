import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findImage } from "../../src/openstack/images.ts";
import { bakeInto, type Ended, plinth, plinthRunning, sampleEnvironment, workDirectory } from "../support/plinth.ts";

/** What `plinth start` makes of volumes as engines give them: Kubernetes gives an empty one to root, or to a group (fsGroup). */

const work = workDirectory();
chmodSync(work, 0o755);
const glance = bakeInto(work, "glance-server", "2025.1", { name: "glance.json" });
const libvirt = bakeInto(work, "libvirt-compute", "2025.1", { name: "libvirt.json" });
const keystone = bakeInto(work, "keystone-server", "2025.1", { name: "keystone.json" });
const { uid: own = 0 } = findImage("glance", "server")?.account ?? {};
const other = 4242;
const group = 2000;

const skip = process.geteuid?.() !== 0 && "only root can give files to others";

/** A root directory with a volume of glance in it, as it was mounted. */
function mounted(title: string, path = "var/lib/glance", { uid = 0, gid = 0, mode = 0o755 } = {}) {
  const root = join(work, title.replaceAll(/\W+/g, "-"));
  const volume = join(root, path);
  mkdirSync(volume, { recursive: true });
  chownSync(volume, uid, gid);
  chmodSync(volume, mode);
  // Where rendered files go.
  for (const directory of ["etc", "run"]) {
    mkdirSync(join(root, directory));
    chmodSync(join(root, directory), 0o777);
  }
  return { root, volume };
}

const words = (image: string, service: string, root: string, ...more: readonly string[]): readonly string[] => [
  ...["start", service, "--image", image, "--root", root, "--no-wait", ...more, "--", "/bin/true"],
];

/** As root it becomes the numbers of `--user`, since this machine has no account of that name. */
const startGlance = (root: string, runAs?: { readonly uid: number; readonly gid: number }): Ended =>
  plinth(words(glance, "api", root, ...(runAs ? [] : ["--user", `${own}:${own}`])), {
    env: sampleEnvironment,
    ...runAs,
  });

const looks = (path: string): string => {
  const { uid, gid, mode } = lstatSync(path);
  return `${uid}:${gid} ${(mode & 0o7777).toString(8)}`;
};

const errors = ({ log }: Ended) => log.filter(({ level }) => level === "error");

for (const [title, at] of [
  ["is root's and empty", { uid: 0, gid: 0, mode: 0o755 }],
  ["belonged to another account", { uid: other, gid: other, mode: 0o777 }],
  ["is as fsGroup leaves it", { uid: 0, gid: group, mode: 0o2775 }],
] as const) {
  test(`root gives the service a volume that ${title}`, { skip }, () => {
    const { root, volume } = mounted(title, undefined, at);
    const ended = startGlance(root);
    assert.equal(ended.status, 0, ended.stderr);
    for (const directory of [".", "images", "staging", "tasks"]) {
      assert.match(looks(join(volume, directory)), new RegExp(`^${own}:${own} 2?750$`), directory);
    }
  });
}

test("root makes a volume's directory that is missing", { skip }, () => {
  const { root, volume } = mounted("missing");
  rmSync(volume, { recursive: true });
  assert.equal(startGlance(root).status, 0);
  assert.equal(looks(join(volume, "images")), `${own}:${own} 750`);
});

test("plinth changes neither a directory that is right nor what is in a directory", { skip }, () => {
  const { root, volume } = mounted("kept");
  assert.equal(startGlance(root).status, 0);
  const image = join(volume, "images/one");
  writeFileSync(image, "data", { mode: 0o640 });
  chownSync(image, other, other);
  chmodSync(join(volume, "staging"), 0o700);
  const before = statSync(join(volume, "tasks"), { bigint: true }).ctimeNs;
  assert.equal(startGlance(root).status, 0);
  assert.equal(looks(image), `${other}:${other} 640`);
  assert.equal(looks(join(volume, "staging")), `${own}:${own} 750`);
  assert.equal(statSync(join(volume, "tasks"), { bigint: true }).ctimeNs, before);
});

test("a user other than root creates what is missing on a volume of its group", { skip }, () => {
  const { root, volume } = mounted("group", undefined, { uid: 0, gid: group, mode: 0o2775 });
  const ended = startGlance(root, { uid: other, gid: group });
  assert.equal(ended.status, 0, ended.stderr);
  assert.equal(looks(volume), `0:${group} 2775`);
  assert.match(looks(join(volume, "images")), new RegExp(`^${other}:${group} 2?750$`));
});

test("a volume that the service cannot write to is one error, with the ways to change its owner", { skip }, () => {
  const { root } = mounted("denied");
  const ended = startGlance(root, { uid: other, gid: group });
  assert.equal(ended.status, 78);
  const [error, ...more] = errors(ended);
  assert.deepEqual(more, []);
  assert.equal(error?.code, "directory-denied");
  assert.match(error?.msg ?? "", /var\/lib\/glance: it belongs to 0:0 and has mode 755, .* uid 4242, gid 2000/);
  assert.match(error?.fix ?? "", /chown 4242:2000 .*fsGroup: 2000 .*root with CHOWN and FOWNER/);
});

test("plinth does not follow a link on a volume to change its target", { skip }, () => {
  const { root, volume } = mounted("link", "var/lib/libvirt");
  const elsewhere = join(work, "elsewhere");
  mkdirSync(elsewhere, { mode: 0o755 });
  symlinkSync(elsewhere, join(volume, "config"));
  symlinkSync(elsewhere, join(volume, "qemu"));
  const ended = plinth(words(libvirt, "libvirtd", root));
  assert.equal(ended.status, 78, "what should be below it is not there");
  assert.match(errors(ended)[0]?.msg ?? "", /config\/nwfilter: it is not there, .*it is no directory/);
  assert.equal(looks(elsewhere), "0:0 755");
  assert.deepEqual(readdirSync(elsewhere), []);
  assert.ok(existsSync(join(volume, "log/qemu")));
});

test("a link in place of the service's own directory is an error when the service cannot write there", { skip }, () => {
  const { root, volume } = mounted("own-link");
  const target = join(work, "target");
  mkdirSync(target, { mode: 0o755 });
  symlinkSync(target, join(volume, "images"));
  const ended = startGlance(root);
  assert.equal(ended.status, 78);
  assert.match(errors(ended)[0]?.msg ?? "", /cannot write to .*\/images: .*it is no directory/);
  assert.equal(looks(target), "0:0 755");
});

test("a file in place of a directory is an error", { skip }, () => {
  const { root, volume } = mounted("file");
  writeFileSync(join(volume, "images"), "");
  const ended = startGlance(root);
  assert.equal(ended.status, 78);
  assert.match(errors(ended)[0]?.msg ?? "", /\/images: it is no directory/);
});

/** Starts seven containers at once with one new volume, which a group may write to. @param uidOf the user of each. */
async function startAtOnce(name: string, uidOf: (index: number) => number) {
  const { volume, root } = mounted(name, undefined, { uid: 0, gid: group, mode: 0o2777 });
  const roots = Array.from({ length: 6 }, (_, index) => {
    const one = mounted(`${name}-${index}`).root;
    rmSync(join(one, "var/lib/glance"), { recursive: true });
    symlinkSync(volume, join(one, "var/lib/glance"));
    return one;
  });
  const started = [...roots, root].map((one, index) =>
    plinthRunning(words(glance, "api", one), { env: sampleEnvironment, uid: uidOf(index), gid: group }),
  );
  return Promise.all(started.map(({ ended }) => ended));
}

test("several containers start with one new volume at once, and all become the service", { skip }, async () => {
  const ended = await startAtOnce("at-once", () => other);
  assert.deepEqual(
    ended.map(({ status, stderr }) => (status === 0 ? 0 : stderr)),
    ended.map(() => 0),
  );
});

test("containers of two users that start with one new volume at once report the volume's owner, and no race", {
  skip,
}, async () => {
  // Which of the two makes a directory first is left to chance, for each directory again: all seven may find one that is not theirs.
  const ended = await startAtOnce("two-users", (index) => other + (index % 2));
  for (const { status, stderr } of ended) {
    assert.doesNotMatch(stderr, /file exists|EEXIST/i);
    if (status !== 0) assert.match(stderr, /"code":"directory-denied"/);
  }
});

test("several containers start as root with one new volume at once, and all become the service", { skip }, async () => {
  const { root, volume } = mounted("roots");
  const all = Array.from({ length: 6 }, () =>
    plinthRunning(words(glance, "api", root, "--user", `${own}:${own}`), { env: sampleEnvironment }),
  );
  const ended = await Promise.all(all.map((one) => one.ended));
  assert.deepEqual(
    ended.map(({ stderr }) => stderr).filter((text) => /directory-|file exists/i.test(text)),
    [],
  );
  assert.equal(looks(join(volume, "images")), `${own}:${own} 750`);
});

test("a service that only reads a volume leaves it as it is", { skip }, () => {
  const { root, volume } = mounted("reads", "var/lib/keystone/fernet-keys");
  const ended = plinth(words(keystone, "server", root), { env: sampleEnvironment, uid: other, gid: group });
  assert.equal(ended.status, 0, ended.stderr);
  assert.equal(looks(volume), "0:0 755");
});
