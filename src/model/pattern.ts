/** Regular expressions, globs and words as Python and its shlex know them: reclass-config.yml is written for those. */

/** Characters of a pattern. V8 takes seconds to compile 100,000, and nothing can interrupt it. */
export const longestPattern = 10_000;

/** @returns the pattern in JavaScript's terms, or undefined where it is none. */
export function pythonPattern(pattern: string, anchored = false): RegExp | undefined {
  if (pattern.length > longestPattern) return undefined;
  let flags = "";
  const body = pattern
    .replace(/^\(\?([aimsux]+)\)/, (_, letters: string) => {
      flags = [...letters].filter((letter) => "ims".includes(letter)).join("");
      return "";
    })
    .replace(/\(\?#[^)]*\)/g, "")
    .replace(/\(\?P<(\w+)>/g, "(?<$1>")
    .replace(/\(\?P=(\w+)\)/g, "\\k<$1>")
    .replace(/\\A/g, "^")
    .replace(/\\Z/g, "$");
  try {
    return new RegExp(anchored ? `^(?:${body})` : body, flags);
  } catch {
    return undefined;
  }
}

/** @returns a template of Python's Match.expand() filled: `\1`, `\g<1>`, `\g<name>`. */
export const expand = (template: string, match: RegExpExecArray): string =>
  template.replace(/\\(?:(\d{1,2})|g<(\w+)>|(\\))/g, (_, number?: string, name?: string, backslash?: string) => {
    if (backslash !== undefined) return backslash;
    const group = number ?? name ?? "";
    return (/^\d+$/.test(group) ? match[Number(group)] : match.groups?.[group]) ?? "";
  });

const escaped = (character: string): string => `\\u{${(character.codePointAt(0) as number).toString(16)}}`;

/** @returns what stands within [ and ] of a glob as a pattern; a range in the wrong order holds nothing. */
function setPattern(inner: string): string {
  const negated = inner.startsWith("!");
  const characters = [...(negated ? inner.slice(1) : inner)];
  let ranges = "";
  for (let at = 0; at < characters.length; at++) {
    const from = characters[at] as string;
    const to = characters[at + 1] === "-" ? characters[at + 2] : undefined;
    if (to === undefined) ranges += escaped(from);
    else {
      if (from <= to) ranges += `${escaped(from)}-${escaped(to)}`;
      at += 2;
    }
  }
  if (ranges === "") return negated ? "[^]" : "(?!)";
  return `[${negated ? "^" : ""}${ranges}]`;
}

/**
 * @returns a glob of Python's fnmatchcase as a pattern, which takes no longer than the text is long for each part: like Python's,
 * it takes the first place where what stands between two asterisks fits, and never tries another one.
 */
export function globPattern(glob: string): RegExp {
  const parts = [""];
  const add = (piece: string): void => void parts.push((parts.pop() as string) + piece);
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] as string;
    const end = character === "[" ? glob.indexOf("]", at + (/^\[!?\]/.test(glob.slice(at)) ? 3 : 2)) : -1;
    if (character === "*") parts.push("");
    else if (character === "?") add("[^]");
    else if (end > 0) {
      add(setPattern(glob.slice(at + 1, end)));
      at = end;
    } else add(character.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&"));
  }
  const [first = "", ...rest] = parts;
  const last = rest.pop();
  if (last === undefined) return new RegExp(`^${first}$`, "u");
  const inner = rest.filter((part) => part !== "").map((part, index) => `(?=([^]*?${part}))\\${index + 1}`);
  return new RegExp(`^${first}${inner.join("")}[^]*${last}$`, "u");
}

/**
 * Parts a class mapping into words as reclass does, with Python's shlex: quotes group, a backslash takes the next character
 * as it is, and a mapping that begins with a slash has slashes as quotes, too, in which a backslash stays before all but a
 * slash and a backslash.
 *
 * @returns undefined where a quote or slash is not closed.
 */
export function splitMapping(mapping: string): readonly string[] | undefined {
  const quotes = mapping.startsWith("/") ? `'"/` : `'"`;
  const escaping = mapping.startsWith("/") ? `"/` : `"`;
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < mapping.length; at++) {
    const character = mapping[at] as string;
    if (/[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quotes.includes(character)) {
      word ??= "";
      for (at++; mapping[at] !== character; at++) {
        if (at >= mapping.length) return undefined;
        const next = mapping[at + 1];
        const taken = mapping[at] === "\\" && escaping.includes(character) && (next === character || next === "\\");
        word += taken ? next : mapping[at];
        if (taken) at++;
      }
    } else if (character === "\\") {
      at++;
      if (at >= mapping.length) return undefined;
      word = (word ?? "") + mapping[at];
    } else word = (word ?? "") + character;
  }
  return word === undefined ? words : [...words, word];
}
