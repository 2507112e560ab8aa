import { writeSync } from "node:fs";

/** Text on its way to standard output. */
export type Output = {
  /** @returns whether somebody still reads; whoever has seen enough (`| head`) need not be told more. */
  readonly write: (text: string) => boolean;
  /** Writes what is held back. */
  readonly end: () => void;
};

export const standardOutput = 1;

/** Held back until there is as much, or the end: a pipe takes 64 KiB at a time. */
const chunkSize = 64 * 1024;

const pauseCell = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of it, now, as fast as it is read. @returns whether there still is a reader. */
export function writeAll(descriptor: number, text: string): boolean {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EPIPE") return false;
      // A pipe that another process has made non-blocking: wait a millisecond for its reader.
      if (code !== "EAGAIN") throw error;
      Atomics.wait(pauseCell, 0, 0, 1);
    }
  }
  return true;
}

/** Standard output, written in chunks and synchronously: nothing piles up in memory when its reader is slow. */
export function openOutput(): Output {
  let held: string[] = [];
  let size = 0;
  let isRead = true;
  const flush = (): boolean => {
    if (isRead && size > 0) isRead = writeAll(standardOutput, held.join(""));
    held = [];
    size = 0;
    return isRead;
  };
  return {
    write(text) {
      held.push(text);
      size += text.length;
      return size < chunkSize ? isRead : flush();
    },
    end: flush,
  };
}
