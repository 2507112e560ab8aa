import assert from "node:assert/strict";
import { test } from "node:test";
import { answerReader } from "../../src/host/etcd/http.ts";

const chunked = (body: string) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;

const answers = [
  ["with a length", "HTTP/1.1 200 OK\r\nContent-Type: x\r\nContent-Length: 5\r\n\r\nab\r\nc", 200, "ab\r\nc"],
  ["with a length of none", "HTTP/1.1 400 Bad Request\r\ncontent-length:0\r\n\r\n", 400, ""],
  ["in letters of several bytes", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nä€", 200, "ä€"],
  ["in chunks", chunked('4\r\n{"a"\r\n3\r\n:1}\r\n0\r\n\r\n'), 200, '{"a":1}'],
  [
    "in chunks that look like the end of chunks",
    chunked("7\r\n\r\n0\r\n\r\n\r\n2\r\nxy\r\n0\r\n\r\n"),
    200,
    "\r\n0\r\n\r\nxy",
  ],
  ["in chunks with extensions and trailers", chunked("2;a=b\r\nxy\r\n0\r\nGrpc-Trailer: 1\r\n\r\n"), 200, "xy"],
  ["in chunks of a size in capitals", chunked(`A\r\n0123456789\r\n0\r\n\r\n`), 200, "0123456789"],
] as const;

for (const [title, text, status, body] of answers) {
  test(`an answer ${title} is complete at its last byte, however it is split into packets`, () => {
    const bytes = Buffer.from(text);
    for (let size = 1; size <= bytes.length; size++) {
      const read = answerReader();
      for (let at = 0; at < bytes.length; at += size) {
        const answer = read(bytes.subarray(at, at + size));
        assert.deepEqual(answer, at + size < bytes.length ? undefined : { status, body }, `packets of ${size} bytes`);
      }
    }
  });
}

test("an answer without length or chunks is complete when the connection ends", () => {
  const read = answerReader();
  assert.equal(read(Buffer.from("HTTP/1.0 502 Bad Gateway\r\n\r\nno")), undefined);
  assert.equal(read(Buffer.from("pe")), undefined);
  assert.deepEqual(read(undefined), { status: 502, body: "nope" });
});

test("an answer that ends too early is never complete", () => {
  for (const text of ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab", chunked("4\r\nab"), "HTTP/1.1 2"]) {
    const read = answerReader();
    assert.equal(read(Buffer.from(text)), undefined);
    assert.equal(read(undefined), undefined);
  }
});

test("an answer that is not HTTP/1.1 is reported as such", () => {
  assert.throws(() => answerReader()(Buffer.from("SSH-2.0-OpenSSH_9.2\r\n")), /not HTTP\/1\.1/);
  assert.throws(() => answerReader()(Buffer.from(chunked("zz\r\n"))), /not HTTP\/1\.1/);
});
