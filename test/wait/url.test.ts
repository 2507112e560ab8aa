import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { probeFromUrl } from "../../src/wait/url.ts";

const environment: Readonly<Record<string, string>> = {
  PASSWORD: "p@ss/w:rd%#",
  HOST: "db.example",
  PORT: "3307",
  DB: "no/va",
  SIX: "fd00::1",
  BRACKETED: "[fd00::1]",
};
const read = (url: string) => probeFromUrl(url, (name) => environment[name]);

describe("a URL says what to wait for", () => {
  for (const [url, expected] of [
    ["tcp://host:1234", { kind: "tcp", host: "host", port: 1234, name: "tcp host:1234" }],
    ["tcp://[::1]:1234", { kind: "tcp", host: "::1", port: 1234, name: "tcp [::1]:1234" }],
    ["tcp://$SIX:80", { kind: "tcp", host: "fd00::1", port: 80, name: "tcp [fd00::1]:80" }],
    ["tcp://[$SIX]:80", { kind: "tcp", host: "fd00::1", port: 80, name: "tcp [fd00::1]:80" }],
    ["tcp://[$BRACKETED]:80", { kind: "tcp", host: "fd00::1", port: 80, name: "tcp [fd00::1]:80" }],
    ["memcached://cache", { kind: "memcached", host: "cache", port: 11211, name: "memcached cache:11211" }],
    ["etcd://e1:2379", { kind: "etcd", url: "http://e1:2379", name: "etcd http://e1:2379" }],
    ["etcds://e1", { kind: "etcd", url: "https://e1:2379", name: "etcd https://e1:2379" }],
    ["file:///etc/a%20b", { kind: "file", path: "/etc/a b", name: "file /etc/a b" }],
    [
      "http://keystone:5000/v3#expect=200,300",
      { kind: "http", url: "http://keystone:5000/v3", expect: [200, 300], name: "GET http://keystone:5000/v3" },
    ],
    [
      "https://[::1]/x?token=abc#expect=401",
      { kind: "http", url: "https://[::1]/x?token=abc", expect: [401], name: "GET https://[::1]/x?..." },
    ],
    [
      "mysql+pymysql://nova:$PASSWORD@$HOST:$PORT/$DB?schema=true",
      {
        kind: "mysql",
        host: "db.example",
        port: 3307,
        user: "nova",
        password: "p@ss/w:rd%#",
        database: "no/va",
        schema: true,
        name: "mysql nova@db.example:3307/no/va",
      },
    ],
    [
      "rabbit://openstack:$PASSWORD@mq//openstack",
      {
        kind: "amqp",
        host: "mq",
        port: 5672,
        user: "openstack",
        password: "p@ss/w:rd%#",
        virtualHost: "/openstack",
        name: "amqp openstack@mq:5672 vhost /openstack",
      },
    ],
    [
      "amqp://mq/",
      {
        kind: "amqp",
        host: "mq",
        port: 5672,
        user: "guest",
        password: "guest",
        virtualHost: "/",
        name: "amqp guest@mq:5672 vhost /",
      },
    ],
  ] as const) {
    test(url, () => assert.deepEqual(read(url), { ok: true, value: expected, warnings: [] }));
  }

  test("a dollar written as $$ or %24 is literal, and a percent-encoded password is decoded", () => {
    const result = read("amqp://me:a$$PASSWORD%24PORT%40@mq/");
    assert.ok(result.ok && result.value.kind === "amqp");
    assert.equal(result.value.password, "a$PASSWORD$PORT@");
  });

  test("a password that begins with a percent-encoded character is not an address's zone", () => {
    const result = read("amqp://bad:%40fee@mq/");
    assert.ok(result.ok && result.value.kind === "amqp");
    assert.deepEqual([result.value.user, result.value.password], ["bad", "@fee"]);
  });

  test("a password in the text itself is a warning that does not repeat it", () => {
    const result = read("mysql://nova:hunter2@db/nova");
    assert.ok(result.ok);
    assert.deepEqual(
      result.warnings.map(({ code }) => code),
      ["url-password-visible"],
    );
    assert.doesNotMatch(JSON.stringify(result.warnings), /hunter2/);
  });
});

describe("a URL that is wrong is explained", () => {
  for (const [url, code, says] of [
    ["db:3306", "url-malformed", /no URL/],
    ["tcp://host", "url-malformed", /no port/],
    ["tcp://:80", "url-malformed", /no host/],
    ["tcp://::1:80", "url-malformed", /brackets/],
    ["tcp://::1", "url-malformed", /brackets/],
    ["http://fd00::1:5000/v3", "url-malformed", /brackets/],
    ["mysql://nova:$PASSWORD@fd00::1/nova", "url-malformed", /brackets/],
    ["memcached://::ffff:10.0.0.1:11211", "url-malformed", /brackets/],
    ["http://[fe80::1%25eth0]:80/", "url-malformed", /a zone/],
    ["tcp://fe80::1%eth0:80", "url-malformed", /a zone/],
    ["tcp://host:80000", "url-malformed", /port is not a number/],
    ["tcp://host:$HOST", "url-malformed", /port is not a number/],
    ["mysql://db/nova", "url-malformed", /no user/],
    ["file://etc/x", "url-malformed", /no absolute path/],
    ["http://a/#expect=ok", "url-malformed", /expect=ok/],
    ["amqp://a:%zz@mq/", "url-malformed", /hexadecimal/],
    ["memcache://a", "url-scheme-unknown", /unknown scheme memcache/],
    ["mysql://nova:$NONE@db/$NOTHING", "url-parameter-missing", /\$NONE/],
  ] as const) {
    test(url, () => {
      const result = read(url);
      assert.ok(!result.ok);
      assert.equal(result.diagnostics[0]?.code, code);
      assert.equal(result.diagnostics[0]?.failure, "usage");
      assert.match(result.diagnostics[0]?.what ?? "", says);
    });
  }

  for (const [url, proper] of [
    ["tcp://::1:80", "tcp://[::1]:80"],
    ["http://::1:5000/v3", "http://[::1]:5000/v3"],
    ["https://fd00::5:443/#expect=200", "https://[fd00::5]:443/#expect=200"],
    ["mysql://nova:$PASSWORD@fd00::5:3306/nova", "mysql://nova:$PASSWORD@[fd00::5]:3306/nova"],
    ["rabbit://openstack:hunter2@fd00::5:5672/", "rabbit://openstack:***@[fd00::5]:5672/"],
    ["memcached://fd00::5", "memcached://[fd00::5]"],
    ["memcached://fd00::a", "memcached://[fd00::a]"],
    ["etcd://2001:db8:0:0:0:0:0:1:2379", "etcd://[2001:db8:0:0:0:0:0:1]:2379"],
    ["etcds://::ffff:10.0.0.1:2379", "etcds://[::ffff:10.0.0.1]:2379"],
  ] as const) {
    test(`${url} needs brackets`, () => {
      const result = read(url);
      assert.ok(!result.ok);
      const [found] = result.diagnostics;
      assert.equal(found?.code, "url-malformed");
      const plain = url.replace("hunter2", "***");
      assert.equal(found?.what, `cannot wait for ${plain}: an IPv6 address needs brackets`);
      assert.equal(found?.fix, `write it as in ${proper}`);
    });
  }

  test("a host that a parameter fills may be an IPv6 address, with brackets or without, and nothing with a port", () => {
    for (const host of ["::1", "[::1]"]) {
      const result = probeFromUrl("tcp://$HOST:80", () => host);
      assert.equal(result.ok && result.value.name, "tcp [::1]:80");
    }
    for (const host of ["db:3306", "[::1]:80"]) {
      const result = probeFromUrl("tcp://$HOST:80", () => host);
      assert.match(result.ok ? "" : (result.diagnostics[0]?.what ?? ""), /does it hold a port\?/);
    }
  });

  test("all missing parameters are reported together, the nearest scheme is named, and no password is shown", () => {
    const missing = read("mysql://nova:$NONE@db/$NOTHING");
    assert.equal(missing.ok ? 0 : missing.diagnostics.length, 2);
    const near = read("memcache://a:secret@b");
    assert.match(near.ok ? "" : (near.diagnostics[0]?.fix ?? ""), /did you mean memcached\?/);
    assert.doesNotMatch(JSON.stringify(near), /secret/);
    for (const url of [
      "mysql://nova:hun/ter2@db/nova",
      "nonsense://a:hunter2@b",
      "mysql://nova:hunter2",
      "mysql://nova:$PASSWORD",
      "mysql:nova:hunter2@db",
      "mysql://nova:hunt@er2@db",
    ]) {
      assert.doesNotMatch(JSON.stringify(read(url)), /hunter2|hun\/ter2|er2|p@ss/, url);
    }
  });
});

test("a parameter in a host's place accepts a host, and nothing that would change the rest of the URL", () => {
  for (const host of ["db/evil?x=1", "a@b", "a b", "a,b", "a#b", "a\\b", "[::1", "fe80::1%eth0"]) {
    const read = probeFromUrl("http://$HOST:80/", () => host);
    assert.equal(read.ok ? "" : read.diagnostics[0]?.code, "url-malformed", host);
  }
  for (const host of ["db", "10.0.0.1", "::1", "[::1]"]) {
    assert.ok(probeFromUrl("http://$HOST:80/", () => host).ok, host);
  }
});
