import type { Place } from "./elf.ts";
import { mustBeElf, number, offsetOf, segmentOf, segmentsOf } from "./headers.ts";

/** Entries of the dynamic section, and flags in them (elf(5), /usr/include/elf.h). */
const entryOf = { none: 0, strings: 5, stringsSize: 10, libraryPath: 15, flags: 30, flags1: 0x6ffffffb } as const;
const bindNow = { flags: 8, flags1: 1 } as const;

/** Where a program finds its loader (an absolute path) and the libraries it needs (`$ORIGIN` is the program's directory). */
export type Surroundings = { readonly loader: string; readonly libraries: string };

type Entry = { readonly at: number; readonly tag: number; readonly value: number };

function entriesAt(
  file: Buffer,
  { offset, size }: { readonly offset: number; readonly size: number },
): readonly Entry[] {
  const all = Array.from({ length: size / 16 }, (_, index) => offset + index * 16).map((at) => ({
    at,
    tag: number(file, at),
    value: number(file, at + 8),
  }));
  return all.slice(
    0,
    all.findIndex(({ tag }) => tag === entryOf.none),
  );
}

/**
 * Points a program at a loader and libraries of its own, in place: nothing moves and the file gets no longer.
 *
 * Both paths go to `room`, the code of a function that nobody calls any more: the kernel reads the loader's name from the file
 * (load_elf_binary), the loader reads both from memory. The list of libraries' directories (DT_RPATH) takes the place of the
 * entry DT_FLAGS_1, which says what DT_FLAGS says as well: bind all symbols at once.
 *
 * As DT_RPATH, which goes before LD_LIBRARY_PATH: what that names is for the service, and another libc than the loader's.
 *
 * @param file changed in place. @throws where the program is not as expected.
 */
export function relocate(file: Buffer, room: Place, { loader, libraries }: Surroundings): void {
  mustBeElf(file);
  const segments = segmentsOf(file);
  const interpreter = segments.find(({ type }) => type === segmentOf.interpreter);
  const dynamic = segments.find(({ type }) => type === segmentOf.dynamic);
  if (!interpreter || !dynamic) throw new Error("the program is not linked with libraries");
  const entries = entriesAt(file, dynamic);
  const entry = (tag: number): Entry => {
    const found = entries.find((each) => each.tag === tag);
    if (!found) throw new Error(`the program's dynamic section has no entry ${tag.toString(16)}`);
    return found;
  };
  const [flags, flags1, strings] = [entry(entryOf.flags), entry(entryOf.flags1), entry(entryOf.strings)];
  if (flags.value !== bindNow.flags || flags1.value !== bindNow.flags1 || strings.value > room.address) {
    throw new Error("the program's dynamic section is not as expected");
  }
  const texts = [loader, libraries].map((text) => Buffer.from(`${text}\0`, "latin1"));
  const [loaderText, librariesText] = texts as [Buffer, Buffer];
  const bytes = Buffer.concat(texts);
  if (bytes.length > room.size) throw new Error("no room for the paths of loader and libraries");
  const at = offsetOf(file, room.address, bytes.length);
  bytes.copy(file, at);

  const write = (value: number, where: number): number => file.writeBigUInt64LE(BigInt(value), where);
  const { header } = interpreter;
  write(at, header + 8);
  write(room.address, header + 16);
  write(room.address, header + 24);
  write(loaderText.length, header + 32);
  write(loaderText.length, header + 40);
  const path = room.address + loaderText.length - strings.value;
  write(entryOf.libraryPath, flags1.at);
  write(path, flags1.at + 8);
  // For programs that read the table of strings from the file, such as readelf(1) and ldd(1).
  write(path + librariesText.length, entry(entryOf.stringsSize).at + 8);
}
