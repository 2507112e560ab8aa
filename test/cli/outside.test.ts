/** What a container runtime, an operator or another process gives plinth, and what reaches Node or the service of it. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import { before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { bakeInto, binary, plinth, plinthRunning, sampleEnvironment, workDirectory } from "../support/plinth.ts";
import { runRaw } from "../support/raw.ts";

const work = workDirectory();
chmodSync(work, 0o755);
const image = bakeInto(work, "nova-controller", "2025.1");
const isRoot = process.geteuid?.() === 0;
const own = `${process.geteuid?.()}:${process.getegid?.()}`;
const start = (...words: string[]): string[] => {
  const given = ["--image", image, "--root", join(work, "root"), "--no-wait"];
  return ["start", "conductor", ...given, ...(words.includes("--user") ? [] : ["--user", own]), ...words];
};
const fieldOf = (text: string, name: string): string =>
  new RegExp(`^${name}:\\s*(.*)$`, "m").exec(text)?.[1]?.trim() ?? "";
const withoutStrace = spawnSync("strace", ["-V"]).status === 0 ? false : "needs strace";

/** A module that would leave a file behind, and a file in which Node would find words to load it. */
const module = join(work, "module.cjs");
const pwned = join(work, "pwned");
const dotenv = join(work, "e.env");
const settings = join(work, "node.config.json");
before(() => {
  writeFileSync(module, `require("node:fs").writeFileSync(${JSON.stringify(pwned)}, "")`);
  writeFileSync(dotenv, `NODE_OPTIONS=--require=${module}\nNODE_V8_COVERAGE=${work}/from-dotenv\n`);
  writeFileSync(settings, JSON.stringify({ nodeOptions: { import: [module] } }));
});

/** Variables by which Node, or a library in it, reads or writes a file, loads code or opens a port. */
const doors: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--require=${module} --inspect=127.0.0.1:9229`,
  NODE_V8_COVERAGE: join(work, "door-coverage"),
  NODE_REDIRECT_WARNINGS: join(work, "door-warnings"),
  NODE_COMPILE_CACHE: join(work, "door-cache"),
  NODE_EXTRA_CA_CERTS: join(work, "door-certificates"),
  NODE_ICU_DATA: join(work, "door-icu"),
  NODE_PATH: join(work, "door-path"),
  NODE_DEBUG: "*",
  NODE_DEBUG_NATIVE: "*",
  NODE_PENDING_DEPRECATION: "1",
  NODE_TLS_REJECT_UNAUTHORIZED: "0",
  NODE_CHANNEL_FD: "1",
  NODE_CHANNEL_SERIALIZATION_MODE: "advanced",
  NODE_UNIQUE_ID: "7",
  NODE_USE_ENV_PROXY: "1",
  NODE_USE_SYSTEM_CA: "1",
  HTTP_PROXY: "http://127.0.0.1:9",
  WATCH_REPORT_DEPENDENCIES: "1",
  OPENSSL_CONF: join(work, "door-openssl"),
  OPENSSL_MODULES: join(work, "door-modules"),
  OPENSSL_ENGINES: join(work, "door-engines"),
  SSL_CERT_FILE: join(work, "door-ssl"),
  SSL_CERT_DIR: join(work, "door-ssl-directory"),
  UV_THREADPOOL_SIZE: "1",
  UV_USE_IO_URING: "0",
  TZ: join(work, "door-zone"),
};

/** The paths of files that a run opened, as strace shows them. */
function opened(words: readonly string[], env: Readonly<Record<string, string>>, argv0?: string): readonly string[] {
  const trace = join(work, "trace");
  const named = argv0 === undefined ? [binary] : ["bash", "-c", 'exec -a "$0" "$@"', argv0, binary];
  const strace = ["-f", "-qq", "-e", "trace=open,openat,execve,listen,connect", "-o", trace];
  const { status } = spawnSync("strace", [...strace, ...named, ...words], {
    env: { PATH: process.env["PATH"], ...env },
    cwd: work,
    timeout: 60_000,
  });
  assert.equal(status, 0);
  return readFileSync(trace, "utf8")
    .split("\n")
    .filter((line) => !line.includes("execve("));
}

describe("nothing from outside reaches Node", () => {
  test("no variable opens a file, loads a module or opens a port", { skip: withoutStrace }, () => {
    const lines = opened(["--version"], doors);
    assert.deepEqual(
      lines.filter((line) => /door-|module\.cjs|listen\(|connect\(|openssl/.test(line)),
      [],
    );
    assert.ok(!existsSync(pwned));
    assert.deepEqual(
      readdirSync(work).filter((name) => name.startsWith("door-")),
      [],
    );
  });

  test("all these variables reach the service", () => {
    const { stdout, stderr } = plinth(start("--", "/usr/bin/env"), { env: { ...sampleEnvironment, ...doors } });
    const seen = stdout.split("\n");
    for (const [name, value] of Object.entries(doors)) assert.ok(seen.includes(`${name}=${value}`), name);
    assert.equal(stderr.trim().split("\n").length, 1, stderr);
  });

  for (const [title, words] of [
    ["--env-file", ["--version", `--env-file=${dotenv}`]],
    ["--env-file after it", ["--version", "--env-file", dotenv]],
    ["a configuration file", ["--version", `--experimental-config-file=${settings}`]],
    ["the configuration file of the working directory", ["--version", "--experimental-default-config-file"]],
    ["a module", ["--version", "--require", module]],
    ["a port", ["--version", "--inspect=127.0.0.1:9229"]],
  ] as const) {
    test(`no word of the command line does: ${title}`, { skip: withoutStrace }, () => {
      const lines = opened(words, {});
      assert.deepEqual(
        lines.filter((line) => /e\.env|node\.config|module\.cjs|listen\(|from-dotenv/.test(line)),
        [],
      );
      assert.ok(!existsSync(pwned));
    });
  }

  for (const argv0 of ["--inspect=127.0.0.1:9229", "-e", `--require=${module}`, `--env-file=${dotenv}`, "-"]) {
    test(`the name it is called by does not either: ${argv0.replace(work, "...")}`, { skip: withoutStrace }, () => {
      const lines = opened(["--version"], {}, argv0);
      assert.deepEqual(
        lines.filter((line) => /e\.env|module\.cjs|listen\(/.test(line)),
        [],
      );
      assert.ok(!existsSync(pwned));
    });
  }
});

const endingSignals = Object.keys(constants.signals).filter(
  (name) =>
    !/^SIG(KILL|STOP|TSTP|TTIN|TTOU|CONT|CHLD|URG|WINCH|SEGV|BUS|FPE|ILL|PIPE|XFSZ|IOT|POLL|UNUSED)$/.test(name),
) as NodeJS.Signals[];

describe("a signal that ends programs ends a waiting plinth within 100 ms", () => {
  for (const signal of endingSignals) {
    test(signal, async () => {
      const took: number[] = [];
      // Other tests run beside this one: the quickest of some tries counts.
      while (took.length < 4 && !took.some((ms) => ms < 100)) {
        const { child, ended, stderr } = plinthRunning(["wait", "memcached://127.0.0.1:1"], {});
        while (!stderr().includes("waiting for")) await sleep(10);
        const sent = performance.now();
        child.kill(signal);
        const { status, log } = await ended;
        took.push(Math.round(performance.now() - sent));
        assert.equal(status, 128 + constants.signals[signal]);
        assert.match(log.at(-1)?.msg ?? "", /^ended by SIG\w+ while waiting for memcached/);
      }
      assert.ok(Math.min(...took) < 100, `took ${took.join(", ")} ms`);
    });
  }

  test("SIGUSR1 opens no debugger, not even while Node boots", { skip: withoutStrace }, () => {
    const trace = join(work, "boot-trace");
    // As the kernel delivers it at the first thing that Node does, before any handler can be there.
    const words = [
      "-f",
      "-qq",
      "-e",
      "inject=set_robust_list:signal=SIGUSR1:when=1",
      "-e",
      "trace=listen,bind,set_robust_list",
    ];
    const { signal, status } = spawnSync("strace", [...words, "-o", trace, binary, "--version"], { timeout: 60_000 });
    assert.ok(signal === "SIGUSR1" || status === 128 + constants.signals.SIGUSR1, `${signal} ${status}`);
    assert.doesNotMatch(readFileSync(trace, "utf8"), /listen|bind/);
  });
});

describe("what the service is started with is what plinth was started with", () => {
  test("the environment, byte for byte: names, values, twice the same name, no name at all", () => {
    const odd = [
      Buffer.from("LATIN=\xe9\xff\xfe", "latin1"),
      Buffer.from("NAME\xff=x", "latin1"),
      Buffer.from("HALF=\xc3", "latin1"),
      Buffer.from("SURROGATE=\xed\xb2\x80", "latin1"),
      "UTF=é€𝄞",
      "TWICE=1",
      "TWICE=2",
      "TWICE=3",
      "NOTHING",
      "=EMPTY",
      "__proto__=y",
      "1=number",
      "\u0001MARK=z=",
      "EMPTY=",
      "LINES=a\nb",
    ];
    const sample = Object.entries(sampleEnvironment).map(([name, value]) => `${name}=${value}`);
    const { stdout, stderr } = runRaw(
      [binary, ...start("--", "/bin/cat", "/proc/self/environ")],
      [...odd.slice(0, 7), "PATH=/usr/bin:/bin", ...sample, ...odd.slice(7)],
    );
    const seen = stdout.toString("latin1").split("\0");
    const wanted = odd.map((each) => Buffer.from(each as string).toString("latin1"));
    assert.deepEqual(
      seen.filter((entry) => wanted.includes(entry)),
      wanted,
      stderr.toString(),
    );
  });

  test("the words after --, byte for byte", () => {
    const word = Buffer.from("a\xff\xc3\xa9=", "latin1");
    const sample = Object.entries(sampleEnvironment).map(([name, value]) => `${name}=${value}`);
    const { stdout } = runRaw([binary, ...start("--", "/usr/bin/printf", "%s|"), word, "é", "\u0001"], sample);
    assert.equal(stdout.toString("latin1"), "a\xff\xc3\xa9=|\xc3\xa9|\u0001|");
  });

  test("ignored and blocked signals", () => {
    const script = "import signal, os, sys\nfor each in (1, 12, 13, 25): signal.signal(each, signal.SIG_IGN)\n";
    const block = "signal.pthread_sigmask(signal.SIG_BLOCK, [28, 10])\nos.execv(sys.argv[1], sys.argv[1:])\n";
    const words = start("--", "/bin/cat", "/proc/self/status");
    const { stdout } = spawnSync("/usr/bin/python3", ["-c", script + block, binary, ...words], {
      env: { ...sampleEnvironment },
      encoding: "utf8",
    });
    const bits = (...signals: number[]): bigint => signals.reduce((mask, each) => mask | (1n << BigInt(each - 1)), 0n);
    assert.equal(BigInt(`0x${fieldOf(stdout, "SigIgn")}`) & 0x7fffffffn, bits(1, 12, 13, 25));
    assert.equal(BigInt(`0x${fieldOf(stdout, "SigBlk")}`), bits(28, 10));
  });

  test("descriptors 3 and up, and none of plinth's own", async (t) => {
    const file = openSync("/etc/hostname", "r");
    const listening = createServer().listen(0, "127.0.0.1");
    t.after(() => listening.close());
    await once(listening, "listening");
    const handle = (listening as unknown as { _handle: { fd: number } })._handle.fd;
    const seen = ["/bin/sh", "-c", 'ls -l /proc/$$/fd; echo "pid $$ $LISTEN_PID"'];
    // As sd_listen_fds(3) has it: LISTEN_PID is the process that plinth is, and that the service becomes.
    const script = 'LISTEN_PID=$$ LISTEN_FDS=2 exec "$@"';
    const run = async (words: readonly string[]): Promise<string> => {
      const child = spawn("/bin/sh", ["-c", script, "sh", ...words], {
        env: { PATH: process.env["PATH"], ...sampleEnvironment },
        stdio: ["ignore", "pipe", "ignore", file, handle, "ignore", "ignore", "ignore", "ignore"],
      });
      let stdout = "";
      child.stdout?.on("data", (text) => (stdout += text));
      await once(child, "close");
      return stdout;
    };
    const descriptors = (text: string) =>
      [...text.matchAll(/ (\d+) -> (\S+)/g)].map(([, number, path]) => (number === "1" ? number : `${number} ${path}`));
    const straight = await run(seen);
    const through = await run([binary, ...start("--", ...seen)]);
    assert.match(straight, /3 -> \/etc\/hostname.*4 -> socket:/s);
    assert.deepEqual(descriptors(through), descriptors(straight));
    const [, pid, named] = /pid (\d+) (\d+)/.exec(through) ?? [];
    assert.ok(pid);
    assert.equal(named, pid);
  });

  test("the limit of open files", () => {
    const words = ["-c", 'ulimit -n 4096; ulimit -Sn 1024; exec "$@"', "bash", binary];
    const script = start("--", "/bin/sh", "-c", "ulimit -Sn; ulimit -Hn");
    const { stdout } = spawnSync("bash", [...words, ...script], { env: { ...sampleEnvironment }, encoding: "utf8" });
    assert.equal(stdout, "1024\n4096\n");
  });

  test("the umask, which changes no mode of what plinth writes", () => {
    const root = join(work, "umask");
    const words = ["start", "conductor", "--image", image, "--root", root, "--no-wait", "--user", own];
    const { stdout } = spawnSync(
      "sh",
      ["-c", 'umask 077; exec "$@"', "sh", binary, ...words, "--", "/bin/sh", "-c", "umask"],
      { env: { ...sampleEnvironment }, encoding: "utf8" },
    );
    assert.equal(stdout, "0077\n");
    const mode = (path: string): string => (statSync(join(root, path)).mode & 0o7777).toString(8);
    assert.deepEqual(
      ["", "etc", "etc/nova", "etc/nova/nova.conf", "run/plinth/health", "run/plinth/health/conductor.json"].map(mode),
      ["755", "755", "755", "640", "755", "640"],
    );
  });
});

describe("HOME", { skip: !isRoot && "only root can become somebody else" }, () => {
  for (const [title, given, user, expected] of [
    ["is the user's where none is given", undefined, "65534:65534", "/nonexistent"],
    ["is the user's where it is root's, as runtimes set it", "/root", "65534:65534", "/nonexistent"],
    ["is the user's where it is empty", "", "65534:65534", "/nonexistent"],
    ["is / for a user without an account", undefined, "54321:54321", "/"],
    ["is the operator's where there is one", "/srv/home", "65534:65534", "/srv/home"],
    ["is root's for root", "/root", "0:0", "/root"],
  ] as const) {
    test(title, () => {
      const env = { ...sampleEnvironment, ...(given === undefined ? {} : { HOME: given }) };
      const { stdout } = plinth(start("--user", user, "--", "/usr/bin/printenv", "HOME"), { env });
      assert.equal(stdout, `${expected}\n`);
    });
  }
});

describe("groups that the runtime adds", { skip: !isRoot && "only root can be given groups" }, () => {
  for (const [title, user, as, expected] of [
    ["stay with the user that root becomes", "65534:65534", "0:0", "4242 65534"],
    ["stay with a container's own user", own, "54321:54321", "4242"],
  ] as const) {
    test(title, () => {
      const root = join(work, `groups-${as}`);
      mkdirSync(root);
      chmodSync(root, 0o777);
      const [uid, gid] = as.split(":");
      const given = ["start", "conductor", "--image", image, "--root", root, "--no-wait", "--user", user];
      const setpriv = ["--reuid", String(uid), "--regid", String(gid), "--groups", "0,4242".slice(uid === "0" ? 0 : 2)];
      const { stdout, stderr } = spawnSync(
        "setpriv",
        [...setpriv, binary, ...given, "--", "/bin/cat", "/proc/self/status"],
        { env: { PATH: process.env["PATH"], ...sampleEnvironment }, encoding: "utf8" },
      );
      assert.equal(fieldOf(stdout, "Groups"), expected, stderr);
    });
  }
});

describe("--user", { skip: !isRoot && "only root can become somebody else" }, () => {
  for (const [user, ids] of [
    ["1000", "1000 1000"],
    ["1000:2000", "1000 2000"],
    ["54321", "54321 54321"],
    ["4294967294:4294967294", "4294967294 4294967294"],
    ["nobody", "65534 65534"],
    ["65534", "65534 65534"],
    ["nobody:daemon", "65534 1"],
    ["54321:daemon", "54321 1"],
    ["daemon:54321", "1 54321"],
    ["0", "0 0"],
  ] as const) {
    test(`${user} is uid and gid ${ids}`, () => {
      const words = start("--user", user, "--", "/bin/cat", "/proc/self/status");
      const { stdout, stderr } = plinth(words, { env: sampleEnvironment });
      const [uid] = fieldOf(stdout, "Uid").split("\t");
      const [gid] = fieldOf(stdout, "Gid").split("\t");
      assert.equal(`${uid} ${gid}`, ids, stderr);
    });
  }

  for (const verb of ["start", "render"] as const) {
    for (const [user, code, expected] of [
      ["no.body@example-1", "no-such-user", 126],
      ["nobody:no.group", "no-such-group", 126],
      ["4294967295", "user-malformed", 64],
      ["99999999999999999999", "user-malformed", 64],
      ["", "user-malformed", 64],
      ["1000:", "user-malformed", 64],
      [":1000", "user-malformed", 64],
      ["1:2:3", "user-malformed", 64],
      ["no body", "user-malformed", 64],
    ] as const) {
      test(`plinth ${verb} --user '${user}' is a mistake that is told: ${code}`, () => {
        const words = [verb, "conductor", "--image", image, "--root", join(work, "wrong"), "--user", user];
        const ended = plinth(verb === "start" ? [...words, "--no-wait", "--", "/bin/true"] : words, {
          env: sampleEnvironment,
        });
        assert.deepEqual([ended.status, ended.log.at(-1)?.code], [expected, code]);
      });
    }
  }
});
