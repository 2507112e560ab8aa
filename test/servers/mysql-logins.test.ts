import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { login } from "../../src/host/probe/mysql.ts";
import { driverProblem } from "../../src/host/probe/mysql-logins.ts";
import type { Outcome, TargetOf } from "../../src/wait/probe.ts";
import { makeCertificates } from "../support/certificates.ts";
import { missingPython } from "../support/python.ts";
import { freePort, mariadb, Server, without } from "../support/servers.ts";
import { sha2Server } from "../support/sha2-server.ts";
import { passwords, shown, targetOf, tryOnce, waiting } from "./waiting.ts";

const password = passwords["RIGHT"] as string;
const directory = mkdtempSync(join(tmpdir(), "plinth-logins-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const { server: tls } = makeCertificates(directory);

const account = (name: string, how: string) => `CREATE USER IF NOT EXISTS ${name}@'%' IDENTIFIED ${how};`;
const kind = mariadb(
  password,
  [
    "INSTALL SONAME 'auth_ed25519';",
    "INSTALL SONAME 'auth_pam';",
    account("plain", `BY '${password}'`),
    account("ed25519", `VIA ed25519 USING PASSWORD('${password}')`),
    account("pam", "VIA pam"),
    account("old", "VIA mysql_old_password USING '5d2e19393cc5ef67'"),
    account("socket", "VIA unix_socket"),
    account("tlsonly", `BY '${password}' REQUIRE SSL`),
    account("tlsed25519", `VIA ed25519 USING PASSWORD('${password}') REQUIRE SSL`),
  ],
  [`--ssl-cert=${tls.certificate}`, `--ssl-key=${tls.key}`],
);

/** The service's driver itself. @returns what it says when it logs in; empty where it can. */
function pymysql(port: number, user: string): string {
  const script = `
import os, pymysql
try: pymysql.connect(host="127.0.0.1", port=${port}, user="${user}", password=os.environ["PASSWORD"]).close()
except BaseException as error: print(repr(error))`;
  return execFileSync("/usr/bin/python3", ["-W", "ignore", "-c", script], {
    encoding: "utf8",
    env: { PASSWORD: password },
  }).trim();
}
const noDriver = process.env["CI"] === undefined && missingPython("pymysql");
const machineHasNacl = spawnSync("/usr/bin/python3", ["-c", "import nacl"]).status === 0;

const says = (outcome: Outcome): string => (outcome.state === "ready" ? "ready" : outcome.reason);

describe("logging in to a real MariaDB", { skip: without(kind) || noDriver }, () => {
  let server: Server;
  const url = (user: string) => `mysql://${user}:$RIGHT@127.0.0.1:${server.port}/`;
  const sql = (statement: string) =>
    execFileSync("mariadb", [
      "--no-defaults",
      `--socket=${join(server.directory, "socket")}`,
      "-uroot",
      "-e",
      statement,
    ]);
  before(async () => {
    server = new Server(kind, await freePort());
    server.start();
    await server.until(async () => (await tryOnce(url("plain"))).state === "ready");
  });
  after(() => server.stop());

  for (const [user, state, reason] of [
    ["plain", "ready", /^ready$/],
    ["ed25519", machineHasNacl ? "ready" : "hopeless", /^ready$|client_ed25519.*PyMySQL needs the Python module nacl/],
    ["pam", "hopeless", /PyMySQL cannot log in by dialog, if the account is there already/],
    ["old", "hopeless", /PyMySQL cannot log in by mysql_old_password/],
    ["socket", "refused", /error 1698: the account has no password; is it for a Unix socket/],
    ["tlsonly", "hopeless", /over TLS only/],
    ["tlsed25519", "hopeless", /over TLS only/],
  ] as const) {
    test(`as ${user} gives ${state}, and the service's own driver agrees`, async () => {
      const outcome = await tryOnce(url(user));
      assert.equal(outcome.state, state, shown(outcome));
      assert.match(says(outcome), reason);
      assert.equal(pymysql(server.port, user) === "", outcome.state === "ready", pymysql(server.port, user));
      assert.ok(!shown(outcome).includes(password));
    });
  }

  for (const user of ["ed25519", "plain"]) {
    test(`itself as ${user} works, and with a wrong password it does not`, async () => {
      const connection = await login(targetOf(url(user)) as TargetOf<"mysql">, AbortSignal.timeout(5000));
      connection.destroy();
      assert.equal((await tryOnce(url(user).replace("$RIGHT", "$WRONG"))).state, "refused");
    });
  }

  test("that takes TLS only, from everybody, ends the waiting with 78 at once", async () => {
    sql("SET GLOBAL require_secure_transport = ON");
    const result = await waiting(url("plain")).over;
    sql("SET GLOBAL require_secure_transport = OFF");
    assert.ok(!result.ok);
    const [found] = result.diagnostics;
    assert.deepEqual([found?.code, found?.failure], ["dependency-hopeless", "configuration"]);
    assert.match(found?.fix ?? "", /REQUIRE NONE/);
  });

  test("as a user whom a job creates a moment later continues, although the server first asks for PAM", async () => {
    // MariaDB takes some other account for a model, by the name's hash; among these one meets the account with PAM.
    const names = Array.from({ length: 60 }, (_, index) => `later${index}`);
    const tries = await Promise.all(names.map(async (name) => ({ name, outcome: await tryOnce(url(name)) })));
    const like = tries.find(({ outcome }) => outcome.state === "hopeless")?.name;
    assert.ok(like, "no unknown user is asked for PAM");
    const wait = waiting(url(like));
    await wait.until("hopeless");
    sql(account(like, `BY '${password}'`));
    assert.ok((await wait.over).ok);
  });
});

test("logging in by caching_sha2_password works as it does for the service's own driver", {
  skip: noDriver,
}, async () => {
  const server = sha2Server(password);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const right = `mysql://nova:$RIGHT@127.0.0.1:${port}/nova`;
    assert.deepEqual(await tryOnce(right), { state: "ready" });
    assert.equal((await tryOnce(right.replace("$RIGHT", "$WRONG"))).state, "refused");
    const judged = await new Promise<string>((resolve) => {
      // Not in one turn of this process, which is the server.
      import("node:child_process").then(({ execFile }) =>
        execFile(
          "/usr/bin/python3",
          [
            "-W",
            "ignore",
            "-c",
            `import pymysql; pymysql.connect(host="127.0.0.1", port=${port}, user="nova", password=${JSON.stringify(password)}, db="nova").close(); print("in")`,
          ],
          (_, stdout, stderr) => resolve(stdout.trim() || stderr),
        ),
      );
    });
    assert.equal(judged, "in");
  } finally {
    server.close();
  }
});

describe("what the service's driver lacks", () => {
  const root = (...modules: readonly string[]) => {
    const own = mkdtempSync(join(directory, "root-"));
    for (const module of modules) mkdirSync(join(own, "usr/lib/python3/dist-packages", module), { recursive: true });
    return own;
  };
  for (const [way, modules, lack] of [
    ["mysql_native_password", ["pymysql"], undefined],
    ["mysql_clear_password", ["pymysql"], undefined],
    ["client_ed25519", ["pymysql", "nacl"], undefined],
    ["client_ed25519", ["pymysql"], /needs the Python module nacl/],
    ["caching_sha2_password", ["pymysql", "cryptography"], undefined],
    ["caching_sha2_password", ["pymysql"], /needs the Python module cryptography/],
    ["sha256_password", ["pymysql"], /needs the Python module cryptography/],
    ["parsec", ["pymysql", "nacl", "cryptography"], /cannot log in by parsec/],
    ["auth_gssapi_client", ["pymysql"], /cannot log in by auth_gssapi_client/],
    // No such driver here: nothing is known of what the service has.
    ["client_ed25519", [], undefined],
  ] as const) {
    test(`for ${way} with ${modules.join(", ") || "no driver"}: ${lack ?? "nothing"}`, () => {
      const found = driverProblem(way, root(...modules));
      if (lack) assert.match(found?.reason ?? "", lack);
      else assert.equal(found, undefined);
    });
  }
});
