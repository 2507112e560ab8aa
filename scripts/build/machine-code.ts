/** Machine code of a processor, as far as the build writes any. */
export type Processor = {
  /** The bytes of a jump (or of a call, which comes back) from one address to another. */
  readonly jump: (from: number, to: number) => Buffer;
  readonly call: (from: number, to: number) => Buffer;
  /** Bytes from one place where an instruction may begin to the next one. */
  readonly step: number;
  readonly pieces: Pieces;
};

/** Functions that take the place of Node's. `next` stands for a jump to the function that was meant. */
export type Pieces = {
  /** `main(argc, argv, envp)` goes on with an empty environment. */
  readonly emptyEnvironment: Buffer;
  /** The second argument after a returned object: the flags of node::InitializeOncePerProcess. */
  readonly withFlags: (flags: number) => Buffer;
  /** ConfigReader::GetDataFromArgs returns an optional<string_view> that is empty, and has seen no wrong word. */
  readonly noConfigurationFile: Buffer;
  /** Dotenv::GetDataFromArgs returns a vector that is empty. */
  readonly noEnvironmentFiles: Buffer;
  readonly nothing: Buffer;
  /** Takes a list of strings in a register of its own; see `decodeStrings` in node.ts. */
  readonly decode: Buffer;
  /** execve(path, words, environment), and execvp(file, words) with the variable `environ`, call `decode` with both lists. */
  readonly execve: (at: number, decode: number) => Buffer;
  readonly execvp: (at: number, decode: number, environ: number) => Buffer;
};

const hex = (...lines: readonly string[]): Buffer => Buffer.from(lines.join("").replaceAll(" ", ""), "hex");

function relative(opcode: number, from: number, to: number): Buffer {
  const bytes = Buffer.from([opcode, 0, 0, 0, 0]);
  bytes.writeInt32LE(to - (from + bytes.length), 1);
  return bytes;
}

function absolute(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const x64Jump = (from: number, to: number): Buffer => relative(0xe9, from, to);
const x64Call = (from: number, to: number): Buffer => relative(0xe8, from, to);

/** Code in which each piece knows where it stands. */
function sequence(at: number, parts: readonly (Buffer | ((at: number) => Buffer))[]): Buffer {
  return parts.reduce<Buffer>(
    (code, part) => Buffer.concat([code, typeof part === "function" ? part(at + code.length) : part]),
    Buffer.alloc(0),
  );
}

const x64: Processor = {
  jump: x64Jump,
  call: x64Call,
  step: 1,
  pieces: {
    emptyEnvironment: hex("48c702 00000000"), // mov qword [rdx], 0
    withFlags: (flags) => Buffer.concat([hex("ba"), absolute(flags)]), // mov edx, flags
    noConfigurationFile: hex(
      "c64630 00", // mov byte [rsi+0x30], 0
      "c64710 00", // mov byte [rdi+0x10], 0
      "4889f8", // mov rax, rdi
      "c3", // ret
    ),
    noEnvironmentFiles: hex(
      "48c707 00000000", // mov qword [rdi], 0
      "48c74708 00000000", // mov qword [rdi+8], 0
      "48c74710 00000000", // mov qword [rdi+16], 0
      "4889f8", // mov rax, rdi
      "c3", // ret
    ),
    nothing: hex("c3"), // ret
    decode: hex(
      "498b30", // next: mov rsi, [r8]
      "4983c008", // add r8, 8
      "4885f6", // test rsi, rsi
      "7425", // jz done
      "803e01", // cmp byte [rsi], 1
      "75ef", // jne next
      "4889f7", // mov rdi, rsi
      "48ffc6", // inc rsi
      "ac", // byte: lodsb
      "3cc2", // cmp al, 0xc2
      "720a", // jb put
      "c0e006", // shl al, 6
      "88c1", // mov cl, al
      "ac", // lodsb
      "243f", // and al, 0x3f
      "08c8", // or al, cl
      "aa", // put: stosb
      "84c0", // test al, al
      "75ec", // jnz byte
      "c647fe00", // mov byte [rdi-2], 0
      "ebcf", // jmp next
      "c3", // done: ret
    ),
    execve: (at, decode) =>
      sequence(at, [
        hex("5756", "4989f0"), // push rdi; push rsi; mov r8, rsi
        (here) => x64Call(here, decode),
        hex("4989d0"), // mov r8, rdx
        (here) => x64Call(here, decode),
        hex("5e5f"), // pop rsi; pop rdi
      ]),
    execvp: (at, decode, environ) =>
      sequence(at, [
        hex("5756", "4989f0"), // push rdi; push rsi; mov r8, rsi
        (here) => x64Call(here, decode),
        Buffer.concat([hex("4c8b0425"), absolute(environ)]), // mov r8, [environ]
        (here) => x64Call(here, decode),
        hex("5e5f"), // pop rsi; pop rdi
      ]),
  },
};

const words = (...codes: readonly number[]): Buffer => Buffer.concat(codes.map(absolute));

/** A branch reaches 128 MiB to either side, in steps of 4 bytes. */
const branch =
  (opcode: number) =>
  (from: number, to: number): Buffer =>
    absolute((opcode | (((to - from) / 4) & 0x3ffffff)) >>> 0);

const arm64Call = branch(0x94000000);

/** adrp x8, ADDRESS; ldr x8, [x8, ADDRESS & 4095] */
function arm64Load(at: number, address: number): Buffer {
  const pages = Math.floor(address / 4096) - Math.floor(at / 4096);
  const adrp = (0x90000008 | ((pages & 3) << 29) | (((pages >> 2) & 0x7ffff) << 5)) >>> 0;
  return words(adrp, (0xf9400108 | (((address & 4095) / 8) << 10)) >>> 0);
}

const arm64: Processor = {
  jump: branch(0x14000000),
  call: arm64Call,
  step: 4,
  pieces: {
    emptyEnvironment: words(0xf900005f), // str xzr, [x2]
    withFlags: (flags) => words((0x52800001 | (flags << 5)) >>> 0), // mov w1, flags
    noConfigurationFile: words(
      0x3900c01f, // strb wzr, [x0, 0x30]
      0x3900411f, // strb wzr, [x8, 0x10]
      0xd65f03c0, // ret
    ),
    noEnvironmentFiles: words(
      0xa9007d1f, // stp xzr, xzr, [x8]
      0xf900091f, // str xzr, [x8, 16]
      0xd65f03c0, // ret
    ),
    nothing: words(0xd65f03c0), // ret
    decode: words(
      0xf8408509, // next: ldr x9, [x8], 8
      0xb4000209, // cbz x9, done
      0x3940012a, // ldrb w10, [x9]
      0x7100055f, // cmp w10, 1
      0x54ffff81, // b.ne next
      0xaa0903eb, // mov x11, x9
      0x91000529, // add x9, x9, 1
      0x3840152a, // byte: ldrb w10, [x9], 1
      0x7103095f, // cmp w10, 0xc2
      0x54000083, // b.lo put
      0x3840152c, // ldrb w12, [x9], 1
      0x331a054c, // bfi w12, w10, 6, 2
      0x2a0c03ea, // mov w10, w12
      0x3800156a, // put: strb w10, [x11], 1
      0x35ffff2a, // cbnz w10, byte
      0x381fe17f, // sturb wzr, [x11, -2]
      0x17fffff0, // b next
      0xd65f03c0, // done: ret
    ),
    execve: (at, decode) =>
      sequence(at, [
        words(0xa9bf7bfd, 0xaa0103e8), // stp x29, x30, [sp, -16]!; mov x8, x1
        (here) => arm64Call(here, decode),
        words(0xaa0203e8), // mov x8, x2
        (here) => arm64Call(here, decode),
        words(0xa8c17bfd), // ldp x29, x30, [sp], 16
      ]),
    execvp: (at, decode, environ) =>
      sequence(at, [
        words(0xa9bf7bfd, 0xaa0103e8), // stp x29, x30, [sp, -16]!; mov x8, x1
        (here) => arm64Call(here, decode),
        (here) => arm64Load(here, environ),
        (here) => arm64Call(here, decode),
        words(0xa8c17bfd), // ldp x29, x30, [sp], 16
      ]),
  },
};

export const processors = { x64, arm64 } as const;
