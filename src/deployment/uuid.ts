/** The offset and the prime of 128 bits (https://datatracker.ietf.org/doc/html/draft-eastlake-fnv). */
const offset = 0x6c62272e07bb014262b821756295c58dn;
const prime = 0x0000000001000000000000000000013bn;

/**
 * @returns a UUID for a name, the same at each call: FNV-1a's hash of it as version 8, which RFC 9562 (section 5.8) leaves to
 * whoever makes it. Nobody has to be unable to guess it, so no cryptographic hash has to be loaded.
 */
export function uuidOf(name: string): string {
  let hash = offset;
  for (const byte of new TextEncoder().encode(name)) hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * prime);
  const digits = hash.toString(16).padStart(32, "0");
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})/, "$1-$2-8$3-a$4-");
}
