/** A small seeded generator (mulberry32): the same values in every run, so that a failure can be looked at again. */
export function random(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  return { below, pick };
}

const pieces: readonly string[] = [
  ..."$$$$%#;=[]'\"\\\\ \t:,@/?&+{}()<>|!*~^`-_.",
  ..."abcXYZ019",
  ..."äßЖ漢🙂\u00a0\u2028\u0085\u001c\ufeff\u0007",
  "$a",
  "${b}",
  "$DEFAULT.debug",
  "$$",
  "\\$",
  "%(host)s",
  "$(tenant_id)s",
  "#{x}",
  "{{ x }}",
  "{% if %}",
];

/** @returns texts of all kinds that a single line can hold: empty, blank, quoted, very long, full of what readers mind. */
export function awkwardTexts(count: number, seed: number): readonly string[] {
  const { below, pick } = random(seed);
  const word = (length: number): string => Array.from({ length }, () => pick(pieces)).join("");
  const made = (): string => {
    const text = word(below(12));
    switch (below(12)) {
      case 0:
        return ` ${text}`;
      case 1:
        return `${text} `;
      case 2:
        return `"${text}"`;
      case 3:
        return `'${text}'`;
      case 4:
        return word(200 + below(200));
      default:
        return text;
    }
  };
  const certain = [
    "",
    " ",
    "  ",
    '"',
    "'",
    '""',
    "''",
    '"""',
    "\\",
    "\\\\",
    "$",
    "$$",
    "\\$",
    "\\\\$",
    "\\$$",
    "$\\",
    "=",
    "[x]",
    "#x",
    ";x",
    "a\tb",
    "x".repeat(70_000),
  ];
  return [...certain, ...Array.from({ length: count - certain.length }, made)];
}
