import { type Elf, openElf, type Place } from "./elf.ts";
import { type Processor, processors } from "./machine-code.ts";

/**
 * What plinth's Node is started with, of `ProcessInitializationFlags` (node.h), which are for programs that embed Node: no
 * signal's disposition or mask is touched, descriptors that came from the runtime stay open across execve(2), and the limit
 * of open files stays as it was given.
 */
const flags = {
  kEnableStdioInheritance: 1 << 0,
  kNoDefaultSignalHandling: 1 << 5,
  kNoAdjustResourceLimits: 1 << 10,
} as const;

/** Where a function of Node calls another, and what it shall call instead. */
type Detour = { readonly in: RegExp; readonly to: number; readonly code: (at: number) => Buffer };

const functions = {
  main: /^main$/,
  start: /^_ZN4node5StartEiPPc$/,
  initialize: /^_ZN4nodeL32InitializeOncePerProcessInternalE[^.]*$/,
  readOptions: /^_ZN4nodeL30InitializeNodeWithArgsInternalE[^.]*$/,
  findConfigurationFile: /^_ZN4node12ConfigReader15GetDataFromArgsE[^.]*$/,
  findEnvironmentFiles: /^_ZN4node6Dotenv15GetDataFromArgsE[^.]*$/,
  readConfigurationFile: /^_ZN4node12ConfigReader11ParseConfigE[^.]*$/,
  execve: /^_ZN4nodeL6ExecveE[^.]*$/,
  spawn: /^uv_spawn$/,
  shutDown: /^uv_library_shutdown$/,
  joinThreads: /^uv__threadpool_cleanup$/,
} as const;

/** Turns the one call, or jump, to a function that is in another into one that goes to `instead`. */
function retarget(elf: Elf, processor: Processor, within: Place, to: number, instead: number): void {
  const code = elf.at(within);
  const found = [processor.call, processor.jump].flatMap((write) =>
    Array.from({ length: Math.ceil(code.length / processor.step) }, (_, index) => index * processor.step)
      .filter((offset) => {
        const bytes = write(within.address + offset, to);
        return code.subarray(offset, offset + bytes.length).equals(bytes);
      })
      .map((offset) => ({ write, offset })),
  );
  const [only] = found;
  if (!only || found.length !== 1) throw new Error(`${found.length} calls to ${to.toString(16)}, and one was expected`);
  only.write(within.address + only.offset, instead).copy(code, only.offset);
}

/**
 * Closes Node's doors to the outside, for which it has no option: takes the calls in `detours` elsewhere.
 *
 * The new code takes the place of a function that no longer is called, the one that reads a configuration file. What was
 * meant is looked up by symbol, and each call must be there exactly once: a Node that is built otherwise fails the build.
 *
 * What `decode` is for: Node gives execve(2) strings of Unicode, and what an operator gives a container need not be any. A
 * string that begins with the byte 1 and ends with `=` holds one byte in each of its characters (U+0000 to U+00FF); it is
 * turned into these bytes, without the two marks. See src/host/strings.ts, which writes them.
 *
 * @param file the bytes of Node's own program; changed in place. @throws where it is not as expected.
 * @returns what is left of that function's place.
 */
export function closeDoors(file: Buffer): Place {
  const elf = openElf(file);
  const processor = processors[elf.machine];
  const { pieces, jump } = processor;
  const address = (name: keyof typeof functions): number => elf.symbol(functions[name]).address;
  const room = elf.symbol(functions.readConfigurationFile);
  const space = elf.at(room);
  let used = 0;
  const place = (write: (at: number) => Buffer): number => {
    const at = room.address + used;
    const code = write(at);
    code.copy(space, used);
    used += Math.ceil(code.length / 16) * 16;
    if (used > room.size) throw new Error("no room for the new code");
    return at;
  };
  const then =
    (code: (at: number) => Buffer, to: number) =>
    (at: number): Buffer => {
      const first = code(at);
      return Buffer.concat([first, jump(at + first.length, to)]);
    };
  const decode = place(() => pieces.decode);
  const [start, initialize] = [address("start"), address("initialize")];
  const [execve, execvp] = [elf.imported("execve"), elf.imported("execvp")];
  const environ = elf.symbol(/^environ(@|$)/).address;
  const all = Object.values(flags).reduce((sum, flag) => sum | flag, 0);
  const detours: readonly Detour[] = [
    { in: functions.main, to: start, code: then(() => pieces.emptyEnvironment, start) },
    { in: functions.start, to: initialize, code: then(() => pieces.withFlags(all), initialize) },
    // Both look at all words, argv[0] included, before Node knows which of them are its own.
    { in: functions.readOptions, to: address("findConfigurationFile"), code: () => pieces.noConfigurationFile },
    { in: functions.readOptions, to: address("findEnvironmentFiles"), code: () => pieces.noEnvironmentFiles },
    // exit(3) would wait for a thread that looks a name up (getaddrinfo(3)): 8 s where the name server is away.
    { in: functions.shutDown, to: address("joinThreads"), code: () => pieces.nothing },
    { in: functions.execve, to: execve, code: then((at) => pieces.execve(at, decode), execve) },
    { in: functions.spawn, to: execvp, code: then((at) => pieces.execvp(at, decode, environ), execvp) },
  ];
  for (const detour of detours) {
    const within = elf.symbol(detour.in);
    // main is nothing but the jump; what fills the room up to the next function is not counted.
    retarget(elf, processor, { ...within, size: Math.max(within.size, 8) }, detour.to, place(detour.code));
  }
  return { address: room.address + used, size: room.size - used };
}
