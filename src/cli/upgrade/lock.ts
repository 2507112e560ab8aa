import type { Driver, Held } from "../../upgrade/driver.ts";
import { type Context, valueOrStatus } from "../verb.ts";
import { whoWeAre } from "./who.ts";

/**
 * Does something while this deployment's upgrades are locked, and lets go of the lock however that ends. Says once who has it where it has
 * to be waited for.
 *
 * @returns the status of `act`, or that of a lock that cannot be had.
 */
export async function withLock(
  driver: Driver,
  context: Context,
  act: (held: Held, by: string) => Promise<number>,
): Promise<number> {
  const by = whoWeAre(context);
  const taken = valueOrStatus(
    await driver.hold(by, (holder) => context.print(`waiting for another upgrade to end: ${holder}`)),
    context,
  );
  if ("status" in taken) return taken.status;
  try {
    return await act(taken.value, by);
  } finally {
    await taken.value.release();
  }
}
