import { mustBeElf, number, offsetOf, type Section, sectionsOf, textAt } from "./headers.ts";

const sectionOf = { symbols: 2, strings: 3, relocations: 4, dynamicSymbols: 11 } as const;
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

/** @throws where it is no such file, or where it has no symbols. */
export function openElf(file: Buffer): Elf {
  mustBeElf(file);
  const machine = machines[file.readUInt16LE(18)];
  if (!machine) throw new Error("a program for another processor");
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
      const offset = offsetOf(file, address, size);
      return file.subarray(offset, offset + size);
    },
  };
}
