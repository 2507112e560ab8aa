const rotate = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

/**
 * SHA-1 (RFC 3174) of a few bytes, which MySQL's protocol wants of a password. Not node:crypto's: loading that costs a fifth of
 * Node's own boot, at each health check. A password is no match for guessing by what hash ever, so speed is all that counts here.
 */
export function sha1(...parts: readonly Buffer[]): Buffer {
  const text = Buffer.concat(parts);
  const padded = Buffer.alloc((((text.length + 8) >> 6) + 1) << 6);
  text.copy(padded);
  padded[text.length] = 0x80;
  padded.writeUInt32BE(text.length * 8, padded.length - 4);
  const hash = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Int32Array(80);
  for (let block = 0; block < padded.length; block += 64) {
    for (let at = 0; at < 16; at++) words[at] = padded.readInt32BE(block + 4 * at);
    for (let at = 16; at < 80; at++) {
      const [three, eight, fourteen, sixteen] = [3, 8, 14, 16].map((back) => words[at - back] as number) as [
        number,
        number,
        number,
        number,
      ];
      words[at] = rotate(three ^ eight ^ fourteen ^ sixteen, 1);
    }
    let [a, b, c, d, e] = hash as [number, number, number, number, number];
    for (let at = 0; at < 80; at++) {
      const [mixed, constant] =
        at < 20
          ? [(b & c) | (~b & d), 0x5a827999]
          : at < 40
            ? [b ^ c ^ d, 0x6ed9eba1]
            : at < 60
              ? [(b & c) | (b & d) | (c & d), 0x8f1bbcdc]
              : [b ^ c ^ d, 0xca62c1d6];
      [a, b, c, d, e] = [(rotate(a, 5) + mixed + e + constant + (words[at] as number)) | 0, a, rotate(b, 30), c, d];
    }
    for (const [index, value] of [a, b, c, d, e].entries()) hash[index] = ((hash[index] as number) + value) | 0;
  }
  const bytes = Buffer.alloc(20);
  for (const [index, value] of hash.entries()) bytes.writeInt32BE(value, 4 * index);
  return bytes;
}

/** What mysql_native_password answers: SHA1(password) XOR SHA1(nonce + SHA1(SHA1(password))); nothing for no password. */
export function nativeScramble(password: string, nonce: Buffer): Buffer {
  if (password === "") return Buffer.alloc(0);
  const once = sha1(Buffer.from(password));
  const mask = sha1(nonce, sha1(once));
  return Buffer.from(once.map((byte, index) => byte ^ (mask[index] as number)));
}
