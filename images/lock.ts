import { createHash } from "node:crypto";
import { connect, createServer, type Server } from "node:net";

/** Linux's abstract sockets have no file that could stay behind: the kernel ends them with their process (unix(7)). */
const nameOf = (directory: string): string =>
  `\0plinth-images-${createHash("sha256").update(directory).digest("hex").slice(0, 16)}`;

/** @returns the server that holds the lock, or undefined where another process has it. */
function tryLock(name: string): Promise<Server | undefined> {
  // Connections stay open, without keeping this process: their end is what others wait for.
  const server = createServer((other) =>
    other
      .unref()
      .on("error", () => {})
      .write(String(process.pid)),
  ).unref();
  return new Promise((locked, failed) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? locked(undefined) : failed(error),
    );
    server.listen(name, () => locked(server));
  });
}

/** Waits for the end of the process that holds the lock. */
function waitForOther(name: string, tell: (pid: string) => void): Promise<void> {
  return new Promise((gone) => {
    const other = connect(name);
    other.once("data", (pid) => tell(String(pid)));
    other.once("error", () => {}).once("close", () => gone());
  });
}

/**
 * Lets one process at a time build in a directory: two would take the contexts from under each other. Held to the end of
 * the process.
 *
 * @param tell is told once of each process that is waited for.
 */
export async function lockDirectory(directory: string, tell: (pid: string) => void): Promise<void> {
  const name = nameOf(directory);
  while ((await tryLock(name)) === undefined) await waitForOther(name, tell);
}
