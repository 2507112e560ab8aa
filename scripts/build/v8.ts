/**
 * What V8 does not do in plinth's Node, since a start pays for it and has no use of it. V8's options would do the same, but V8 accepts a code
 * cache only under the options that it was made with: Node's own modules would be compiled from source at each start. So the data behind the
 * options is changed (docs/decisions/0064-what-v8-leaves-out-of-a-start.md).
 */
import { type Elf, openElf } from "./elf.ts";
import { processors } from "./machine-code.ts";

/** A snapshot's header (SnapshotImpl in src/snapshot/snapshot.cc): number of contexts, rehashability, two checksums, V8's version. */
const header = { rehashability: 4, version: 16, versionSize: 64 } as const;

/**
 * Says in each snapshot that its strings cannot be hashed again, as V8 would do with a random seed, for which it searches primes. The
 * checksums are of what comes after the header.
 *
 * @throws where no snapshot of this version can be hashed again.
 */
function keepHashes(file: Buffer, version: string): void {
  const text = Buffer.alloc(header.versionSize);
  text.write(version, "latin1");
  let found = 0;
  for (let at = file.indexOf(text); at >= 0; at = file.indexOf(text, at + 1)) {
    const word = at - header.version + header.rehashability;
    if (file.readUInt32LE(word) !== 1) throw new Error(`a snapshot of V8 ${version} has a header that is not known`);
    file.writeUInt32LE(0, word);
    found++;
  }
  if (found === 0) throw new Error(`there is no snapshot of V8 ${version}`);
}

/**
 * Turns V8's baseline compiler off, as if that were the default of the option `sparkplug`. It compiles functions that ran a few times; a
 * start is over before that pays. What runs for long is optimized all the same.
 *
 * V8 has a table of its options, in which the address of an option's value stands before that of its default (`struct Flag` in
 * src/flags/flags-impl.h).
 *
 * @throws where the table is not so.
 */
function leaveBaselineOut(elf: Elf): void {
  const initial = elf.symbol(/^_ZN2v88internalL21FLAGDEFAULT_sparkplugE$/);
  const table = elf.at(elf.symbol(/^_ZN2v88internal5flagsE$/));
  const addresses = Array.from({ length: table.length / 8 }, (_, index) => Number(table.readBigUInt64LE(8 * index)));
  const [index = 0, ...others] = addresses.flatMap((address, at) => (address === initial.address ? [at] : []));
  const value = addresses[index - 1];
  if (value === undefined || others.length > 0)
    throw new Error("V8's table of options has not one entry for sparkplug");
  for (const { address } of [initial, { address: value }]) {
    const byte = elf.at({ address, size: 1 });
    if (byte[0] !== 1) throw new Error("V8's option sparkplug is not on");
    byte[0] = 0;
  }
}

/** Leaves out the line numbers of all functions in the snapshot, and of all that are compiled later, which profilers want. */
function leavePositionsOut(elf: Elf): void {
  const collect = elf.symbol(/^_ZN2v811CpuProfiler38UseDetailedSourcePositionsForProfilingE[^.]*$/);
  processors[elf.machine].pieces.nothing.copy(elf.at(collect));
}

/**
 * Takes out of Node's V8 what a start has no use of.
 *
 * @param file the bytes of Node's own program, with its symbols; changed in place. @param version V8's. @throws where it is not as expected.
 */
export function shortenStart(file: Buffer, version: string): void {
  keepHashes(file, version);
  const elf = openElf(file);
  leaveBaselineOut(elf);
  leavePositionsOut(elf);
}
