import { mask, type Settings, secretValues } from "./settings.ts";

/** What a text is known by: secrets, and texts that are no secret and may hold the same letters. */
export type Known = { readonly secrets: readonly string[]; readonly open: readonly string[] };

/** Takes secrets out of texts. */
export type Redact = {
  /** Out of what plinth writes itself, where only what cannot be there by chance may be taken out. */
  readonly ours: (text: string) => string;
  /** Out of the words of a server, a library or the system. */
  readonly theirs: (text: string) => string;
};

/** What stands in place of words of others in which a secret stands that is an ordinary word. */
const withheld = "(its words are not shown: a secret stands in them)";

const shortest = 6;
const longestWords = 20;

// Unicode's classes take V8 half a millisecond each as soon as the expression is made, and a start has no use for them.
const isAscii = /^[ -~]*$/;

/** A word, a number, a date, or several of them with the punctuation of prose, of a path or of an address. */
const ordinaryAscii = /^(?:[A-Za-z _.,:;/'"()[\]=-]*|[\d .,:/TZ+-]*)$/;
const isOrdinary = (text: string): boolean => /^(?:[\p{L}\p{M} _.,:;/'"()[\]=-]*|[\d .,:/TZ+-]*)$/u.test(text);

/**
 * @returns whether a secret can be told from all else that stands in a message. To mask one that cannot (`service`, `nova`, `1`,
 * `3306`) would spoil what we say, and tell the secret: who reads `becoming ******** api` knows which word that was.
 */
export const isDistinctive = (secret: string): boolean =>
  secret.length > longestWords ||
  (secret.length >= shortest && !ordinaryAscii.test(secret) && (isAscii.test(secret) || !isOrdinary(secret)));

/** The forms in which a secret can turn up in a message: as it is, in a URL, in JSON, in an oslo.config file. */
const forms = (secret: string): readonly string[] => [
  secret,
  ...(secret.isWellFormed() ? [encodeURIComponent(secret)] : []),
  JSON.stringify(secret).slice(1, -1),
  secret.replaceAll("$", "$$$$"),
];

const longerFirst = (one: string, other: string): number => other.length - one.length;

const isLetter = (character = ""): boolean => /[\p{L}\p{M}\p{N}_]/u.test(character);

/** Whether a secret stands in a text as a word of its own, and not only as a part of something that is no secret. */
function standsIn(text: string, secret: string, open: readonly string[]): boolean {
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
    const end = at + secret.length;
    const goesOn = (isLetter(secret[0]) && isLetter(text[at - 1])) || (isLetter(secret.at(-1)) && isLetter(text[end]));
    const isOpen = open.some((other) => {
      for (let offset = other.indexOf(secret); offset >= 0; offset = other.indexOf(secret, offset + 1)) {
        if (text.startsWith(other, at - offset)) return true;
      }
      return false;
    });
    if (!goesOn && !isOpen) return true;
  }
  return false;
}

/** @param known is asked once, when there is the first text. */
export function redactor(known: () => Known): Redact {
  let parts: { distinctive: readonly string[]; others: readonly string[]; open: readonly string[] } | undefined;
  const sorted = () => {
    if (parts) return parts;
    const { secrets, open } = known();
    const isOne = (secret: string) => isDistinctive(secret) && !open.some((text) => text.includes(secret));
    const all = [...new Set(secrets)].filter((secret) => secret !== "");
    parts = {
      distinctive: [...new Set(all.filter(isOne).flatMap(forms))].sort(longerFirst),
      others: all.filter((secret) => !isOne(secret)),
      open,
    };
    return parts;
  };
  const ours = (text: string): string =>
    sorted().distinctive.reduce((shown, secret) => shown.replaceAll(secret, () => mask), text);
  return {
    ours,
    theirs(text) {
      const { others, open } = sorted();
      const shown = ours(text);
      const spoken = others.some((secret) => forms(secret).some((form) => standsIn(shown, form, open)));
      return spoken ? withheld : shown;
    },
  };
}

function leaves(value: unknown): readonly string[] {
  if (value === null || value === undefined) return [];
  return typeof value === "object" ? Object.values(value).flatMap(leaves) : [String(value)];
}

/** @returns the secrets of settings, and all of their other values. */
export function knownOf(settings: Settings): Known {
  const secrets = secretValues(settings);
  const count = new Map<string, number>();
  for (const secret of secrets) count.set(secret, (count.get(secret) ?? 0) + 1);
  // A value that is a secret here and stands openly there (a user called like its password) is both.
  const open = leaves(settings.values).filter((leaf) => {
    const left = count.get(leaf) ?? 0;
    if (left > 0) count.set(leaf, left - 1);
    return left === 0;
  });
  return { secrets, open: [...new Set(open)].filter((text) => text.length > 1) };
}
