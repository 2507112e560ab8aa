import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { beforeEach, describe, test } from "node:test";
import { lockDirectory } from "../../images/lock.ts";
import { workDirectory } from "../support/plinth.ts";
import { spdxMistakes } from "./spdx.ts";
import { makeWorkshop, type Workshop } from "./workshop.ts";

const all = ["base", "shared", "api", "cache", "client"];

/** What the engine was told to build or push, by the last part of the images' names. */
const doneBy = ({ engine }: Workshop, verb: "build" | "push"): readonly string[] =>
  engine
    .asked()
    .filter((line) => line.split(" ")[1] === verb)
    .map((line) => /([^/ ]+):2025\.1(?=( --build-arg.*)?$)/.exec(line)?.[1] ?? line);
const resultsOf = ({ report }: Workshop): Readonly<Record<string, string>> =>
  Object.fromEntries(report().images.map(({ node, result }) => [node, result]));

const work = workDirectory();
let shops = 0;
let shop: Workshop;
beforeEach(() => {
  shop = makeWorkshop(join(work, String(shops++)));
});

describe("building", () => {
  test("builds all, parents first, and reports: line by line, as a table, as JSON", () => {
    const { status, stdout, stderr } = shop.build("--jobs", "1");
    assert.equal(status, 0, stderr);
    const built = doneBy(shop, "build");
    assert.deepEqual([...built].sort(), [...all].sort());
    assert.deepEqual(built.slice(0, 2), ["base", "shared"]);
    assert.match(stderr, /^plinth\/base:2025\.1: building\nplinth\/base:2025\.1: built in \d+\.\d s, 1 MB\n/);
    assert.match(stdout, /^image +result +size +packages +python +installed +time\n/);
    assert.match(stdout, /^plinth\/api:2025\.1 +built +1 MB +2 +0 +13 MB +\d+\.\d s$/m);
    assert.match(stdout, /\n5 images in \d+\.\d s: 5 built\n$/);

    const { images, ...head } = shop.report();
    assert.deepEqual([head.deploy_name, head.release, head.engine], ["plinth", "2025.1", "docker"]);
    const [row] = images;
    assert.ok(row);
    assert.equal(row.image, "plinth/base:2025.1");
    assert.equal(row.bytes, 1e6);
    assert.deepEqual([row.packages, row.python_packages], [2, 0]);
    assert.equal(row.installed_bytes, (12988 + 100) * 1024);
    assert.equal(row.log, "build/images/logs/base-2025.1.log");
    assert.match(readFileSync(join(shop.directory, row.log), "utf8"), /^\$ docker build --tag plinth\/base:2025\.1 /);
  });

  test("writes a bill of materials beside each context", () => {
    shop.build("--image", "cache");
    const { sbom } = shop.report().images.find(({ node }) => node === "cache") ?? assert.fail();
    const bill = JSON.parse(readFileSync(join(shop.directory, sbom ?? ""), "utf8"));
    assert.deepEqual(spdxMistakes(bill), []);
    assert.equal(bill.name, "plinth/cache:2025.1");
    assert.deepEqual(
      bill.packages.map(({ name }: { name: string }) => name),
      ["plinth/cache:2025.1", "libc6", "attr"],
    );
  });

  test("names make binary in a checkout that was never built, and builds nothing", () => {
    appendFileSync(join(shop.directory, "images/base/Dockerfile"), "COPY plinth/ /opt/plinth/\n");
    const { status, stderr } = shop.build();
    assert.equal(status, 78);
    assert.match(stderr, /this checkout has not built it: there is no build\/bin\/plinth and no build\/plinth$/m);
    assert.match(stderr, /fix: run make binary, then the same command again/);
    assert.deepEqual(doneBy(shop, "build"), []);
  });

  test("builds nothing the second time", () => {
    shop.build();
    shop.engine.asked();
    const { status, stdout, stderr } = shop.build();
    assert.equal(status, 0);
    assert.match(stdout, /5 images in .*: 5 unchanged\n$/);
    assert.match(stderr, /^plinth\/base:2025\.1: unchanged$/m);
    const asked = shop.engine.asked().map((line) => line.split(" ").slice(1, 3).join(" "));
    assert.deepEqual([...new Set(asked)], ["version", "image inspect"]);
    const { images } = shop.report();
    for (const { bytes, installed_bytes } of images) assert.ok(bytes && installed_bytes);
  });

  test("does not treat a mirror, a number of jobs or a place as a change", () => {
    shop.build();
    const { stdout } = shop.build("--mirror", "http://other.example/debian", "--jobs", "4");
    assert.match(stdout, /5 unchanged\n$/);
  });

  const changes = [
    {
      title: "a Dockerfile, and what stands on its image",
      change: ({ directory }: Workshop) => appendFileSync(join(directory, "images/shared/Dockerfile"), "RUN true\n"),
      built: ["api", "client", "shared"],
    },
    {
      title: "an image with another package",
      change: ({ directory }: Workshop) => {
        const node = join(directory, "model/nodes/api.yml");
        writeFileSync(node, readFileSync(node, "utf8").replace("[keystone]", "[keystone, curl]"));
      },
      built: ["api"],
    },
    {
      title: "an image that somebody removed",
      change: ({ engine }: Workshop) => engine.remove("plinth/cache:2025.1"),
      built: ["cache"],
    },
  ];
  for (const { title, change, built } of changes) {
    test(`builds again ${title}`, () => {
      shop.build();
      shop.engine.asked();
      change(shop);
      assert.equal(shop.build().status, 0);
      assert.deepEqual([...doneBy(shop, "build")].sort(), built);
    });
  }

  test("builds again what a snapshot changes, and all with --no-cache", () => {
    shop.build();
    shop.engine.asked();
    const archive = ["--mirror", "https://snapshots.example/archive/debian", "--snapshot", "20261101T000000Z"];
    shop.build(...archive);
    const asked = shop.engine.asked().filter((line) => line.startsWith("docker build"));
    assert.equal(asked.length, 5);
    assert.deepEqual(
      asked
        .filter((line) => line.includes("SNAPSHOT=20261101T000000Z"))
        .map((line) => /base=debian:trixie/i.test(line)),
      [true],
    );
    for (const line of asked) assert.match(line, /SOURCE_DATE_EPOCH=1793491200 /);
    assert.match(shop.build(...archive).stdout, /5 unchanged/);
    assert.match(shop.build(...archive, "--no-cache").stdout, /5 built/);
  });

  describe("an environment", () => {
    const row = "parent: shared, lock: placement, build_packages: [gcc]";
    /** The repository's locks in the directory of a workshop, one of them as `change` has it. */
    const withLocks = (change: (text: string) => string): void => {
      cpSync("images/locks/2025.1", join(shop.directory, "images/locks/2025.1"), { recursive: true });
      cpSync("images/locks/uv.txt", join(shop.directory, "images/locks/uv.txt"));
      const path = join(shop.directory, "images/locks/2025.1/placement.txt");
      writeFileSync(path, change(readFileSync(path, "utf8")));
      shop.setImage("programs", row);
    };

    test("has its lock in the build context, and the index in no argument", () => {
      withLocks((text) => text);
      const { status, stderr } = shop.build("--image", "programs", "--index", "https://user:word@index.example/simple");
      assert.equal(status, 0, stderr);
      const built =
        shop.engine.asked().find((line) => line.startsWith("docker build") && line.includes(" plinth/programs:")) ?? "";
      assert.match(built, / --secret id=index,src=\S+/);
      assert.doesNotMatch(built, /index\.example|word/);
      assert.doesNotMatch(
        readFileSync(join(shop.directory, "build/images/logs/programs-2025.1.log"), "utf8"),
        /index\.example/,
      );
      const lock = readFileSync(join(shop.directory, "build/images/2025.1/programs/locks/environment.txt"), "utf8");
      assert.equal(lock, readFileSync("images/locks/2025.1/placement.txt", "utf8"));
    });

    const wrong: readonly (readonly [string, (text: string) => string, RegExp])[] = [
      [
        "whose lock was made from another row",
        (text) => text.replace(/^# asked: .*/m, "# asked: placement<13"),
        /^error\[lock-older\]/m,
      ],
      ["whose lock has a package without a hash", (text) => `${text}six==1.17.0\n`, /^error\[lock-line-wrong\]/m],
    ];
    for (const [title, change, says] of wrong) {
      test(`${title} is reported, and nothing is built`, () => {
        withLocks(change);
        const { status, stderr } = shop.build();
        assert.equal(status, 78, stderr);
        assert.match(stderr, says);
        assert.deepEqual(doneBy(shop, "build"), []);
      });
    }

    test("without a lock is reported, and nothing is built", () => {
      shop.setImage("programs", row);
      const { status, stderr } = shop.build();
      assert.equal(status, 78, stderr);
      assert.match(stderr, /^error\[lock-missing\]/m);
      assert.deepEqual(doneBy(shop, "build"), []);
    });
  });

  test("uses podman by its own name", () => {
    const { status, stderr } = shop.build("--engine", "podman", "--image", "base");
    assert.equal(status, 0, stderr);
    const asked = shop.engine.asked();
    for (const line of asked) assert.match(line, /^podman /);
    assert.ok(asked.some((line) => line.startsWith("podman build --format docker --tag plinth/base:2025.1 ")));
    assert.equal(shop.report().engine, "podman");
  });

  test("pushes each image to the registry once it is there, built or not", () => {
    const words = ["--registry", "registry.example.com:5000", "--image", "cache", "--push"];
    for (const built of [2, 0]) {
      const { status, stderr, stdout } = shop.build(...words);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^registry\.example\.com:5000\/plinth\/cache:2025\.1 /m);
      const asked = shop.engine.asked().map((line) => line.split(" ").slice(1));
      assert.equal(asked.filter(([verb]) => verb === "build").length, built);
      assert.deepEqual(
        asked.filter(([verb]) => verb === "push").map(([, image]) => image),
        ["base", "cache"].map((name) => `registry.example.com:5000/plinth/${name}:2025.1`),
      );
    }
  });
});

describe("a build that fails", () => {
  const resolving = "W: Failed to fetch http://m.example/x  Temporary failure resolving 'm.example'";

  test("because of the network is tried again", () => {
    shop.engine.failing("cache", [resolving, resolving]);
    const { status, stdout, stderr } = shop.build();
    assert.equal(status, 0, stderr);
    assert.match(stdout, /5 built\n$/);
    assert.match(
      stderr,
      /^plinth\/cache:2025\.1: the network failed, next of 3 tries in 0 s: .*resolving 'm\.example'$/m,
    );
    assert.equal(doneBy(shop, "build").filter((name) => name === "cache").length, 3);
    const log = readFileSync(join(shop.directory, "build/images/logs/cache-2025.1.log"), "utf8");
    assert.equal(log.match(/^\$ docker build/gm)?.length, 3);
  });

  const ends = [
    {
      title: "for the network's sake three times ends, and says what could not be reached",
      outputs: [resolving, resolving, resolving],
      code: "network-lost",
      says: /in each of 3 tries: .*Temporary failure resolving 'm\.example'\n {2}fix: .*APT_MIRROR/,
      builds: 3,
    },
    {
      title: "for want of room ends at once, and says so",
      outputs: ["dpkg: error: cannot copy: failed to write (No space left on device)"],
      code: "disk-full",
      says: /the disk is full: .*No space left on device\)\n {2}fix: free space \(docker system df /,
      builds: 1,
    },
    {
      title: "for another reason ends at once, with the end of its log",
      outputs: ["E: Unable to locate package memcachd"],
      code: "build-failed",
      says: /plinth\/shared:2025\.1 could not be built:\n\$ docker .*\nE: Unable to locate package memcachd\n/,
      builds: 1,
    },
  ];
  for (const { title, outputs, code, says, builds } of ends) {
    test(title, () => {
      shop.engine.failing("shared", outputs);
      const { status, stdout, stderr } = shop.build();
      assert.equal(status, 75, stderr);
      assert.match(stderr, new RegExp(`^error\\[${code}\\]`, "m"));
      assert.match(stderr, says);
      assert.match(stderr, /build\/images\/logs\/shared-2025\.1\.log/);
      assert.equal(doneBy(shop, "build").filter((name) => name === "shared").length, builds);
      assert.deepEqual(resultsOf(shop), {
        base: "built",
        shared: "failed",
        api: "skipped",
        cache: "built",
        client: "skipped",
      });
      assert.match(stdout, /^plinth\/api:2025\.1 +skipped: plinth\/shared:2025\.1 failed +- +- +- +- +-$/m);
      assert.match(stdout, /5 images in .*: 2 built, 1 failed, 2 skipped\n$/);
      assert.equal(shop.report().images.find(({ node }) => node === "api")?.because, "plinth/shared:2025.1");
    });
  }

  test("because its own files have no room says so", () => {
    // Stands for a full disk: every write to it fails.
    mkdirSync(join(shop.directory, "build/images/2025.1"), { recursive: true });
    symlinkSync("/dev/full", join(shop.directory, "build/images/2025.1/base.spdx.json.new"));
    const { status, stderr } = shop.build("--image", "base");
    assert.equal(status, 75, stderr);
    assert.match(stderr, /error\[disk-full\]/);
  });

  test("is built by the next run, and what was built stays", () => {
    shop.engine.failing("shared", ["a broken package"]);
    shop.build();
    const { status, stdout } = shop.build();
    assert.equal(status, 0);
    assert.match(stdout, /5 images in .*: 3 built, 2 unchanged\n$/);
  });

  test("reports a push that fails, and how to log in", () => {
    shop.build("--registry", "r.example", "--image", "base");
    shop.engine.failing("base", ["denied: requested access to the resource is denied"]);
    const { status, stderr } = shop.build("--registry", "r.example", "--image", "base", "--push");
    assert.equal(status, 75);
    assert.match(stderr, /error\[push-failed\].*\n(.*\n)*.*docker login/);
  });
});

test("a dry run asks no engine, writes nothing and builds nothing", () => {
  const { status, stdout } = shop.build("--dry-run");
  assert.equal(status, 0);
  assert.match(stdout, /^plinth\/cache:2025\.1: cache\n {2}stands on: plinth\/base:2025\.1\n {2}packages: memcached$/m);
  assert.deepEqual(shop.engine.asked(), []);
  assert.ok(!existsSync(join(shop.directory, "build")));
});

test("two runs in one directory build one after the other, and the second has nothing to do", async () => {
  const program = resolve("images/build.ts");
  const runs = ["one", "two"].map(async () => {
    const env = { PATH: `${shop.engine.bin}:${process.env["PATH"]}` };
    const child = spawn(process.execPath, [program], { cwd: shop.directory, env, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
    const [status] = await once(child, "close");
    return { status, output };
  });
  const ended = await Promise.all(runs);
  assert.deepEqual(
    ended.map(({ status }) => status),
    [0, 0],
  );
  const outputs = ended.map(({ output }) => output).join("");
  assert.match(outputs, /: 5 built\n/);
  assert.match(outputs, /: 5 unchanged\n/);
});

test("a run that waits for a directory names the process, and continues when that ends", async () => {
  const directory = join(work, "held");
  const holder = `import { lockDirectory } from ${JSON.stringify(resolve("images/lock.ts"))};
    await lockDirectory(${JSON.stringify(directory)}, () => {}); console.log("locked"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", holder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  const told: string[] = [];
  await lockDirectory(directory, (pid) => {
    told.push(pid);
    child.kill("SIGKILL");
  });
  assert.deepEqual(told, [String(child.pid)]);
});
