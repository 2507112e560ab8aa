import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { exitStatus } from "../../src/diagnostics/exit-status.ts";
import { readOnce } from "../../src/host/etcd/gateway.ts";
import type { EtcdSettings, EtcdState } from "../../src/overlay/etcd-settings.ts";
import { type Etcd, layOutEtcd, startEtcd, withoutEtcd } from "../support/etcd.ts";

const image = "nova-controller";
const skip = withoutEtcd;

async function stateOf(settings: EtcdSettings, ms = 5000): Promise<EtcdState> {
  const result = await readOnce(settings, image, { deadline: performance.now() + ms });
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

const plain = ({ entries }: EtcdState) => Object.fromEntries(entries.map(({ key, value }) => [key, value]));

/** Reads what cannot be read, and checks that the one diagnostic comes at the deadline. */
async function refusal(settings: EtcdSettings, ms = 400): Promise<{ code: string; what: string; fix: string }> {
  const start = performance.now();
  const result = await readOnce(settings, image, { deadline: start + ms });
  const took = performance.now() - start;
  assert.ok(!result.ok, JSON.stringify(result));
  assert.equal(result.diagnostics.length, 1);
  const [diagnostic] = result.diagnostics;
  assert.ok(diagnostic);
  assert.equal(exitStatus[diagnostic.failure], 75);
  assert.ok(took > ms - 20 && took < ms + 2000, `${took} ms`);
  return diagnostic;
}

describe("a single etcd", { skip }, () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await startEtcd();
  });
  after(() => etcd.stop());

  test("without keys gives no value, and its revision", async () => {
    const state = await stateOf(etcd.settings());
    assert.deepEqual(state, { entries: [], revision: etcd.revision() });
  });

  test("gives the keys for all and for the image, and no others", async () => {
    etcd.put("/plinth/all/REGION", "eu");
    etcd.put("/plinth/nova-controller/PORT", "8774");
    etcd.put("/plinth/nova-controllers/PORT", "other image");
    etcd.put("/plinth/allow/PORT", "other directory");
    etcd.put("/other/all/REGION", "other prefix");
    const state = await stateOf(etcd.settings());
    assert.deepEqual(state, {
      entries: [
        { key: "/plinth/all/REGION", value: "eu" },
        { key: "/plinth/nova-controller/PORT", value: "8774" },
      ],
      revision: etcd.revision(),
    });
    assert.deepEqual(plain(await stateOf(etcd.settings({ PLINTH_ETCD_PREFIX: "/other" }))), {
      "/other/all/REGION": "other prefix",
    });
  });

  test("gives values unchanged: empty, of several lines, in any script, long, and bytes that are not text", async () => {
    const settings = etcd.settings({ PLINTH_ETCD_PREFIX: "/values" });
    const values: Record<string, string> = {
      EMPTY: "",
      LINES: "a\nb\r\n\n",
      LETTERS: "Grüße, 世界 🚀 \u0000 $HOME \"'\\",
      LONG: "x".repeat(500_000),
    };
    for (const [name, value] of Object.entries(values)) etcd.put(`/values/all/${name}`, value);
    etcd.ctl(["put", "/values/all/BYTES"], { input: Buffer.from([0x61, 0xff, 0xfe]) });
    const expected = Object.fromEntries(Object.entries(values).map(([name, value]) => [`/values/all/${name}`, value]));
    assert.deepEqual(plain(await stateOf(settings)), { ...expected, "/values/all/BYTES": "a\udcff\udcfe" });
  });

  test("gives a thousand keys, in the order of their names", async () => {
    const settings = etcd.settings({ PLINTH_ETCD_PREFIX: "/many" });
    const names = Array.from({ length: 1000 }, (_, index) => `/many/${image}/KEY${String(index).padStart(4, "0")}`);
    // etcd takes 128 puts in one transaction.
    for (let at = 0; at < names.length; at += 100) {
      const puts = names.slice(at, at + 100).map((name) => `put ${name} value-of-${name}\n`);
      etcd.ctl(["txn"], { input: `\n${puts.join("")}\n\n` });
    }
    const { entries } = await stateOf(settings);
    assert.deepEqual(
      entries.map(({ key }) => key),
      names,
    );
    assert.ok(entries.every(({ key, value }) => value === `value-of-${key}`));
  });

  test("gives more than gRPC's usual limit of 4 MB", async () => {
    const settings = etcd.settings({ PLINTH_ETCD_PREFIX: "/big" });
    for (let index = 0; index < 6; index++) etcd.put(`/big/all/KEY${index}`, "y".repeat(1_000_000));
    assert.equal((await stateOf(settings)).entries.length, 6);
  });

  test("is read with a user although authentication is off", async () => {
    assert.equal((await stateOf(etcd.settings({ login: ["reader", "pw"] }))).revision, etcd.revision());
  });

  test("that speaks only https or only http is reported as such", async () => {
    const other = etcd.settings({ PLINTH_ETCD_ENDPOINTS: etcd.urls.join().replaceAll("http:", "https:") });
    const { code, what } = await refusal(other);
    assert.equal(code, "etcd-unreachable");
    assert.match(what, /does it speak http\?/);
  });
});

describe("an etcd that is not there", { skip }, () => {
  test("is waited for until the deadline, and each endpoint's last error is reported", async () => {
    const etcd = await layOutEtcd();
    const settings = etcd.settings({ PLINTH_ETCD_ENDPOINTS: `${etcd.member.url},no-such-host.invalid:2379` });
    const { code, what, fix } = await refusal(settings, 500);
    assert.equal(code, "etcd-unreachable");
    assert.match(what, /cannot be reached within 0\.5 s/);
    assert.match(what, new RegExp(`${etcd.member.url}: connect ECONNREFUSED`));
    assert.match(what, /no-such-host\.invalid:2379: the name no-such-host\.invalid is not known/);
    assert.match(fix, /PLINTH_ETCD_OPTIONAL=true/);
    await etcd.stop();
  });

  test("is read as soon as it starts to serve", async () => {
    const etcd = await layOutEtcd();
    const reading = stateOf(etcd.settings(), 10_000);
    await sleep(400);
    etcd.member.start();
    await etcd.serving();
    const served = performance.now();
    await reading;
    const lag = performance.now() - served;
    assert.ok(lag < 1000, `${lag} ms after etcd served`);
    await etcd.stop();
  });

  test("that hangs is read once it continues", async () => {
    const etcd = await startEtcd();
    etcd.member.signal("SIGSTOP");
    setTimeout(() => etcd.member.signal("SIGCONT"), 300);
    await stateOf(etcd.settings());
    await etcd.stop();
  });

  test("is given up at once on a signal", async () => {
    const etcd = await layOutEtcd();
    const start = performance.now();
    const signal = AbortSignal.timeout(100);
    const result = await readOnce(etcd.settings(), image, { deadline: start + 10_000, signal });
    assert.equal(result.ok, false);
    assert.ok(performance.now() - start < 300);
    await etcd.stop();
  });
});

describe("an etcd of three members", { skip }, () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await startEtcd({ members: 3 });
    etcd.put("/plinth/all/REGION", "eu");
  });
  after(() => etcd.stop());

  for (const [title, hurt, heal, most] of [
    ["killed", (index: number) => etcd.members[index]?.kill(), (index: number) => etcd.members[index]?.start(), 2500],
    [
      "hanging",
      (index: number) => etcd.members[index]?.signal("SIGSTOP"),
      (index: number) => etcd.members[index]?.signal("SIGCONT"),
      // A second until the next is asked, and an election if it was the leader that hangs: a second or two, and
      // again when the votes are split, which on a busy machine they are.
      8000,
    ],
  ] as const) {
    for (const index of [0, 1, 2]) {
      test(`with the ${["first", "second", "third"][index]} one ${title} is read from another`, async () => {
        await hurt(index);
        try {
          const start = performance.now();
          assert.deepEqual(plain(await stateOf(etcd.settings(), 8000)), { "/plinth/all/REGION": "eu" });
          const took = performance.now() - start;
          assert.ok(took < most, `${took} ms`);
        } finally {
          heal(index);
          await etcd.whole();
        }
      });
    }
  }

  test("of which only one is left cannot give the newest values, which is a failure", async () => {
    await Promise.all([etcd.members[0]?.kill(), etcd.members[1]?.kill()]);
    assert.equal((await refusal(etcd.settings(), 1500)).code, "etcd-unreachable");
    etcd.members[0]?.start();
    assert.deepEqual(plain(await stateOf(etcd.settings(), 10_000)), { "/plinth/all/REGION": "eu" });
  });
});

describe("an etcd with authentication", { skip }, () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await startEtcd();
    etcd.put("/plinth/all/REGION", "eu");
    etcd.authenticate("reader", "r3ader-s3cret", ["/plinth/"]);
  });
  after(() => etcd.stop());

  test("is read by a user who may", async () => {
    assert.deepEqual(plain(await stateOf(etcd.settings({ login: ["reader", "r3ader-s3cret"] }))), {
      "/plinth/all/REGION": "eu",
    });
  });

  for (const [title, options, code, says] of [
    ["no user", {}, "etcd-unauthorized", /requires a user: unauthorized/],
    [
      "a wrong password",
      { login: ["reader", "wr0ng-s3cret"] },
      "etcd-unauthorized",
      /refuses the user reader: unauthorized/,
    ],
    [
      "an unknown user",
      { login: ["nobody", "wr0ng-s3cret"] },
      "etcd-unauthorized",
      /refuses the user nobody: unauthorized/,
    ],
    [
      "a user who may not read the prefix",
      { login: ["reader", "r3ader-s3cret"], PLINTH_ETCD_PREFIX: "/other" },
      "etcd-permission-missing",
      /user reader may not read .* unauthorized/,
    ],
  ] as const) {
    test(`says unauthorized to ${title}, at the deadline and without the password`, async () => {
      const diagnostic = await refusal(etcd.settings({ ...options }));
      assert.equal(diagnostic.code, code);
      assert.match(diagnostic.what, says);
      assert.doesNotMatch(JSON.stringify(diagnostic), /s3cret/);
    });
  }

  test("is read as soon as somebody has created the user", async () => {
    const reading = stateOf(etcd.settings({ login: ["late", "late-s3cret"] }), 8000);
    await sleep(300);
    etcd.ctl(["user", "add", "late:late-s3cret"], { user: "root:root-password" });
    etcd.ctl(["user", "grant-role", "late", "reader"], { user: "root:root-password" });
    assert.deepEqual(plain(await reading), { "/plinth/all/REGION": "eu" });
  });
});

describe("an etcd with TLS that asks for client certificates", { skip }, () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await startEtcd({ clientCertificates: true });
    etcd.put("/plinth/all/REGION", "eu");
  });
  after(() => etcd.stop());
  const certificates = () => {
    assert.ok(etcd.security);
    return etcd.security.certificates;
  };

  test("is read with one", async () => {
    assert.deepEqual(plain(await stateOf(etcd.settings())), { "/plinth/all/REGION": "eu" });
  });

  test("says unauthorized without one", async () => {
    const { code, what, fix } = await refusal(etcd.settings({ PLINTH_ETCD_CERT: "", PLINTH_ETCD_KEY: "" }));
    assert.equal(code, "etcd-certificate-refused");
    assert.match(what, /requires a client certificate: unauthorized/);
    assert.match(fix, /set PLINTH_ETCD_CERT/);
  });

  test("says unauthorized to a certificate of another CA", async () => {
    const { code, what } = await refusal(etcd.settings({ client: certificates().strangers.client }));
    assert.equal(code, "etcd-certificate-refused");
    assert.match(what, /refuses the client certificate: unauthorized/);
  });

  for (const [title, options] of [
    ["another authority", () => ({ authority: certificates().strangers.authority })],
    ["no authority", () => ({ PLINTH_ETCD_CA: "" })],
  ] as const) {
    test(`is not trusted with ${title}`, async () => {
      const { code, fix } = await refusal(etcd.settings(options()));
      assert.equal(code, "etcd-untrusted");
      assert.match(fix, /PLINTH_ETCD_CA/);
    });
  }

  test("is not asked if certificate and key do not match, which is a configuration error", async () => {
    const client = { certificate: certificates().client.certificate, key: certificates().named.key };
    const result = await readOnce(etcd.settings({ client }), image, { deadline: performance.now() + 5000 });
    assert.ok(!result.ok);
    assert.equal(result.diagnostics[0]?.code, "etcd-certificate-unusable");
    assert.equal(result.diagnostics[0]?.failure, "configuration");
  });

  test("that is asked over http is reported to speak https", async () => {
    const http = { PLINTH_ETCD_ENDPOINTS: etcd.member.url.replace("https:", "http:"), PLINTH_ETCD_CA: "" };
    const { code, what } = await refusal(etcd.settings({ ...http, PLINTH_ETCD_CERT: "", PLINTH_ETCD_KEY: "" }));
    assert.equal(code, "etcd-unreachable");
    assert.match(what, /does it speak https\?/);
  });

  describe("and for a user", () => {
    before(() => etcd.authenticate("reader", "r3ader-s3cret", ["/plinth/"]));
    const login = ["reader", "r3ader-s3cret"] as const;

    test("is read with a certificate without common name and a password", async () => {
      assert.deepEqual(plain(await stateOf(etcd.settings({ login }))), { "/plinth/all/REGION": "eu" });
    });

    test("says unauthorized to a certificate without common name alone", async () => {
      const { code, what } = await refusal(etcd.settings());
      assert.equal(code, "etcd-permission-missing");
      assert.match(what, /without a user .* unauthorized/);
    });

    // The gateway refuses these two; gRPC takes them.
    test("is read with a certificate whose common name is a user who may", async () => {
      assert.deepEqual(plain(await stateOf(etcd.settings({ client: certificates().named }))), {
        "/plinth/all/REGION": "eu",
      });
    });

    test("is read with a certificate that has a common name, and a password", async () => {
      const settings = etcd.settings({
        client: certificates().named,
        login: ["root", "root-password"],
        PLINTH_ETCD_PREFIX: "/other",
      });
      assert.deepEqual(plain(await stateOf(settings)), {});
    });

    test("says unauthorized to a wrong password, with a common name or without", async () => {
      for (const client of [certificates().client, certificates().named]) {
        const diagnostic = await refusal(etcd.settings({ client, login: ["reader", "wr0ng-s3cret"] }), 800);
        assert.equal(diagnostic.code, "etcd-unauthorized");
        assert.doesNotMatch(JSON.stringify(diagnostic), /s3cret/);
      }
    });

    test("says unauthorized to a common name that may not read the prefix", async () => {
      const settings = etcd.settings({ client: certificates().named, PLINTH_ETCD_PREFIX: "/other" });
      assert.equal((await refusal(settings, 800)).code, "etcd-permission-missing");
    });
  });
});

describe("an etcd whose JSON gateway cannot serve", { skip }, () => {
  for (const [title, layout] of [
    ["because it is switched off", { flags: { "enable-grpc-gateway": "false" } }],
    ["because its certificate is for servers only", { clientCertificates: true, serverUses: "serverAuth" }],
  ] as const) {
    test(`${title} is read over gRPC`, async () => {
      const etcd = await startEtcd(layout);
      etcd.put("/plinth/nova-controller/PORT", "1");
      etcd.put("/plinth/all/REGION", "eu");
      assert.deepEqual(await stateOf(etcd.settings()), {
        entries: [
          { key: "/plinth/all/REGION", value: "eu" },
          { key: "/plinth/nova-controller/PORT", value: "1" },
        ],
        revision: etcd.revision(),
      });
      await etcd.stop();
    });
  }

  test("because it is not etcd is reported as unreachable, with its answer", async () => {
    const server = createServer((_request, response) => response.writeHead(404).end("nothing here"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const etcd = await layOutEtcd();
    const { code, what } = await refusal(etcd.settings({ PLINTH_ETCD_ENDPOINTS: `127.0.0.1:${port}` }), 1500);
    assert.equal(code, "etcd-unreachable");
    assert.match(what, /no JSON gateway \(HTTP status 404\)/);
    await etcd.stop();
    server.closeAllConnections();
    server.close();
  });
});
