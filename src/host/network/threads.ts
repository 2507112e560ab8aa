import { setForLibraries } from "../environment.ts";

/**
 * libuv's pool has four threads, and lets look-ups of names (getaddrinfo(3)) have half of them: two names whose name server is
 * silent would hold up all others. A look-up cannot be ended, so there has to be room for several.
 */
const threads = 32;

/** How many look-ups the pool runs at once: half of its threads. */
export const maxConcurrentLookUps = threads / 2;

/**
 * Begins something that the pool does. The first use of the pool reads its size from the environment
 * (https://docs.libuv.org/en/v1.x/threadpool.html). Whatever uses the pool must begin in here, or the first one leaves it small.
 */
export function inPool<T>(begin: () => T): T {
  setForLibraries("UV_THREADPOOL_SIZE", `${threads}`);
  return begin();
}
