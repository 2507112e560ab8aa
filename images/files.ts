import { createHash } from "node:crypto";

const blockBytes = 512;

/** A text field of a tar header, up to its NUL. */
const textAt = (header: Buffer, from: number, length: number): string => {
  const field = header.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.toString("utf8", 0, end < 0 ? length : end);
};
const octalAt = (header: Buffer, from: number, length: number): number =>
  Number.parseInt(textAt(header, from, length).trim() || "0", 8);

/** `27 path=some/long/name\n`, one after the other, each with its own length before (pax(1)). */
function paxRecords(contents: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < contents.length; ) {
    const blank = contents.indexOf(" ", at);
    const length = Number(contents.toString("utf8", at, blank));
    if (!(length > 0)) break;
    const [, name = "", value = ""] = /^([^=]*)=(.*)\n$/s.exec(contents.toString("utf8", blank + 1, at + length)) ?? [];
    records.set(name, value);
    at += length;
  }
  return records;
}

/** Reads a stream in pieces of given sizes. */
function reader(chunks: AsyncIterable<Buffer>) {
  const source = chunks[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  /** Gives `size` bytes in pieces as they come; fewer at the end of the stream. */
  async function* pieces(size: number): AsyncGenerator<Buffer> {
    for (let left = size; left > 0; ) {
      if (rest.length === 0) {
        const next = await source.next();
        if (next.done) return;
        rest = next.value;
      }
      const piece = rest.subarray(0, left);
      rest = rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }
  return {
    pieces,
    whole: async (size: number): Promise<Buffer> => {
      const all: Buffer[] = [];
      for await (const piece of pieces(size)) all.push(piece);
      return Buffer.concat(all);
    },
  };
}

const kinds: Readonly<Record<string, string>> = {
  "0": "file",
  "\0": "file",
  "1": "hard link",
  "2": "link",
  "3": "device",
  "4": "device",
  "5": "directory",
  "6": "pipe",
};

/**
 * @param chunks of a tar archive, as `docker export` writes one.
 * @returns by path what each file is: kind, mode, owner, and the digest of its contents or where it leads. No times.
 */
export async function filesOf(chunks: AsyncIterable<Buffer>): Promise<ReadonlyMap<string, string>> {
  const { pieces, whole } = reader(chunks);
  const files = new Map<string, string>();
  let more: ReadonlyMap<string, string> = new Map();
  for (;;) {
    const header = await whole(blockBytes);
    if (header.length < blockBytes || header.every((byte) => byte === 0)) return files;
    const type = textAt(header, 156, 1) || "0";
    const size = Number(more.get("size") ?? octalAt(header, 124, 12));
    const padding = (blockBytes - (size % blockBytes)) % blockBytes;
    if (type === "x" || type === "L" || type === "K") {
      const contents = await whole(size);
      const gnu = textAt(contents, 0, contents.length);
      more = new Map([
        ...more,
        ...(type === "x" ? paxRecords(contents) : [[type === "L" ? "path" : "linkpath", gnu] as const]),
      ]);
    } else {
      const digest = createHash("sha256");
      for await (const piece of pieces(size)) digest.update(piece);
      const prefix = textAt(header, 257, 5) === "ustar" ? textAt(header, 345, 155) : "";
      const path = more.get("path") ?? (prefix ? `${prefix}/` : "") + textAt(header, 0, 100);
      const target = more.get("linkpath") ?? textAt(header, 157, 100);
      const owner = `${octalAt(header, 108, 8)}:${octalAt(header, 116, 8)}`;
      const kind = kinds[type] ?? `type ${type}`;
      const contents = kind === "file" ? digest.digest("hex") : target;
      if (type !== "g")
        files.set(path, `${kind} ${octalAt(header, 100, 8).toString(8)} ${owner} ${contents}`.trimEnd());
      more = new Map();
    }
    await whole(padding);
  }
}

/** @returns a line for each path that is not the same in both, or in one only. */
export function differences(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): readonly string[] {
  const paths = [...new Set([...one.keys(), ...other.keys()])].sort();
  return paths.flatMap((path) => {
    const [here, there] = [one.get(path) ?? "missing", other.get(path) ?? "missing"];
    return here === there ? [] : [`${path}: ${here} | ${there}`];
  });
}
