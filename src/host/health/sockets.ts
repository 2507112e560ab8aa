/** An established TCP connection as the kernel lists it. */
export type Connection = {
  /** The other side's address: `10.0.0.5`, or IPv6 in full lower-case groups without `::` (`fe80:0:0:0:0:0:0:1`). */
  readonly remote: string;
  readonly port: number;
  /** Of whom opened the socket. */
  readonly uid: number;
  readonly inode: string;
};

/** /proc/net/tcp writes each 32-bit word of an address in the machine's own byte order, which is little-endian on all of ours. */
const words = (hex: string): readonly number[] =>
  (hex.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)),
  );

/** @returns the address of bytes, an IPv4 address that is mapped into IPv6 (`::ffff:10.0.0.5`) as IPv4. */
function addressOf(bytes: readonly number[]): string {
  const mapped =
    bytes.length === 16 && bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (bytes.length === 4 || mapped) return bytes.slice(-4).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0));
  return groups.map((group) => group.toString(16)).join(":");
}

/** @returns an IPv6 address (which may hold `::`) in the form of `Connection.remote`; any other text unchanged. */
export function plainAddress(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.toLowerCase().replace(/%.*/, "").split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? [] : new Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16).toString(16)).join(":");
}

const established = "01";

/** Reads /proc/net/tcp or tcp6 (proc(5)). @returns the established connections. */
export function connectionsIn(table: string): Connection[] {
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[3] === established)
    .map(([, , remote = "", , , , , uid, , inode = ""]) => {
      const [address = "", port = ""] = remote.split(":");
      return { remote: addressOf(words(address)), port: Number.parseInt(port, 16), uid: Number(uid), inode };
    });
}
