import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { NameServers } from "../support/name-server.ts";
import { deaf, deaf6, Namespace, nameServers, withoutNamespaces } from "../support/namespace.ts";

const [first, second] = nameServers;
const here = "10.9.0.1";
const here6 = "fd00:9::1";

/** resolv.conf with these name servers, and further lines. */
const resolv = (servers: readonly string[], ...more: readonly string[]): string =>
  [...servers.map((server) => `nameserver ${server}`), ...more, ""].join("\n");

/** Machines that test are often busy with something else. */
const slowness = 3;

const quick = "options timeout:1 attempts:1";
const db = { db: [here] };

type Case = {
  readonly title: string;
  readonly resolv?: string;
  readonly servers?: NameServers;
  /** What /etc/hosts says. */
  readonly names?: Readonly<Record<string, readonly string[]>>;
  /** What to wait for; `tcp://db:80` if not said. */
  readonly words?: readonly string[];
  /** What the log says on the way. */
  readonly tells?: RegExp;
  readonly withinMs: number;
};

const all = (server: NameServers[string]): NameServers =>
  Object.fromEntries(nameServers.map((address) => [address, server]));

const many = Array.from({ length: 39 }, (_, index) => deaf(index));

const becomeReady: readonly Case[] = [
  {
    title: "the first name server is silent and the second works",
    resolv: resolv([first, second]),
    servers: { [first]: { says: "nothing" }, [second]: { says: "answers", names: db } },
    tells: /the name db cannot be looked up: no answer from name servers 10\.9\.0\.53, 10\.9\.0\.54 for \d/,
    withinMs: 9000,
  },
  ...(["servfail", "refused"] as const).map((says) => ({
    title: `the first name server answers ${says.toUpperCase()}`,
    resolv: resolv([first, second]),
    servers: { [first]: { says }, [second]: { says: "answers" as const, names: db } },
    withinMs: 3000,
  })),
  {
    title: "the first name server is not there",
    resolv: resolv(["10.9.0.99", second], "options timeout:1"),
    servers: { [second]: { says: "answers", names: db } },
    withinMs: 5000,
  },
  {
    title: "a name has four dead addresses before a live one",
    names: { db: [deaf(1), deaf(2), deaf(3), deaf(4), here] },
    withinMs: 3000,
  },
  {
    title: "a name has 40 addresses, and the last is alive",
    resolv: resolv([first]),
    names: { db: [...many, here] },
    withinMs: 5000,
  },
  {
    title: "a name has refused addresses before a live one",
    names: { db: ["127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6", "127.0.0.7", here] },
    withinMs: 2000,
  },
  { title: "only its IPv6 address answers", names: { db: [deaf(1), here6] }, withinMs: 3000 },
  { title: "only its IPv4 address answers", names: { db: [deaf6, here] }, withinMs: 3000 },
  {
    title: "it has AAAA only",
    resolv: resolv([first]),
    servers: { [first]: { says: "answers", names: { db: [here6] } } },
    withinMs: 2000,
  },
  {
    title: "A is answered, and the question for AAAA is dropped",
    resolv: resolv([first]),
    servers: { [first]: { says: "answers", names: db, drops: "AAAA" } },
    withinMs: 4000,
  },
  {
    title: "AAAA is answered, and the question for A is dropped",
    resolv: resolv([first]),
    servers: { [first]: { says: "answers", names: { db: [here6] }, drops: "A" } },
    withinMs: 4000,
  },
  {
    title: "the name is found by a domain of the search list, with ndots",
    resolv: resolv([first], "search no.example ns.svc.cluster.local", "options ndots:5"),
    servers: { [first]: { says: "answers", names: { "db.prod.ns.svc.cluster.local": [here] } } },
    words: ["tcp://db.prod:80"],
    withinMs: 3000,
  },
  { title: "there is no name server, and /etc/hosts has it", resolv: "", names: { db: [here] }, withinMs: 2000 },
];

describe("waiting for a name", { skip: withoutNamespaces }, () => {
  const net = new Namespace();
  before(() => net.open());
  after(() => net.close());
  const prepare = async ({ resolv: text = resolv([first]), servers, names }: Case) => {
    net.write({ resolv: text, ...(names && { names }) });
    await net.serve({ ...all({ says: "answers" }), ...servers });
  };

  for (const row of becomeReady) {
    test(`ends when ${row.title}`, async () => {
      await prepare(row);
      const run = net.plinth(["wait", ...(row.words ?? ["tcp://db:80"]), "--timeout", "40"]);
      const { status, stderr, ms } = await run.ended;
      assert.equal(status, 0, stderr);
      if (row.tells) assert.match(stderr, row.tells);
      assert.ok(ms < row.withinMs * slowness, `${ms} ms`);
    });
  }

  for (const [title, row, says] of [
    [
      "no name server that answers: the name's servers",
      { resolv: resolv([first, second], quick), servers: all({ says: "nothing" }) },
      /the name db cannot be looked up: (name servers 10\.9\.0\.53, 10\.9\.0\.54 gave no answer in|no answer from name servers 10\.9\.0\.53, 10\.9\.0\.54 for) \d/,
    ],
    [
      "no name server that answers, with the usual limits: the name's servers",
      { resolv: resolv([first]), servers: all({ says: "nothing" }) },
      /the name db cannot be looked up: no answer from name server 10\.9\.0\.53 for \d/,
    ],
    [
      "an unknown name: the name",
      {},
      /the name db is not known: no address in \/etc\/hosts, nor from name server 10\.9\.0\.53 \(ENOTFOUND\)/,
    ],
    [
      "a name server that fails: its failure",
      { servers: all({ says: "servfail" }) },
      /the name db cannot be looked up: name server 10\.9\.0\.53 cannot answer, or cannot be asked \(EAI_AGAIN\)/,
    ],
    [
      "neither a name server nor the name: the name server",
      { resolv: "" },
      /the name db cannot be looked up: name server 127\.0\.0\.1 cannot answer, or cannot be asked \(EAI_AGAIN\)/,
    ],
    [
      "dead addresses: each of them and what it said",
      { names: { db: [deaf(1), "127.0.0.9", deaf(2)] } },
      /none of the 3 addresses of db answers: nobody listens there \(ECONNREFUSED\): 127\.0\.0\.9; no answer within 1 s: 10\.9\.1\.101, 10\.9\.1\.102$/,
    ],
    [
      "one dead address of a name: it",
      { names: { db: [deaf(1)] } },
      /the address of db does not answer: no answer within 1 s: 10\.9\.1\.101$/,
    ],
    [
      "many dead addresses: some of them",
      { names: { db: many } },
      /none of the 39 addresses of db answers: no answer within 1 s: (10\.9\.1\.\d+, ){3}10\.9\.1\.\d+ and 35 more$/,
    ],
  ] as const satisfies readonly (readonly [string, Omit<Case, "title" | "withinMs">, RegExp])[]) {
    test(`names the cause of a failure: ${title}`, async () => {
      await prepare({ title, withinMs: 0, ...row });
      const { status, log, ms, stderr } = await net.plinth(["wait", "tcp://db:80", "--timeout", "5"]).ended;
      assert.equal(status, 75, stderr);
      assert.match(log.at(-1)?.msg ?? "", says);
      assert.ok(ms < 5000 + 1000 * slowness, `the deadline is kept: ${ms} ms`);
    });
  }

  test("does not delay other dependencies, however many names hang", async () => {
    await prepare({ title: "", withinMs: 0, names: { live: [here] }, servers: all({ says: "nothing" }) });
    const dead = Array.from({ length: 12 }, (_, index) => `tcp://dead-${index}:80`);
    const words = [...dead, "tcp://live:80", `tcp://${here}:80`, "file:///etc/hostname"];
    const { log } = await net.plinth(["wait", ...words, "--timeout", "4"]).ended;
    const ready = log.filter(({ state }) => state === "ready");
    assert.deepEqual(ready.map(({ msg }) => msg.replace(/ is ready.*/, "")).toSorted(), [
      "file /etc/hostname",
      `tcp ${here}:80`,
      "tcp live:80",
    ]);
    for (const line of ready) assert.ok((line["waited_ms"] as number) < 1000 * slowness, JSON.stringify(line));
  });

  test("ends at once on SIGTERM while the name server is silent", async () => {
    await prepare({ title: "", withinMs: 0, servers: all({ says: "nothing" }) });
    const run = net.plinth(["wait", "tcp://db:80", "--timeout", "60"]);
    while (!run.stderr().includes("no answer from name server")) await new Promise((settle) => setTimeout(settle, 20));
    const began = performance.now();
    run.child.kill("SIGTERM");
    assert.equal((await run.ended).status, 143);
    assert.ok(performance.now() - began < 500 * slowness);
  });

  test("continues when the name is known, and when resolv.conf is rewritten", async () => {
    for (const come of [
      () => net.serve(all({ says: "answers", names: db })),
      async () => net.write({ resolv: resolv([second]) }),
    ]) {
      await prepare({ title: "", withinMs: 0, servers: { [second]: { says: "answers", names: db } } });
      const run = net.plinth(["wait", "tcp://db:80", "--timeout", "40"]);
      while (!run.stderr().includes("is not known")) await new Promise((settle) => setTimeout(settle, 20));
      await come();
      assert.equal((await run.ended).status, 0);
    }
  });

  test("does not wait for the old name server's timeout when resolv.conf is rewritten", async () => {
    await prepare({
      title: "",
      withinMs: 0,
      servers: { [first]: { says: "nothing" }, [second]: { says: "answers", names: db } },
    });
    const run = net.plinth(["wait", "tcp://db:80", "--timeout", "40"]);
    while (!run.stderr().includes("no answer from name server")) await new Promise((settle) => setTimeout(settle, 20));
    const began = performance.now();
    net.write({ resolv: resolv([second]) });
    assert.equal((await run.ended).status, 0);
    assert.ok(performance.now() - began < 3000 * slowness);
  });

  test("of any kind tries all addresses side by side", async () => {
    await prepare({ title: "", withinMs: 0, names: { db: [deaf(1), deaf(2), deaf(3), deaf(4), here] } });
    const urls = [
      "http://db:80/",
      "etcd://db:80",
      "memcached://db:80",
      "mysql://nova:$PASSWORD@db:80/nova",
      "amqp://nova:$PASSWORD@db:80/",
    ];
    const { log } = await net.plinth(["wait", ...urls, "--timeout", "8"], { PASSWORD: "geheim" }).ended;
    // Who listens there says nothing: the connection came about.
    const said = log.filter(({ level }) => level === "error").map(({ msg }) => msg);
    assert.equal(said.length, urls.length);
    for (const line of said) assert.match(line, /accepted the connection, then no answer within 5 s/);
  });
});
