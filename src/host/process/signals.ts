import { createHook } from "node:async_hooks";
import { readFileSync } from "node:fs";
import { signalled } from "../../diagnostics/exit-status.ts";

export type Signal = { readonly name: string; readonly number: number };

/**
 * Signals whose default is to end a program (signal(7)). Not those of a fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL), which no
 * handler may return from, and not SIGPIPE and SIGXFSZ, see `answers`. Numbers are those of x86 and ARM, as node:os has
 * them, which a test holds them against: loading that one takes a start longer than listening to all of these.
 */
export const ending = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGUSR1: 10,
  SIGUSR2: 12,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGXCPU: 24,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

/** The kernel's answers to our own writes: the write fails as well, and says more. */
export const answers = { SIGPIPE: 13, SIGXFSZ: 25 } as const;

const rowsOf = <N extends string>(signals: Readonly<Record<N, number>>) => Object.entries(signals) as [N, number][];

/** Linux's real-time signals as glibc counts them: 32 and 33 are its own (signal(7)). */
export const firstRealTime = 34;
export const lastRealTime = 64;

/** What is behind `process.on` of a signal. It takes any number, whereas `process.on` knows no real-time signals. */
type Handle = { onsignal: () => void; start(number: number): number; unref(): void };

/** @returns Node's class of such handles, which it shows to async_hooks only, while `listen` makes one. */
function handleClass(listen: () => void): (new () => Handle) | undefined {
  let found: (new () => Handle) | undefined;
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === "SIGNALWRAP") found = resource.constructor as new () => Handle;
    },
  }).enable();
  listen();
  hook.disable();
  return found;
}

/** A bit for each signal that was ignored when this process began: bit 0 is signal 1. */
function ignoredSignals(): bigint {
  try {
    return BigInt(`0x${/^SigIgn:\s*(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0"}`);
  } catch {
    return 0n;
  }
}

let act: ((signal: Signal) => void) | undefined;

const ignoredIn = (ignored: bigint) => (number: number) => ((ignored >> BigInt(number - 1)) & 1n) === 1n;

/** A write that nobody reads, or that is too large, fails, and says so: the kernel's answer does nothing. */
export function leaveAnswersToWrites(isIgnored = ignoredIn(ignoredSignals())): void {
  for (const [name, number] of rowsOf(answers)) if (!isIgnored(number)) process.on(name, () => {});
}

function listen(): void {
  const isIgnored = ignoredIn(ignoredSignals());
  const listenToNamed = (): void => {
    for (const [name, number] of rowsOf(ending)) {
      // What the runtime wants ignored (nohup(1)) stays so, for the service as well: execve(2) resets only what is caught.
      if (!isIgnored(number)) process.on(name, () => act?.({ name, number }));
    }
  };
  // Elsewhere the kernel does what is due; but it drops a signal to process 1 that has no handler.
  if (process.pid !== 1) {
    listenToNamed();
    return;
  }
  const Signal = handleClass(listenToNamed);
  for (let number = firstRealTime; Signal && number <= lastRealTime; number++) {
    if (isIgnored(number)) continue;
    const handle = new Signal();
    handle.unref();
    handle.onsignal = () => act?.({ name: `SIGRTMIN+${number - firstRealTime}`, number });
    handle.start(number);
  }
}

/** From now on this is what a signal does that ends programs, in place of what was said before. */
export function onEndingSignal(next: (signal: Signal) => void): void {
  if (act === undefined) listen();
  act = next;
}

/**
 * Ends the process at once, with 128+n, on a signal that ends programs. To be called first of all: as process 1 a
 * program without a handler does not even notice SIGTERM (signal(7)), and the kernel drops what comes before.
 *
 * A handler runs when JavaScript waits, and not while it computes: whoever computes installs none, and is ended by the kernel.
 *
 * @param last what to do before, such as saying what was being waited for.
 */
export const endOnSignal = (last: (signal: string) => void): void =>
  onEndingSignal(({ name, number }) => {
    last(name);
    process.exit(signalled(number));
  });

/**
 * From now on a signal ends the process when it waits next, and not before: for what must not be left half done, such as
 * writing a file. `heed` is to be called behind it, or a signal of that time is forgotten.
 */
export function holdSignals(): void {
  if (act === undefined) endOnSignal(() => {});
}

const turn = (): Promise<void> => new Promise((settle) => setImmediate(settle));

/** Lets handlers run for signals that came while something was computed. To be called before the process ends or becomes another. */
export async function deliverPendingSignals(): Promise<void> {
  // The first turn may be the rest of one that has looked for signals already.
  await turn();
  await turn();
}
