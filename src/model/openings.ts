/** A quote or bracket, by its sign and where it stands. */
export type Opening = { readonly sign: string; readonly start: number };

/** What is open at a place of a YAML text, as far as that can be told of one that is wrong. */
export type Openings = {
  /** A quote whose text reaches the place, or beyond it. */
  readonly quote: Opening | undefined;
  /** Brackets that are open there, the innermost last. */
  readonly brackets: readonly Opening[];
  /** What was closed last before the place, and behind which character. */
  readonly closed: (Opening & { readonly end: number }) | undefined;
};

const isBlank = (sign: string | undefined): boolean =>
  sign === undefined || sign === " " || sign === "\t" || sign === "\n" || sign === "\r";

/** @returns the offset behind the closing quote; undefined where there is none. */
function endOfQuoted(text: string, start: number): number | undefined {
  const sign = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\" && sign === '"') at++;
    else if (text[at] === sign) {
      if (sign === '"' || text[at + 1] !== "'") return at + 1;
      at++;
    }
  }
  return undefined;
}

const endOfLine = (text: string, at: number): number => {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
};

/** @returns where the first line begins that is no part of a block text (`|`, `>`) whose key's line is indented so far. */
function endOfBlock(text: string, at: number, indent: number): number {
  let start = endOfLine(text, at) + 1;
  while (start < text.length) {
    const line = text.slice(start, endOfLine(text, start));
    if (line.trim() !== "" && line.length - line.trimStart().length <= indent) break;
    start += line.length + 1;
  }
  return Math.min(start - 1, text.length);
}

/** Goes through a text up to a place, by what may begin a value: the parser says where it gave up, and not what it was within. */
export function openingsAt(text: string, place: number): Openings {
  const brackets: Opening[] = [];
  let closed: Openings["closed"];
  let begins = true;
  let lineStart = 0;
  for (let at = 0; at < place; at++) {
    const sign = text[at] as string;
    if (sign === "\n") {
      begins = true;
      lineStart = at + 1;
    } else if (isBlank(sign)) {
    } else if (sign === "#" && (at === 0 || isBlank(text[at - 1]))) at = endOfLine(text, at) - 1;
    else if (begins && (sign === '"' || sign === "'")) {
      const end = endOfQuoted(text, at);
      if (end === undefined || end > place) return { quote: { sign, start: at }, brackets, closed };
      closed = { sign, start: at, end };
      at = end - 1;
      begins = false;
    } else if ((begins || brackets.length > 0) && (sign === "[" || sign === "{")) {
      brackets.push({ sign, start: at });
      begins = true;
    } else if (brackets.length > 0 && (sign === "]" || sign === "}")) {
      closed = { ...(brackets.pop() as Opening), end: at + 1 };
      begins = false;
    } else if (brackets.length > 0 && sign === ",") begins = true;
    else if (begins && brackets.length === 0 && (sign === "|" || sign === ">")) {
      const line = text.slice(lineStart, at);
      at = endOfBlock(text, at, line.length - line.trimStart().length) - 1;
      begins = false;
    } else if (begins && (sign === "&" || sign === "!")) {
      while (!isBlank(text[at + 1])) at++;
    } else if ((sign === ":" || (begins && (sign === "-" || sign === "?"))) && isBlank(text[at + 1])) begins = true;
    else begins = false;
  }
  return { quote: undefined, brackets, closed };
}
