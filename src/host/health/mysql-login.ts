import { createHash } from "node:crypto";

const sha1 = (...parts: readonly Buffer[]): Buffer => {
  const hash = createHash("sha1");
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** What mysql_native_password answers: SHA1(password) XOR SHA1(nonce + SHA1(SHA1(password))); nothing for no password. */
export function nativeScramble(password: string, nonce: Buffer): Buffer {
  if (password === "") return Buffer.alloc(0);
  const once = sha1(Buffer.from(password));
  const mask = sha1(nonce, sha1(once));
  return Buffer.from(once.map((byte, index) => byte ^ (mask[index] as number)));
}
