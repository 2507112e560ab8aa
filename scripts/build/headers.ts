/** What the headers of a 64-bit, little-endian program file say (elf(5)). */

export const number = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
export const textAt = (bytes: Buffer, at: number): string => bytes.toString("latin1", at, bytes.indexOf(0, at));

export type Section = {
  readonly name: string;
  readonly type: number;
  /** Whether it is in memory when the program runs (SHF_ALLOC). */
  readonly inMemory: boolean;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
};

export type Segment = {
  /** Where its header is in the file. */
  readonly header: number;
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  /** Bytes in the file. */
  readonly size: number;
};

export const segmentOf = { loaded: 1, dynamic: 2, interpreter: 3 } as const;

const allocated = 2;

/** @throws where it is no such file. */
export function mustBeElf(file: Buffer): void {
  if (file.toString("latin1", 0, 6) !== "\x7fELF\x02\x01") throw new Error("not a 64-bit ELF program");
}

export function sectionsOf(file: Buffer): readonly Section[] {
  const [table, size, count, names] = [number(file, 40), file.readUInt16LE(58), file.readUInt16LE(60), 62];
  const headers = Array.from({ length: count }, (_, index) => file.subarray(table + index * size));
  const nameTable = number(headers[file.readUInt16LE(names)] as Buffer, 24);
  return headers.map((header) => ({
    name: textAt(file, nameTable + header.readUInt32LE(0)),
    type: header.readUInt32LE(4),
    inMemory: (number(header, 8) & allocated) !== 0,
    address: number(header, 16),
    offset: number(header, 24),
    size: number(header, 32),
    link: header.readUInt32LE(40),
  }));
}

export function segmentsOf(file: Buffer): readonly Segment[] {
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const header = number(file, 32) + index * file.readUInt16LE(54);
    return {
      header,
      type: file.readUInt32LE(header),
      offset: number(file, header + 8),
      address: number(file, header + 16),
      size: number(file, header + 32),
    };
  });
}

/** @returns where in the file `size` bytes are that a program finds at an address. @throws where none are loaded there. */
export function offsetOf(file: Buffer, address: number, size: number): number {
  const segment = segmentsOf(file).find(
    (each) => each.type === segmentOf.loaded && address >= each.address && address + size <= each.address + each.size,
  );
  if (!segment) throw new Error(`nothing of the file is loaded at ${address.toString(16)}`);
  return segment.offset + address - segment.address;
}
