import type { Cloud } from "./fault.ts";

/** What a guest's kernel calls this boot of it, or why it cannot be asked. */
type Boot = { readonly id: string } | { readonly wrong: string };
export type Boots = ReadonlyMap<string, Boot>;

/** Asks guests which boot this is: /proc/sys/kernel/random/boot_id is another one after each (random(4)). */
export async function bootsOf({ inGuest }: Pick<Cloud, "inGuest">, guests: readonly string[]): Promise<Boots> {
  const ask = async (guest: string): Promise<readonly [string, Boot]> => {
    try {
      return [guest, { id: (await inGuest(guest, "cat /proc/sys/kernel/random/boot_id")).trim() }];
    } catch (error) {
      return [guest, { wrong: (error as Error).message }];
    }
  };
  return new Map(await Promise.all(guests.map(ask)));
}

/**
 * Compares two boots of each guest: pings alone may miss one that is down for a moment.
 *
 * @param may they may be rebooted. @returns how many were, and what was not as it must be, in words.
 */
export function reboots(before: Boots, after: Boots, may: boolean) {
  const broken: string[] = [];
  let count = 0;
  for (const [guest, now] of after) {
    const then = before.get(guest);
    if ("wrong" in now) broken.push(`nobody can log in to ${guest}: ${now.wrong}`);
    else if (then !== undefined && "id" in then && then.id !== now.id) {
      count += 1;
      if (!may) broken.push(`${guest} was rebooted`);
    }
  }
  return { count, broken };
}
