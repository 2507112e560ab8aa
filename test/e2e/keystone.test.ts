import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { before, describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  docker,
  dockerOutput,
  dockerScope,
  ended,
  logLines,
  logsOf,
  type Ran,
  until,
  type Wanted,
} from "../support/docker.ts";
import { asKeystone, type KeystoneStack, keystoneStack, locked } from "../support/keystone.ts";

/** `make e2e VERSION=zed` takes another. */
const release = process.env["VERSION"] ?? "2025.1";
const image = `${process.env["DEPLOY"] ?? "plinth"}/keystone-server:${release}`;

/** What root needs in order to become keystone: its ids, files for its group, and a look into its key repositories. */
const rootMay = ["SETUID", "SETGID", "CHOWN"].flatMap((capability) => ["--cap-add", capability]);

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const field = (status: string, name: string): string =>
  new RegExp(`^${name}:\\s*(.*)$`, "m").exec(status)?.[1]?.trim().replace(/\s+/g, " ") ?? "";

const scope = dockerScope("keystone");

describe(`a real keystone ${release}, started by plinth`, () => {
  let stack: KeystoneStack;
  before(async () => {
    stack = await keystoneStack(scope, release);
  });

  const holdsNoSecret = (text: string): void => {
    for (const [name, secret] of Object.entries(stack.secrets)) {
      for (const shown of [secret, encodeURIComponent(secret), secret.slice(0, 12)]) {
        assert.ok(!text.includes(shown), `the ${name} password shows`);
      }
    }
  };
  const inside = (container: string, ...words: string[]): Promise<string> =>
    dockerOutput(["exec", container, ...words]);

  async function healthy(t: TestContext, container: string): Promise<void> {
    const began = performance.now();
    await until(`${container} to be healthy`, async () => {
      const state = JSON.parse(await dockerOutput(["inspect", "--format", "{{json .State}}", container]));
      if (!state.Running) throw new Error(`it ended with ${state.ExitCode}:\n${(await logsOf(container)).text}`);
      return state.Health.Status === "healthy" ? true : undefined;
    });
    t.diagnostic(`healthy after ${seconds(performance.now() - began)}`);
  }

  test("its jobs make schema, keys and administrator, waiting for a database that is only just starting", async (t) => {
    await stack.startServers();
    for (const job of ["db-sync", "keys", "bootstrap"]) {
      const { status, stdout, stderr, ms } = await stack.run(
        stack.keystone([...locked, ...asKeystone], [job, "--timeout", "60"]),
      );
      assert.equal(status, 0, `${job}: ${stderr}\nMariaDB: ${(await logsOf(scope.name("mariadb"))).text}`);
      holdsNoSecret(stdout + stderr);
      t.diagnostic(`${job}: ${seconds(ms)}`);
    }
  });

  test("its keys belong to keystone alone, on volumes that belonged to root", async () => {
    const { status, stdout, stderr } = await stack.run({
      ...stack.keystone(
        ["--entrypoint", "stat"],
        ["--format", "%u:%g %a %n", ...["fernet", "credential"].map((keys) => `/var/lib/keystone/${keys}-keys`)],
      ),
    });
    assert.equal(status, 0, stderr);
    assert.deepEqual(stdout.trim().split("\n"), [
      "42425:42425 700 /var/lib/keystone/fernet-keys",
      "42425:42425 700 /var/lib/keystone/credential-keys",
    ]);
  });

  describe("it runs as keystone's uid, with a read-only root file system and no capability", () => {
    let server: string;
    before(async () => {
      server = await stack.start(
        "keystone",
        stack.keystone([...locked, ...asKeystone, "--network-alias", "keystone"], ["server"]),
      );
    });

    test("Docker's health check, which is plinth's, turns healthy", (t) => healthy(t, server));

    test("uwsgi is process 1, with every id of keystone, and no plinth process is left", async () => {
      const status = await inside(server, "cat", "/proc/1/status");
      assert.match(await inside(server, "readlink", "/proc/1/exe"), /^\/usr\/bin\/uwsgi/);
      assert.equal(field(status, "Uid"), "42425 42425 42425 42425");
      assert.equal(field(status, "Gid"), "42425 42425 42425 42425");
      assert.equal(field(status, "Groups"), "42425");
      assert.equal(field(status, "CapEff"), "0000000000000000");
      // Processes without a parent here come from outside: a health check, this very question.
      const list = 'for p in /proc/[0-9]*; do grep -q "^PPid:.0$" $p/status || readlink $p/exe; done; true';
      const programs = await inside(server, "sh", "-c", list);
      assert.match(programs, /uwsgi/);
      assert.doesNotMatch(programs, /plinth/);
    });

    test("only keystone can read its files, which are where keystone looks for them", async () => {
      const files = ["keystone.conf", "keystone-uwsgi.ini"];
      for (const file of files) {
        assert.equal(await inside(server, "readlink", `/etc/keystone/${file}`), `/run/plinth/etc/keystone/${file}`);
        assert.equal(
          await inside(server, "stat", "--format", "%a %g", `/run/plinth/etc/keystone/${file}`),
          "640 42425",
        );
      }
      assert.equal(await dockerOutput(["diff", server]), "", "the root file system is as the image made it");
    });

    test("its environment and its log hold no secret", async () => {
      holdsNoSecret(await inside(server, "cat", "/proc/1/environ"));
      holdsNoSecret((await logsOf(server)).text);
    });

    test("the real client gets a token, the users and the catalog", async (t) => {
      const answer = ({ status, stdout, stderr, ms }: Ran, what: string): unknown => {
        assert.equal(status, 0, stderr);
        t.diagnostic(`openstack ${what}: ${seconds(ms)}`);
        return JSON.parse(stdout);
      };
      const token = answer(await stack.openstack("token", "issue", "-f", "json"), "token issue") as { id: string };
      assert.match(token.id, /^gAAAAA/, "a fernet token");
      const users = answer(await stack.openstack("user", "list", "-f", "json"), "user list") as { Name: string }[];
      assert.deepEqual(
        users.map((user) => user.Name),
        ["admin"],
      );
      const [service] = answer(await stack.openstack("catalog", "list", "-f", "json"), "catalog list") as {
        Type: string;
        Endpoints: { interface: string; url: string }[];
      }[];
      assert.equal(service?.Type, "identity");
      assert.deepEqual(
        service?.Endpoints.map((endpoint) => `${endpoint.interface} ${endpoint.url}`).sort(),
        ["admin", "internal", "public"].map((name) => `${name} http://keystone:5000/v3`),
      );
    });

    test("two hosts rotate its keys at the same time only once, and an earlier token stays valid", async () => {
      const { id } = JSON.parse((await stack.openstack("token", "issue", "-f", "json")).stdout) as { id: string };
      const job = (name: string) => stack.run(stack.keystone([...locked, ...asKeystone], [name]));
      const both = await Promise.all([job("fernet-rotate"), job("fernet-rotate")]);
      const said = both.map(({ stderr }) => stderr).join("\n");
      assert.deepEqual([both[0]?.status, both[1]?.status], [0, 0], said);
      assert.match(said, /rotated: key 2 is primary/);
      assert.match(said, /not rotated: key 1 would go/);
      assert.equal((await inside(server, "ls", "/var/lib/keystone/fernet-keys")).trim(), "0\n1\n2");
      const ask = `import sys, urllib.request as r
headers = {"X-Auth-Token": sys.argv[1], "X-Subject-Token": sys.argv[1]}
print(r.urlopen(r.Request("http://127.0.0.1:5000/v3/auth/tokens", headers=headers)).status)`;
      assert.equal((await inside(server, "python3", "-c", ask, id)).trim(), "200");
      const credentials = await Promise.all([job("credential-rotate"), job("credential-rotate")]);
      assert.deepEqual(
        credentials.map((ran) => ran.status),
        [0, 0],
        credentials.map((ran) => ran.stderr).join("\n"),
      );
    });

    test("it stops cleanly on SIGTERM", async (t) => {
      const { ms } = await docker(["stop", "--time", "30", server]);
      t.diagnostic(`docker stop: ${seconds(ms)}`);
      assert.equal((await ended(server)).status, 0);
      assert.ok(ms < 10_000, `docker stop took ${seconds(ms)}`);
    });
  });

  test("a drop-in file overrides the model, and plinth names its place", async (t) => {
    const directory = await stack.volume("drop-ins");
    const writing = await stack.run({
      image,
      flags: ["--volume", `${directory}:/drop-ins`, "--entrypoint", "sh"],
      words: ["-c", 'printf "[token]\\nexpiration = 660\\n" > /drop-ins/90-emergency.conf'],
    });
    assert.equal(writing.status, 0, writing.stderr);
    const volume = ["--volume", `${directory}:/etc/keystone/keystone.conf.d:ro`];
    const server = await stack.start(
      "keystone-drop-in",
      stack.keystone([...locked, ...asKeystone, "--network-alias", "keystone", ...volume], ["server"]),
    );
    await healthy(t, server);
    assert.match((await logsOf(server)).text, /drop-in files count more than the model: .*90-emergency\.conf/);
    const issued = await stack.openstack("token", "issue", "-f", "json");
    assert.equal(issued.status, 0, issued.stderr);
    const { expires } = JSON.parse(issued.stdout) as { expires: string };
    const left = (Date.parse(expires) - Date.now()) / 1000;
    assert.ok(left > 300 && left <= 660, `a token is valid for ${left} s more: the template says 43200`);
    const plinth = "/opt/plinth/bin/plinth";
    const explained = await inside(server, plinth, "explain", "keystone.conf", "token", "expiration");
    assert.match(explained, /90-emergency\.conf:2 \[token\] expiration = 660/);
    const checked = await stack.run({
      ...stack.keystone([...locked, ...asKeystone, ...volume, "--entrypoint", plinth], ["check"]),
    });
    assert.match(checked.stdout + checked.stderr, /_options:keystone\.conf:token:expiration/);
    await docker(["stop", "--time", "30", server]);
  });

  test("it becomes keystone if started as root with Docker's defaults, and reads its secrets from files", async (t) => {
    const {
      SERVICE_DATABASE_PASSWORD: _database,
      SERVICE_IDENTITY_ADMIN_PASSWORD: _admin,
      ...env
    } = stack.keystone([], []).env ?? {};
    const files = await stack.volume("secrets");
    const writing = await stack.run({
      image,
      flags: ["--volume", `${files}:/secrets`, "--entrypoint", "sh"],
      env: { DATABASE: stack.secrets.database, ADMIN: stack.secrets.admin },
      words: [
        "-c",
        'umask 077; printf "%s\\n" "$DATABASE" > /secrets/database; printf "%s\\n" "$ADMIN" > /secrets/admin',
      ],
    });
    assert.equal(writing.status, 0, writing.stderr);
    const given = {
      SERVICE_DATABASE_PASSWORD_FILE: "/secrets/database",
      SERVICE_IDENTITY_ADMIN_PASSWORD_FILE: "/secrets/admin",
    };
    const wanted = stack.keystone(["--volume", `${files}:/secrets:ro`], ["server"]);
    const server = await stack.start("keystone-root", { ...wanted, env: { ...env, ...given } });
    await healthy(t, server);
    const status = await inside(server, "cat", "/proc/1/status");
    assert.equal(field(status, "Uid"), "42425 42425 42425 42425");
    assert.equal(field(status, "Groups"), "42425");
    assert.equal(
      await inside(server, "stat", "--format", "%a %U:%G", "/run/plinth/etc/keystone/keystone.conf"),
      "640 root:keystone",
    );
    const { ms } = await docker(["stop", "--time", "30", server]);
    t.diagnostic(`docker stop: ${seconds(ms)}`);
    assert.equal((await ended(server)).status, 0);
  });

  describe("in containers with an init, whose check ends what hangs", () => {
    const ending = [
      ...["--init", "--restart", "unless-stopped", "--health-interval", "3s", "--health-timeout", "30s"],
      ...["--health-cmd", "/opt/plinth/bin/plinth healthcheck --ready --end-hung"],
    ];
    const restarts = async (container: string): Promise<number> =>
      Number(await dockerOutput(["inspect", "--format", "{{.RestartCount}}", container]));
    /** Words of a shell in such a container: its service is the init's only child. */
    const service = "$(cat /proc/1/task/1/children)";
    const worker = `$(for p in ${service}; do cut -d' ' -f1 /proc/$p/task/$p/children; done)`;
    const stop = (container: string, what: string): Promise<string> =>
      inside(container, "sh", "-c", `kill -STOP ${what}`);

    const memcached: Wanted = {
      image: `${process.env["DEPLOY_NAME"] || "plinth"}/memcached-server:${release}`,
      words: ["server"],
    };
    const services: Readonly<Record<string, () => Wanted>> = {
      master: () => stack.keystone([...locked, ...asKeystone, ...ending], ["server"]),
      worker: () => stack.keystone([...locked, ...asKeystone, ...ending], ["server"]),
      // Root in its container may not end another user's process without CAP_KILL, but it may become that user.
      root: () => ({ ...memcached, flags: [...locked, ...rootMay, ...ending] }),
      held: () => ({ ...memcached, flags: [...locked, "--user", "42457:42457", ...ending] }),
    };
    const names = Object.keys(services);
    const hanging = names.filter((name) => name !== "held");
    const started = new Map<string, string>();
    before(async () => {
      for (const [name, wanted] of Object.entries(services)) {
        started.set(name, await stack.start(`hang-${name}`, wanted()));
      }
    });
    const container = (name: string): string => started.get(name) as string;

    test("a service is restarted within a minute if any of its processes hangs, and its log says why", async (t) => {
      for (const name of names) await healthy(t, container(name));
      await inside(container("held"), "touch", "/run/plinth/health/hold");
      await Promise.all([
        stop(container("master"), service),
        stop(container("worker"), worker),
        dockerOutput(["exec", "--user", "42457", container("root"), "sh", "-c", `kill -STOP ${service}`]),
        stop(container("held"), service),
      ]);
      const began = performance.now();
      for (const name of hanging) {
        await until(`${name} to be restarted`, async () => ((await restarts(container(name))) > 0 ? true : undefined));
        t.diagnostic(`${name}: ${seconds(performance.now() - began)}`);
        const { log } = await logsOf(container(name));
        const [line] = log.filter(({ code }) => code === "hung-ended");
        assert.match(
          line?.msg ?? "",
          /^the service was not alive for \d+ s; plinth ended process \d+ \((uwsgi|memcached)\) .* is stopped \(SIGSTOP\)$/,
          name,
        );
      }
      for (const name of hanging) await healthy(t, container(name));
      assert.equal(await restarts(container("held")), 0);
    });

    test("an init that was stopped continues, and its service was never unavailable", async () => {
      const state = () => inside(container("root"), "cut", "-d ", "-f3", "/proc/1/stat");
      await dockerOutput(["kill", "--signal", "STOP", container("root")]);
      assert.equal(await state(), "T");
      await until("the init to go on", async () => ((await state()) === "T" ? undefined : true));
      assert.equal(await restarts(container("root")), 1);
    });

    test("a service under a debugging hold is not restarted until the hold ends", async () => {
      const text = await docker(["exec", container("held"), "/opt/plinth/bin/plinth", "healthcheck", "--alive"]);
      assert.equal(text.status, 75, "and it is not alive");
      await inside(container("held"), "rm", "/run/plinth/health/hold");
      await until("it to be restarted", async () => ((await restarts(container("held"))) > 0 ? true : undefined));
    });

    test("no container restarts because its database hangs, nor when the database resumes", async (t) => {
      const before = await Promise.all(names.map((name) => restarts(container(name))));
      await healthy(t, container("held"));
      await dockerOutput(["pause", scope.name("mariadb")]);
      await sleep(25_000);
      await dockerOutput(["unpause", scope.name("mariadb")]);
      for (const name of names) await healthy(t, container(name));
      assert.deepEqual(await Promise.all(names.map((name) => restarts(container(name)))), before);
    });

    test("docker stop ends it in the same way as without an init", async (t) => {
      const { ms } = await docker(["stop", "--time", "30", container("master")]);
      t.diagnostic(`docker stop: ${seconds(ms)}`);
      assert.ok(ms < 20_000);
      assert.equal((await ended(container("master"))).status, 0);
      for (const name of names) await dockerOutput(["rm", "--force", container(name)]);
    });
  });

  test("root with four capabilities suffices, and the service has no capability and no ignored signal", async () => {
    const { status, stdout, stderr } = await stack.run(
      stack.keystone([...locked, ...rootMay], ["server", "--", "/bin/cat", "/proc/self/status"]),
    );
    assert.equal(status, 0, stderr);
    assert.equal(field(stdout, "Uid"), "42425 42425 42425 42425");
    assert.equal(field(stdout, "Gid"), "42425 42425 42425 42425");
    assert.equal(field(stdout, "Groups"), "42425");
    assert.equal(field(stdout, "CapEff"), "0000000000000000");
    // uwsgi's own SigIgn says nothing here: the Python in it ignores SIGPIPE and SIGXFSZ by itself.
    assert.equal(field(stdout, "SigIgn"), "0000000000000000");
    assert.equal(field(stdout, "Pid"), "1");
  });

  test("a wrong database password ends with 75 at the deadline, and the message does not show it", async (t) => {
    const wrong = "wrong-5ecret$%";
    const { status, stdout, stderr, ms } = await stack.run(
      stack.keystone([...locked, ...asKeystone], ["server", "--timeout", "3"], { SERVICE_DATABASE_PASSWORD: wrong }),
    );
    t.diagnostic(`gave up after ${seconds(ms)}`);
    assert.equal(status, 75, stderr);
    const last = logLines(stderr).findLast((line) => line.level === "error");
    assert.match(last?.msg ?? "", /mysql keystone@mariadb:3306\/keystone.*[Aa]ccess denied/);
    for (const shown of ["5ecret", wrong, encodeURIComponent(wrong)]) assert.ok(!(stdout + stderr).includes(shown));
  });

  test("a missing parameter and one of the wrong type are reported together, with 78", async () => {
    const { SERVICE_MEMCACHED_HOST: _, ...env } = stack.keystone([], []).env ?? {};
    const wanted = {
      ...stack.keystone([...locked, ...asKeystone], ["server"]),
      env: { ...env, SERVICE_DATABASE_PORT: "many" },
    };
    const { status, stderr } = await stack.run(wanted);
    assert.equal(status, 78, stderr);
    const errors = logLines(stderr)
      .filter((line) => line.level === "error")
      .map((line) => line.msg)
      .join("\n");
    assert.match(errors, /SERVICE_MEMCACHED_HOST/);
    assert.match(errors, /SERVICE_DATABASE_PORT/);
    holdsNoSecret(stderr);
  });

  test("SIGTERM ends it at once with 143 while it waits, although it is process 1", async (t) => {
    const container = await stack.start(
      "waiting",
      stack.keystone([...locked, ...asKeystone], ["server"], { SERVICE_DATABASE_HOST: "nowhere.invalid" }),
    );
    await until("a line that it waits", async () =>
      (await logsOf(container)).text.includes("waiting for mysql") ? true : undefined,
    );
    const sent = Date.now();
    await dockerOutput(["kill", "--signal", "TERM", container]);
    const { status, finishedAt } = await ended(container);
    assert.equal(status, 143);
    // The engine's own share (its client's start, the container's removal from the network) is in this, too.
    const ms = finishedAt.getTime() - sent;
    t.diagnostic(`gone ${ms} ms after docker kill was called`);
    assert.ok(ms < 1000, `${ms} ms`);
  });

  test("/entrypoint.sh does the same as plinth start", async () => {
    const wanted = stack.keystone(
      [...locked, ...asKeystone, "--entrypoint", "/entrypoint.sh"],
      ["keys", "--", "/bin/echo", "here"],
    );
    const { status, stdout, stderr } = await stack.run(wanted);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "here\n");
  });

  test("the image has its contract as a label, without values of secrets", async () => {
    const label = JSON.parse(
      await dockerOutput(["inspect", "--format", '{{index .Config.Labels "io.plinth.contract"}}', image]),
    );
    const asked = await stack.run({
      image,
      flags: ["--entrypoint", "/opt/plinth/bin/plinth"],
      words: ["check", "--contract", "--format", "json"],
    });
    assert.deepEqual(label, JSON.parse(asked.stdout));
    const secrets = (label as { name: string; secret: boolean; default?: string }[]).filter(
      (parameter) => parameter.secret,
    );
    const names = secrets.map(({ name }) => name);
    for (const name of ["SERVICE_DATABASE_PASSWORD", "SERVICE_IDENTITY_ADMIN_PASSWORD"]) {
      assert.ok(names.includes(name), name);
    }
    assert.ok(secrets.every((parameter) => parameter.default === undefined));
  });

  test("no layer, history or setting of the image contains a secret of the containers", async (t) => {
    const began = performance.now();
    holdsNoSecret(await dockerOutput(["history", "--no-trunc", image]));
    holdsNoSecret(await dockerOutput(["inspect", image]));
    const needles = Object.values(stack.secrets).map((secret) => Buffer.from(secret.slice(0, 12)));
    const save = spawn("docker", ["save", image], { stdio: ["ignore", "pipe", "inherit"] });
    let rest = Buffer.alloc(0);
    for await (const chunk of save.stdout) {
      const window = Buffer.concat([rest, chunk as Buffer]);
      assert.ok(!needles.some((needle) => window.includes(needle)));
      rest = window.subarray(-12);
    }
    t.diagnostic(`searched in ${seconds(performance.now() - began)}`);
  });
});
