/** For how long something says nothing, in seconds. */
export type Silence = {
  /** It said something. @returns how long it had been silent. */
  readonly heard: () => number;
  readonly lasts: () => number;
  /** The longest so far, the present one included. */
  readonly longest: () => number;
  /** Only what comes now counts as the longest. */
  readonly forget: () => void;
};

export function silence(): Silence {
  let last = performance.now();
  let longest = 0;
  const lasts = (): number => (performance.now() - last) / 1000;
  return {
    heard() {
      const seconds = lasts();
      longest = Math.max(longest, seconds);
      last = performance.now();
      return seconds;
    },
    lasts,
    longest: () => Math.max(longest, lasts()),
    forget() {
      longest = 0;
    },
  };
}
