import { constants, generateKeyPairSync, privateDecrypt, randomBytes } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";

/**
 * The server's side of logging in by MySQL 8's caching_sha2_password without TLS
 * (https://dev.mysql.com/doc/dev/mysql-server/latest/page_caching_sha2_authentication_exchanges.html): nobody is in its cache, so
 * that each login is a full one. For machines on which there is no MySQL 8; PyMySQL, which logs in here too, vouches for it.
 */
export function sha2Server(password: string): Server {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pem = publicKey.export({ type: "spki", format: "pem" }) as string;
  return createServer((socket) => {
    socket.on("error", () => {});
    serve(socket, { password, privateKey, pem }).catch(() => socket.destroy());
  });
}

/** A packet: length in three bytes, number, payload. */
function packets(socket: Socket) {
  const chunks = socket.iterator({ destroyOnReturn: false });
  let bytes = Buffer.alloc(0);
  const read = async (): Promise<{ readonly number: number; readonly payload: Buffer }> => {
    while (bytes.length < 4 || bytes.length < 4 + bytes.readUIntLE(0, 3)) {
      const { value, done } = await chunks.next();
      if (done) throw new Error("gone");
      bytes = Buffer.concat([bytes, value as Buffer]);
    }
    const end = 4 + bytes.readUIntLE(0, 3);
    const packet = { number: bytes[3] as number, payload: bytes.subarray(4, end) };
    bytes = bytes.subarray(end);
    return packet;
  };
  const write = (number: number, ...parts: readonly (Buffer | string | readonly number[])[]) => {
    const payload = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
    const head = Buffer.alloc(4);
    head.writeUIntLE(payload.length, 0, 3);
    head[3] = number;
    socket.write(Buffer.concat([head, payload]));
  };
  return { read, write };
}

const ok = [0, 0, 0, 2, 0, 0, 0];
const plugin = "caching_sha2_password\0";
/** Protocol 4.1, connecting with a database, secure connection, plugins: 2 bytes each. */
const capabilities = [0x0b, 0xa2, 0x08, 0x00];

async function serve(
  socket: Socket,
  { password, privateKey, pem }: { password: string; privateKey: Parameters<typeof privateDecrypt>[0]; pem: string },
): Promise<void> {
  const { read, write } = packets(socket);
  // No zero byte may be in it.
  const nonce = randomBytes(20).map((byte) => (byte % 127) + 1) as Buffer;
  const [low, high] = [capabilities.slice(0, 2), capabilities.slice(2)];
  const rest = [
    nonce.subarray(0, 8),
    [0],
    low,
    [255, 2, 0],
    high,
    [21],
    Array<number>(10).fill(0),
    nonce.subarray(8),
    [0],
  ];
  write(0, [10], "8.4.0\0", [1, 0, 0, 0], ...rest, plugin);
  const hello = await read();
  write(hello.number + 1, [0xfe], plugin, nonce, [0]);
  const scramble = await read();
  // Not in the cache: the whole password, please.
  write(scramble.number + 1, [1, 4]);
  const wish = await read();
  if (wish.payload[0] !== 2) throw new Error("no key is asked for");
  write(wish.number + 1, [1], pem);
  const answer = await read();
  const key = { key: privateKey as never, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" };
  const clear = privateDecrypt(key, answer.payload).map((byte, index) => byte ^ (nonce[index % 20] as number));
  if (Buffer.from(clear).toString() !== `${password}\0`) {
    write(answer.number + 1, [0xff, 0x15, 0x04], "#28000Access denied for user");
    return void socket.end();
  }
  write(answer.number + 1, ok);
  for (;;) {
    const { payload } = await read();
    if (payload[0] === 1) return void socket.end();
    write(1, ok);
  }
}
