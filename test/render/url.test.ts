import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cellDatabaseUrl,
  cellTransportUrl,
  databaseUrl,
  hostPort,
  httpUrl,
  memcachedServers,
  servers,
  transportUrl,
} from "../../src/render/url.ts";
import { MaskedText, Unusable } from "../../src/render/value.ts";
import { judge, missingPython } from "../support/python.ts";
import { awkwardTexts, random } from "../support/random.ts";

const hosts = ["db", "db.example.org", "10.0.0.1", "::1", "[2001:db8::1]", "fd00::10.0.0.1", "host_name", "xn--db-eka"];
const bare = (host: string): string => host.replace(/^\[|\]$/g, "");
const open = (url: MaskedText | Unusable): string => {
  assert.ok(url instanceof MaskedText);
  return url.text;
};

const plain = (name: string): string => name.replaceAll("?", "");

type Credentials = {
  readonly user: string;
  readonly password: string;
  readonly name: string;
  readonly host: string;
  readonly port: number;
};

function credentials(count: number): readonly Credentials[] {
  const { below, pick } = random(23);
  const texts = awkwardTexts(count, 29).filter((text) => text !== "" && text.length < 5000);
  return texts.map((password) => ({
    user: pick(texts),
    password,
    name: pick(texts),
    host: pick(hosts),
    port: 1 + below(65535),
  }));
}

test("SQLAlchemy and oslo.messaging parse the URLs into their original parts", {
  skip: missingPython("sqlalchemy", "oslo_messaging", "pymysql"),
}, () => {
  const all = credentials(2000);
  const brokers = (one: Credentials, index: number) =>
    index % 2 === 0 ? null : hosts.slice(0, 1 + (index % 3)).map((host) => ({ host, port: one.port }));
  const questions = {
    databases: all.map((one) =>
      open(databaseUrl({ pymysql: true })({ engine: "mysql", ...one, name: plain(one.name) })),
    ),
    transports: all.map((one, index) =>
      open(transportUrl({ ...one, members: brokers(one, index), virtual_host: one.name })),
    ),
  };
  const answer = judge<{ databases: unknown[]; transports: unknown[] }>(
    new URL("judges/parse_urls.py", import.meta.url),
    questions,
  );
  for (const [index, { user, password, name, host, port }] of all.entries()) {
    const driver = "mysql+pymysql";
    assert.deepEqual(answer.databases[index], { driver, user, password, host: bare(host), port, name: plain(name) });
    const members = brokers(all[index] as Credentials, index) ?? [{ host, port }];
    assert.deepEqual(answer.transports[index], {
      transport: "rabbit",
      virtual_host: name,
      hosts: members.map((member) => [user, password, bare(member.host), member.port]),
    });
  }
});

const database = { engine: "mysql", host: "db", port: 3306, name: "nova", user: "nova", password: "s3cret" };

test("the driver is the one that the release's packages bring", () => {
  assert.equal(open(databaseUrl({ pymysql: false })(database)), "mysql://nova:s3cret@db:3306/nova");
  assert.equal(open(databaseUrl({ pymysql: true })(database)), "mysql+pymysql://nova:s3cret@db:3306/nova");
});

test("a URL is shown without its password only", () => {
  const url = databaseUrl({ pymysql: true })(database);
  assert.ok(url instanceof MaskedText);
  assert.equal(url.masked, "mysql+pymysql://nova:********@db:3306/nova");
});

test("the message for a URL with a missing or impossible part names it", () => {
  const reason = (url: unknown): string => (url instanceof Unusable ? url.reason : "none");
  const rows: readonly (readonly [unknown, string])[] = [
    [databaseUrl({ pymysql: true })(null), "the database is not set"],
    [databaseUrl({ pymysql: true })({ ...database, password: null }), "its password is not set"],
    [databaseUrl({ pymysql: true })({ ...database, host: "db/x" }), "its host is neither a host name nor an address"],
    [databaseUrl({ pymysql: true })({ ...database, host: "u@db" }), "its host is neither a host name nor an address"],
    [
      databaseUrl({ pymysql: true })({ ...database, name: "a?b" }),
      "its name holds a question mark, behind which a URL has options",
    ],
    [databaseUrl({ pymysql: true })({ ...database, engine: "oracle" }), "its engine is unknown"],
    [transportUrl({ user: "a", password: "b", virtual_host: "/" }), "its host is not set"],
    [transportUrl({ user: "a", password: "b", host: "mq", port: 1 }), "its virtual_host is not set"],
    [httpUrl("http", "::1", undefined), "its port is not set"],
    [servers("db"), "it is not a list of servers"],
    [hostPort("a b", 1), "its host is neither a host name nor an address"],
  ];
  for (const [url, expected] of rows) assert.equal(reason(url), expected);
});

test("a cell's URLs are nova's templates: no password, no address, and numbers where there are several brokers", () => {
  const of = (...hosts: readonly string[]) =>
    cellTransportUrl({ host: null, members: hosts.map((host) => ({ host, port: 5672 })) });
  const rows: readonly (readonly [unknown, string])[] = [
    [cellDatabaseUrl(database), "{scheme}://{username}:{password}@{hostname}:{port}/{path}"],
    [cellDatabaseUrl(database, "_cell0"), "{scheme}://{username}:{password}@{hostname}:{port}/{path}_cell0"],
    [cellDatabaseUrl({ ...database, host: "fd00::1" }), "{scheme}://{username}:{password}@[{hostname}]:{port}/{path}"],
    [cellTransportUrl({ host: "mq", members: null }), "{scheme}://{username}:{password}@{hostname}:{port}/{path}"],
    [of("::1"), "{scheme}://{username}:{password}@[{hostname}]:{port}/{path}"],
    [
      of("mq1", "mq2"),
      "{scheme}://{username1}:{password1}@{hostname1}:{port1},{username2}:{password2}@{hostname2}:{port2}/{path}",
    ],
    // nova takes the colon for a part of the port behind an address in brackets.
    [
      of("fd00::1", "mq2"),
      "{scheme}://{username1}:{password1}@[{hostname1}]{port1},{username2}:{password2}@{hostname2}:{port2}/{path}",
    ],
  ];
  for (const [url, expected] of rows) assert.equal(url, expected);
  assert.ok(cellDatabaseUrl(null) instanceof Unusable);
  assert.ok(cellTransportUrl({ host: null }) instanceof Unusable);
});

test("IPv6 addresses stand in brackets, and behind inet6: for python-memcached", () => {
  assert.equal(httpUrl("http", "::1", 5000, "/v3"), "http://[::1]:5000/v3");
  assert.equal(hostPort("::", 8774), "[::]:8774");
  assert.deepEqual(
    servers([
      { host: "::1", port: 1 },
      { host: "b", port: 2 },
    ]),
    ["[::1]:1", "b:2"],
  );
  assert.deepEqual(
    memcachedServers([
      { host: "::1", port: 1 },
      { host: "b", port: 2 },
    ]),
    ["inet6:[::1]:1", "b:2"],
  );
});
