/**
 * How a repository of keys is rotated: how many keys stay, for how many milliseconds a token lives, and how many milliseconds it
 * takes until all who read the repository have seen a change of it.
 */
export type Rotation = { readonly keep: number; readonly lifetimeMs: number; readonly settleMs: number };

/** `early`: a key that would go signed tokens until `signedMs` ago, which are valid still. */
export type Early = { readonly early: { readonly key: number; readonly signedMs: number } };

/** `unsettled`: the key that would become primary was staged `stagedMs` ago, so some do not have it yet. */
export type Unsettled = { readonly unsettled: { readonly stagedMs: number } };

/** `completes`: only the staged key is missing, which an interrupted rotation left out. `going` are the keys to remove. */
export type Step =
  | { readonly completes: true; readonly primary: number }
  | { readonly completes: false; readonly primary: number; readonly going: readonly number[] }
  | Early
  | Unsettled;

/** What came of a rotation. */
export type Rotated = { readonly primary: number } | Early | Unsettled;

/**
 * Plans a rotation as keystone does it: the staged key 0 becomes the primary one, which is the highest; a new one is staged; the
 * lowest beyond `keep` go (keystone's admin guide, "Fernet - Frequently Asked Questions").
 *
 * Unless a key would go whose tokens are valid still: two rotations in a row, by two hosts with the same timetable, would log
 * out everybody. A key is staged when the one before becomes primary: so its time tells until when the last but one before it was
 * primary.
 *
 * @param names of the keys that there are.
 * @param stagedAt when a key was staged, in milliseconds since 1970.
 * @param now milliseconds since 1970.
 */
export function planRotation(
  names: readonly string[],
  stagedAt: (key: number) => number,
  { keep, lifetimeMs, settleMs }: Rotation,
  now: number,
): Step {
  const numbers = keyNumbers(names);
  const last = numbers.at(-1) ?? 0;
  if (!numbers.includes(0)) return { completes: true, primary: last };
  const stagedMs = now - stagedAt(0);
  if (stagedMs < settleMs) return { unsettled: { stagedMs } };
  // Of those that there will be, with the staged one: 0, the rest, and the new primary one.
  const going = numbers.slice(1, Math.max(1, numbers.length + 2 - Math.max(2, keep)));
  for (const key of going) {
    const later = numbers.filter((number) => number > key);
    const signedMs = now - stagedAt(later[1] ?? 0);
    if (signedMs < lifetimeMs) return { early: { key, signedMs } };
  }
  return { completes: false, primary: last + 1, going };
}

/** @returns whether a name is that of a key in a repository: keystone takes no notice of files of other names. */
export const isKeyName = (name: string): boolean => /^(0|[1-9]\d*)$/.test(name);

/** @returns the numbers of the keys in a repository, in order. */
export const keyNumbers = (names: readonly string[]): readonly number[] =>
  names
    .filter(isKeyName)
    .map(Number)
    .sort((one, other) => one - other);
