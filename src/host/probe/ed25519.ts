import { createHash } from "node:crypto";
import { Point } from "@noble/ed25519";

const sha512 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Little-endian, as RFC 8032 has numbers. */
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
const bytesOf = (number: bigint): Buffer => Buffer.from(number.toString(16).padStart(64, "0"), "hex").reverse();

const order = Point.CURVE().n;
const point = (factor: bigint): Uint8Array => Point.BASE.multiply(factor).toBytes();

/**
 * Signs a scramble as MariaDB's ed25519 plugin wants it: RFC 8032, 5.1.6, with the hash of the password, whatever its length, in
 * place of that of a 32-byte secret (https://mariadb.com/kb/en/connection/#client_ed25519-plugin). That is why no library's own
 * `sign` does it.
 */
export function signScramble(password: string, scramble: Uint8Array): Buffer {
  const hash = sha512(Buffer.from(password));
  const secret = hash.subarray(0, 32);
  secret.writeUInt8(secret.readUInt8(0) & 248, 0);
  secret.writeUInt8((secret.readUInt8(31) & 127) | 64, 31);
  const s = numberOf(secret) % order;
  const r = numberOf(sha512(hash.subarray(32), scramble)) % order;
  const nonce = point(r);
  const k = numberOf(sha512(nonce, point(s), scramble)) % order;
  return Buffer.concat([nonce, bytesOf((r + k * s) % order)]);
}
