/**
 * The loop of the dynamic loader that looks for its variables, `LD_*` (process_envvars in glibc's elf/rtld.c): a string that
 * does not begin with L is left alone, by a jump back. Bytes as gcc makes them for x64, the same in the glibc of Debian 12, 13 and 14.
 */
const search = [
  [0x80, 0x38, 0x4c], // cmp byte [rax], 'L'
  [0x75, 0xee], // jne the next string
  [0x80, 0x78, 0x01, 0x44, 0x75, 0xe8], // and so on with D
  [0x80, 0x78, 0x02, 0x5f, 0x75, 0xe2], // and _
].flat();
const firstJump = 3;
const always = 0xeb;

/**
 * Lets the loader that plinth brings along leave every variable alone. What LD_PRELOAD names is meant for the service and for
 * the C library of the image: a newer one than plinth's own would keep plinth from starting.
 *
 * @param loader its bytes, changed in place. @returns whether that was possible.
 */
export function ignoreLoaderVariables(loader: Buffer): boolean {
  const at = loader.indexOf(Buffer.from(search));
  if (at < 0 || loader.indexOf(Buffer.from(search), at + 1) >= 0) return false;
  loader[at + firstJump] = always;
  return true;
}
