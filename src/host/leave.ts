import { isSea } from "node:sea";

/** The word by which a process that replaced itself knows that all it has to do is to end. */
const word = "__leave";

/**
 * What keeps exit(3) waiting: a name look-up (getaddrinfo(3)) runs in a thread that cannot be interrupted, and Node joins
 * its threads at the end. While the name server is away that took 8 s.
 */
const clinging = "GetAddrInfoReqWrap";

/**
 * Ends the process now, with this status.
 *
 * With a look-up under way, exit would wait for it; only execve(2) ends other threads at once. So plinth then becomes
 * itself once more, with nothing to do but to end with the status. (A signal to itself would do, but not as process 1.)
 */
export function leave(status: number): never {
  if (process.getActiveResourcesInfo().includes(clinging)) {
    const script = isSea() ? [] : [...process.execArgv, process.argv[1] as string];
    process.execve?.(process.execPath, [process.execPath, ...script, word, `${status}`], {});
  }
  process.exit(status);
}

/** To be called before anything else: ends a process that was only made to end. */
export function leaveIfToldTo(words: readonly string[]): void {
  if (words[0] === word) process.exit(Number(words[1]));
}
