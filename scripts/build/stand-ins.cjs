// Stand-ins for the servers that a health check asks, for one conversation of each kind: what they say is made once, from
// the protocols' own pages, so that building needs no server. Gives the question that asks them all.
const { createServer } = require("node:net");

/** AMQP 0-9-1: a method frame, and a text of at most 255 bytes. */
const short = (text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
function frame(type, channel, payload) {
  const head = Buffer.alloc(7);
  head[0] = type;
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}
const method = (channel, classId, methodId, ...rest) =>
  frame(1, channel, Buffer.concat([Buffer.from([0, classId, 0, methodId]), ...rest]));
const empty = Buffer.alloc(4);
const tune = Buffer.from([0x07, 0xff, 0, 2, 0, 0, 0, 60]);
const start = method(
  0,
  10,
  10,
  Buffer.from([0, 9]),
  empty,
  Buffer.from("\0\0\0\x05PLAIN"),
  Buffer.from("\0\0\0\x05en_US"),
);

function delivery(call) {
  const [, id] = /_msg_id\\":\\"([0-9a-f]+)/.exec(call) ?? [];
  const body = Buffer.from(JSON.stringify({ "oslo.message": JSON.stringify({ _msg_id: id, result: "pong" }) }));
  const header = Buffer.alloc(14);
  header.writeUInt16BE(60, 0);
  header.writeUInt32BE(body.length, 8);
  const deliver = method(1, 60, 60, short("tag"), Buffer.alloc(8), Buffer.from([0]), short(""), short("reply"));
  return Buffer.concat([deliver, frame(2, 1, header), frame(3, 1, body)]);
}

function broker(socket) {
  socket.on("data", (bytes) => {
    const text = bytes.toString("latin1");
    if (text.startsWith("AMQP")) return socket.write(start);
    const [classId, methodId] = [bytes.readUInt16BE(7), bytes.readUInt16BE(9)];
    if (classId === 10 && methodId === 11) return socket.write(method(0, 10, 30, tune));
    if (text.includes("_msg_id")) return socket.write(delivery(text));
    if (text.includes("\0\x32\0\x0a")) return socket.write(method(1, 50, 11, short("reply"), Buffer.alloc(8)));
    if (classId === 60 && methodId === 20) return socket.write(method(1, 60, 21, short("tag")));
    if (classId === 20 && methodId === 10) return socket.write(method(1, 20, 11, empty));
    if (classId === 10 && methodId === 50) return socket.end(method(0, 10, 51));
    if (text.includes("\0\x0a\0\x28")) return socket.write(method(0, 10, 41, Buffer.from([0])));
  });
}

/** MariaDB: a packet, and what it says first, of which only the nonce's place counts. */
const packet = (number, bytes) => Buffer.concat([Buffer.from([bytes.length, 0, 0, number]), bytes]);
const ok = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const greeting = Buffer.concat([
  Buffer.from("\x0a11.8\0\x01\0\0\0"),
  Buffer.alloc(31, 1),
  Buffer.from("nonce-nonce-\0"),
]);
function database(socket) {
  socket.write(packet(0, Buffer.concat([greeting, Buffer.from("mysql_native_password\0")])));
  socket.on("data", (bytes) => (bytes[4] === 1 ? socket.end() : socket.write(packet(bytes[3] + 1, ok))));
}

const page = (socket) =>
  socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"));
const port = (socket) => socket.on("error", () => {});

const listening = (serve) =>
  new Promise((resolve) => {
    const server = createServer(serve).listen(0, "127.0.0.1", () => resolve(server.address().port));
    // What has been asked for ends the process.
    server.unref();
  });

exports.standIns = async () => {
  const [broker_, database_, page_, port_] = await Promise.all([broker, database, page, port].map(listening));
  const at = (number) => ({ host: "127.0.0.1", port: number });
  const login = { user: "u", password: "p", virtualHost: "/" };
  const account = { user: "u", password: "p", database: "d", schema: true };
  return {
    pid: 0,
    alive: [
      { ask: "rpc", brokers: [at(broker_)], login, exchange: "e", topic: "t", server: "s" },
      { ask: "http", place: at(page_), path: "/", expect: [200], token: true },
      { ask: "target", target: { kind: "mysql", name: "mysql", ...at(database_), ...account } },
      { ask: "target", target: { kind: "tcp", name: "tcp", ...at(port_) } },
    ],
    ready: [],
    depends: [],
  };
};
