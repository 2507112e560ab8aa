import { mustBeElf, sectionsOf, segmentOf, segmentsOf } from "./headers.ts";

/** Bytes of one section's header, and where in it the number of the section is that it belongs with. */
const header = { size: 64, offset: 24 } as const;

/**
 * Leaves the symbols and what debuggers read out of a program, as strip(1) does: what is behind all that a process has in
 * memory. Of Node that is 18 MB.
 *
 * @returns the shorter file. @throws where the sections are not in that order.
 */
export function withoutSymbols(file: Buffer): Buffer {
  mustBeElf(file);
  const sections = sectionsOf(file);
  const kept = sections.filter(({ inMemory }, index) => index === 0 || inMemory).length;
  const names = file.readUInt16LE(62);
  const nameTable = sections[names];
  const isKept = (index: number): boolean => index < kept;
  if (!nameTable || isKept(names) || sections.some(({ inMemory }, index) => inMemory && !isKept(index))) {
    throw new Error("sections that are in memory stand behind others");
  }
  const end = Math.max(
    ...segmentsOf(file).map(({ type, offset, size }) => (type === segmentOf.loaded ? offset + size : 0)),
  );
  const tableAt = Math.ceil((end + nameTable.size) / 8) * 8;
  const result = Buffer.alloc(tableAt + (kept + 1) * header.size);
  file.copy(result, 0, 0, end);
  file.copy(result, end, nameTable.offset, nameTable.offset + nameTable.size);
  const from = Number(file.readBigUInt64LE(40));
  file.copy(result, tableAt, from, from + kept * header.size);
  file.copy(result, tableAt + kept * header.size, from + names * header.size, from + (names + 1) * header.size);
  result.writeBigUInt64LE(BigInt(end), tableAt + kept * header.size + header.offset);
  result.writeBigUInt64LE(BigInt(tableAt), 40);
  result.writeUInt16LE(kept + 1, 60);
  result.writeUInt16LE(kept, 62);
  return result;
}
