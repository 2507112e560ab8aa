import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readOnce } from "../../src/host/etcd/gateway.ts";
import { openSession } from "../../src/host/etcd/session.ts";
import { type WatchNotice, watchEntries } from "../../src/host/etcd/watch.ts";
import type { EtcdEntry, EtcdSettings } from "../../src/overlay/etcd-settings.ts";
import { type Etcd, startEtcd, withoutEtcd } from "../support/etcd.ts";
import { Relay } from "../support/relay.ts";

const image = "nova-controller";
const skip = withoutEtcd;

type State = Readonly<Record<string, string>>;

/** A watch under way, with all that it told. */
class Following {
  readonly states: State[] = [];
  readonly notices: WatchNotice[] = [];
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(
    settings: EtcdSettings,
    known: { entries: readonly EtcdEntry[]; revision: number },
    onChange?: () => Promise<void>,
  ) {
    this.#done = watchEntries(settings, image, known, {
      onChange: async (entries) => {
        await onChange?.();
        this.states.push(Object.fromEntries(entries.map(({ key, value }) => [key, value])));
      },
      onNotice: (notice) => void this.notices.push(notice),
      signal: this.#stop.signal,
    });
  }

  /** Reads once, as a start does, then follows; waits until etcd has taken the watch. */
  static async from(settings: EtcdSettings, onChange?: () => Promise<void>): Promise<Following> {
    const known = await readOnce(settings, image, { deadline: performance.now() + 5000 });
    assert.ok(known.ok, JSON.stringify(known));
    const following = new Following(settings, known.value, onChange);
    await following.follows(1);
    return following;
  }

  async #until(what: string, holds: () => boolean, ms: number): Promise<void> {
    const limit = performance.now() + ms;
    while (!holds()) {
      assert.ok(
        performance.now() < limit,
        `${what} within ${ms} ms; told: ${JSON.stringify([this.states, this.notices])}`,
      );
      await sleep(5);
    }
  }

  /** Waits until it has begun to follow that many times. */
  follows(times: number, ms = 10_000): Promise<void> {
    const count = () => this.notices.filter(({ state }) => state === "following").length;
    return this.#until(`following ${times} times`, () => count() >= times, ms);
  }

  interrupted(ms = 10_000): Promise<void> {
    return this.#until("interrupted", () => this.notices.at(-1)?.state === "interrupted", ms);
  }

  /** Waits for a state in which a key has this value, undefined meaning that it is gone. */
  async sees(key: string, value: string | undefined, ms: number): Promise<number> {
    const start = performance.now();
    const holds = () => this.states.length > 0 && this.states.at(-1)?.[key] === value;
    await this.#until(`${key}=${value}`, holds, ms);
    return performance.now() - start;
  }

  async stop(): Promise<number> {
    const start = performance.now();
    this.#stop.abort();
    await this.#done;
    return performance.now() - start;
  }
}

/** Asks etcd to forget all revisions before the present one. */
const compact = (etcd: Etcd, user?: string) => etcd.ctl(["compact", String(etcd.revision())], user ? { user } : {});

describe("a watch on a single etcd", { skip }, () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await startEtcd();
    etcd.put("/plinth/all/REGION", "eu");
  });
  after(() => etcd.stop());

  test("reports a changed, a new and a deleted key, each in less than a second", async () => {
    const following = await Following.from(etcd.settings());
    etcd.put("/plinth/all/REGION", "us");
    const took = await following.sees("/plinth/all/REGION", "us", 1000);
    assert.ok(took < 900, `${took} ms`);
    etcd.put("/plinth/nova-controller/PORT", "1");
    await following.sees("/plinth/nova-controller/PORT", "1", 1000);
    etcd.ctl(["del", "/plinth/all/REGION"]);
    await following.sees("/plinth/all/REGION", undefined, 1000);
    assert.deepEqual(following.states, [
      { "/plinth/all/REGION": "us" },
      { "/plinth/all/REGION": "us", "/plinth/nova-controller/PORT": "1" },
      { "/plinth/nova-controller/PORT": "1" },
    ]);
    const stopping = await following.stop();
    assert.ok(stopping < 1000, `${stopping} ms`);
    etcd.put("/plinth/all/REGION", "eu");
  });

  test("ignores other keys, and a key that is set to its current value", async () => {
    const following = await Following.from(etcd.settings());
    etcd.put("/plinth/keystone-server/PORT", "1");
    etcd.put("/plinth/all/REGION", "eu");
    await sleep(500);
    assert.deepEqual(following.states, []);
    assert.deepEqual(
      following.notices.map(({ state }) => state),
      ["following"],
    );
    await following.stop();
  });

  test("reports keys that are set together once, or at most twice, and never half a transaction", async () => {
    const following = await Following.from(etcd.settings());
    const puts = Array.from({ length: 50 }, (_, index) => `put /plinth/all/TOGETHER${index} x\n`);
    etcd.ctl(["txn"], { input: `\n${puts.join("")}\n\n` });
    for (let index = 0; index < 5; index++) etcd.put(`/plinth/all/AFTER${index}`, "y");
    await following.sees("/plinth/all/AFTER4", "y", 2000);
    for (const state of following.states) {
      const count = Object.keys(state).filter((key) => key.includes("TOGETHER")).length;
      assert.ok(count === 0 || count === 50, `${count} of 50`);
    }
    assert.ok(following.states.length <= 4, `${following.states.length} times`);
    await following.stop();
  });

  test("reports what changed between the first read and its own start", async () => {
    const known = await readOnce(etcd.settings(), image, { deadline: performance.now() + 5000 });
    assert.ok(known.ok);
    etcd.put("/plinth/all/REGION", "between");
    compact(etcd);
    const following = new Following(etcd.settings(), known.value);
    await following.sees("/plinth/all/REGION", "between", 3000);
    await following.stop();
  });

  test("reports the last state if changes arrive while the caller is busy", async () => {
    const following = await Following.from(etcd.settings(), () => sleep(400));
    for (let index = 0; index < 8; index++) {
      etcd.put("/plinth/all/REGION", `busy${index}`);
      await sleep(60);
    }
    await following.sees("/plinth/all/REGION", "busy7", 3000);
    await following.stop();
  });

  test("continues after a restart, with a change made right after it", async () => {
    const following = await Following.from(etcd.settings());
    await etcd.member.kill();
    await following.interrupted();
    await sleep(1500);
    etcd.member.start();
    await etcd.serving();
    etcd.put("/plinth/all/REGION", "restarted");
    await following.sees("/plinth/all/REGION", "restarted", 2000);
    await following.follows(2);
    etcd.put("/plinth/all/REGION", "and again");
    const took = await following.sees("/plinth/all/REGION", "and again", 1000);
    assert.ok(took < 900, `${took} ms`);
    await following.stop();
  });

  test("continues after many restarts in a row", async () => {
    const following = await Following.from(etcd.settings());
    for (let index = 0; index < 4; index++) {
      await etcd.member.kill();
      etcd.member.start();
      await etcd.serving();
      etcd.put("/plinth/all/REGION", `restart ${index}`);
    }
    await following.sees("/plinth/all/REGION", "restart 3", 5000);
    await following.stop();
  });

  test("misses nothing that was changed and compacted while the connection was cut", async () => {
    const relay = new Relay(etcd.member.url);
    await relay.open();
    etcd.put("/plinth/nova-controller/GONE", "soon");
    const following = await Following.from(etcd.settings({ PLINTH_ETCD_ENDPOINTS: relay.url }));
    await relay.cut();
    await following.interrupted();
    for (let index = 0; index < 20; index++) etcd.put("/plinth/all/REGION", `compacted ${index}`);
    etcd.ctl(["del", "/plinth/nova-controller/GONE"]);
    compact(etcd);
    await relay.open();
    await following.sees("/plinth/all/REGION", "compacted 19", 3000);
    assert.equal(following.states.at(-1)?.["/plinth/nova-controller/GONE"], undefined);
    await following.follows(2);
    etcd.put("/plinth/all/REGION", "after compaction");
    await following.sees("/plinth/all/REGION", "after compaction", 1000);
    await following.stop();
    await relay.cut();
  });

  test("leaves no connection behind, however often the connection is cut", async () => {
    const relay = new Relay(etcd.member.url);
    await relay.open();
    const following = await Following.from(etcd.settings({ PLINTH_ETCD_ENDPOINTS: relay.url }));
    for (let index = 0; index < 5; index++) {
      await relay.cut();
      await following.interrupted();
      await relay.open();
      await following.follows(index + 2);
    }
    for (let tries = 0; relay.clients > 1 && tries < 100; tries++) await sleep(10);
    assert.equal(relay.clients, 1);
    await following.stop();
    for (let tries = 0; relay.clients > 0 && tries < 100; tries++) await sleep(10);
    assert.equal(relay.clients, 0);
    await relay.cut();
  });

  test("starts again if its revision is already compacted", async () => {
    const { endpoints, ...others } = etcd.settings();
    const [endpoint] = endpoints;
    assert.ok(endpoint);
    compact(etcd);
    const stop = new AbortController();
    const session = openSession(endpoint, { endpoints, ...others }, undefined, ["/plinth/all/"], 2, stop.signal);
    const woken = await session.next(3000);
    assert.equal(woken.kind, "ended");
    session.close();
  });

  test("notices within 15 s that etcd hangs, and continues when etcd does", async () => {
    const following = await Following.from(etcd.settings());
    etcd.member.signal("SIGSTOP");
    await following.interrupted(17_000);
    etcd.member.signal("SIGCONT");
    await following.follows(2);
    etcd.put("/plinth/all/REGION", "awake");
    await following.sees("/plinth/all/REGION", "awake", 2000);
    await following.stop();
  });
});

describe("a watch on an etcd of three members", { skip }, () => {
  let etcd: Etcd;
  before(async () => {
    etcd = await startEtcd({ members: 3 });
    etcd.put("/plinth/all/REGION", "eu");
  });
  after(() => etcd.stop());

  test("continues with another member if the one it follows is killed, and misses nothing", async () => {
    const following = await Following.from(etcd.settings());
    const first = following.notices.find((notice) => notice.state === "following");
    assert.equal(first?.state === "following" && first.endpoint, etcd.member.url);
    await etcd.member.kill();
    // The others may have to elect a leader first.
    await etcd.serving();
    etcd.put("/plinth/all/REGION", "one gone");
    await following.sees("/plinth/all/REGION", "one gone", 3000);
    await following.follows(2);
    etcd.put("/plinth/all/REGION", "still one gone");
    await following.sees("/plinth/all/REGION", "still one gone", 1000);
    etcd.member.start();
    await etcd.whole();
    await following.stop();
  });

  test("leaves a member that has lost the others, and continues when they are back", async () => {
    const following = await Following.from(etcd.settings());
    const [first, second, third] = etcd.members;
    await Promise.all([second?.kill(), third?.kill()]);
    await following.interrupted();
    const last = following.notices.at(-1);
    assert.match(last?.state === "interrupted" ? last.reason : "", /no leader/);
    await first?.kill();
    second?.start();
    third?.start();
    await etcd.serving();
    etcd.put("/plinth/all/REGION", "the others");
    await following.sees("/plinth/all/REGION", "the others", 5000);
    first?.start();
    await following.stop();
  });
});

describe("a watch on an etcd with TLS, client certificates and authentication", { skip }, () => {
  let etcd: Etcd;
  const root = "root:root-password";
  const login = ["reader", "r3ader-s3cret"] as const;
  before(async () => {
    etcd = await startEtcd({ clientCertificates: true });
    etcd.put("/plinth/all/REGION", "eu");
    etcd.authenticate("reader", "r3ader-s3cret", ["/plinth/"]);
  });
  after(() => etcd.stop());

  test("goes on after a restart, in which etcd forgets the tokens it gave", async () => {
    const following = await Following.from(etcd.settings({ login }));
    etcd.put("/plinth/all/REGION", "before", root);
    await following.sees("/plinth/all/REGION", "before", 1000);
    await etcd.member.kill();
    etcd.member.start();
    await etcd.serving();
    etcd.put("/plinth/all/REGION", "after", root);
    await following.sees("/plinth/all/REGION", "after", 3000);
    await following.follows(2);
    etcd.put("/plinth/all/REGION", "long after", root);
    await following.sees("/plinth/all/REGION", "long after", 1000);
    await following.stop();
  });

  test("works for a user who is named by the certificate", async () => {
    const following = await Following.from(etcd.settings({ client: etcd.security?.certificates.named }));
    etcd.put("/plinth/all/REGION", "named", root);
    await following.sees("/plinth/all/REGION", "named", 1000);
    await following.stop();
  });

  test("reports that the user may no longer read, and continues once it may again", async () => {
    const following = await Following.from(etcd.settings({ login, PLINTH_ETCD_TIMEOUT: "1" }));
    etcd.ctl(["user", "revoke-role", "reader", "reader"], { user: root });
    etcd.put("/plinth/all/REGION", "hidden", root);
    const waits = () => following.notices.some(({ state }) => state === "waiting");
    for (let tries = 0; !waits() && tries < 1000; tries++) await sleep(10);
    assert.match(JSON.stringify(following.notices), /unauthorized/);
    assert.doesNotMatch(JSON.stringify(following.notices), /s3cret/);
    etcd.ctl(["user", "grant-role", "reader", "reader"], { user: root });
    await following.sees("/plinth/all/REGION", "hidden", 3000);
    await following.stop();
  });
});
