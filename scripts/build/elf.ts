const sectionOf = { symbols: 2, strings: 3, relocations: 4, dynamicSymbols: 11 } as const;
const loaded = 1;
const machines: Readonly<Record<number, "x64" | "arm64">> = { 62: "x64", 183: "arm64" };

/** A function or variable: where it is when the program runs, and how many bytes it takes. */
export type Place = { readonly address: number; readonly size: number };

/** A program file, 64 bits, little-endian, not yet stripped (elf(5)). */
export type Elf = {
  readonly machine: "x64" | "arm64";
  /** The one symbol whose linker name fits. */
  readonly symbol: (name: RegExp) => Place;
  /** The address in the procedure linkage table through which a function of a shared library is called. */
  readonly imported: (name: string) => number;
  /** The bytes of the file that are at an address; writing to them changes the file's bytes. */
  readonly at: (place: Place) => Buffer;
};

type Section = {
  readonly name: string;
  readonly type: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
};

const number = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));
const textAt = (bytes: Buffer, at: number): string => bytes.toString("latin1", at, bytes.indexOf(0, at));

function sectionsOf(file: Buffer): readonly Section[] {
  const [table, size, count, names] = [number(file, 40), file.readUInt16LE(58), file.readUInt16LE(60), 62];
  const headers = Array.from({ length: count }, (_, index) => file.subarray(table + index * size));
  const nameTable = number(headers[file.readUInt16LE(names)] as Buffer, 24);
  return headers.map((header) => ({
    name: textAt(file, nameTable + header.readUInt32LE(0)),
    type: header.readUInt32LE(4),
    address: number(header, 16),
    offset: number(header, 24),
    size: number(header, 32),
    link: header.readUInt32LE(40),
  }));
}

/** @throws where it is no such file, or where it has no symbols. */
export function openElf(file: Buffer): Elf {
  const machine = machines[file.readUInt16LE(18)];
  if (file.toString("latin1", 0, 6) !== "\x7fELF\x02\x01" || !machine) throw new Error("not a 64-bit ELF program");
  const sections = sectionsOf(file);
  const section = (fits: (section: Section) => boolean): Section => {
    const found = sections.find(fits);
    if (!found) throw new Error("the program has no symbols, or no linkage table");
    return found;
  };
  const entries = ({ offset, size }: Section, each: number): readonly number[] =>
    Array.from({ length: size / each }, (_, index) => offset + index * each);
  const nameIn = (table: Section, entry: number): string =>
    textAt(file, (sections[table.link] as Section).offset + file.readUInt32LE(entry));

  const symbols = section(({ type }) => type === sectionOf.symbols);
  const dynamic = section(({ type }) => type === sectionOf.dynamicSymbols);
  const plt = section(({ name }) => name === ".plt");
  const calls = entries(
    section(({ name }) => name === ".rela.plt"),
    24,
  );
  const segments = Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const header = file.subarray(number(file, 32) + index * file.readUInt16LE(54));
    return {
      type: header.readUInt32LE(0),
      offset: number(header, 8),
      address: number(header, 16),
      size: number(header, 32),
    };
  });
  const names = entries(symbols, 24).map((entry) => ({ entry, symbol: nameIn(symbols, entry) }));
  return {
    machine,
    symbol(name) {
      const found = names.filter(({ symbol }) => name.test(symbol));
      const places = found.map(({ entry }) => ({ address: number(file, entry + 8), size: number(file, entry + 16) }));
      const [place] = places;
      if (!place || places.some(({ address }) => address !== place.address)) {
        throw new Error(`${places.length} symbols are like ${name}, and one was expected`);
      }
      return place;
    },
    imported(name) {
      const index = calls.findIndex(
        (entry) => nameIn(dynamic, dynamic.offset + file.readUInt32LE(entry + 12) * 24) === name,
      );
      if (index < 0) throw new Error(`the program does not import ${name}`);
      // An entry takes 16 bytes; before them the table has one of 16 bytes (x64) or 32 (arm64) for the loader.
      return plt.address + 16 * index + (machine === "x64" ? 16 : 32);
    },
    at({ address, size }) {
      const segment = segments.find(
        (each) => each.type === loaded && address >= each.address && address + size <= each.address + each.size,
      );
      if (!segment) throw new Error(`nothing of the file is loaded at ${address.toString(16)}`);
      const offset = segment.offset + address - segment.address;
      return file.subarray(offset, offset + size);
    },
  };
}
