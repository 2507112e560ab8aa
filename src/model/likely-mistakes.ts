import { type Openings, openingsAt } from "./openings.ts";
import type { YamlReason } from "./yaml-cursor.ts";
import type { Problem } from "./yaml-problem.ts";

/** A line of a text, and where the parser gave up in it. */
type Spot = {
  readonly text: string;
  readonly lines: readonly string[];
  /** Of the lines, 0-based. */
  readonly index: number;
  readonly line: string;
  /** 0-based, in the line. */
  readonly column: number;
  readonly offset: number;
  readonly openings: Openings;
};

type Rule = (spot: Spot) => Problem | undefined;

/** How far above the place a slip is looked for: the parser gives up at the end of a text that several lines make. */
const reach = 50;

/** Characters of a line that is looked into. Nobody writes longer ones by hand, and some patterns take the square of it. */
const longestLine = 4000;

const isEmpty = (line: string): boolean => /^\s*(?:#.*)?$/.test(line);
/** @returns a line without its indentation and the dashes of its items. */
const withoutDashes = (line: string): string => line.replace(/^[\s-]+/, "");
const isKeyed = (line: string): boolean =>
  /^(?:"[^"]*"\s*|'[^']*'\s*|[^\s#'"[{][^#]*?):(?:\s|$)/.test(withoutDashes(line));
const indentOf = (line: string): number => line.length - line.trimStart().length;

/** @returns the offset of a line's first character that is no blank. */
function startOf({ lines }: Pick<Spot, "lines">, index: number): number {
  let offset = 0;
  for (let at = 0; at < index; at++) offset += (lines[at] as string).length + 1;
  return offset + indentOf(lines[index] ?? "");
}

/** @returns the indices of the line and of those above it that make one text with it: none has a key or is a list's item. */
function together({ lines, index }: Spot): readonly number[] {
  const found: number[] = [];
  for (let at = index; at >= Math.max(0, index - reach); at--) {
    const line = lines[at] ?? "";
    if (isEmpty(line)) continue;
    if (at < index && (isKeyed(line) || /^\s*- /.test(line))) break;
    found.unshift(at);
  }
  return found;
}

const where = (offset: number, text: string): string => `line ${text.slice(0, offset).split("\n").length}`;

/** `-name`, which is a text. Numbers and options of programs (`--flag`) are what they look like. */
const joinedDash = /^\s*-[A-Za-z_.$~"'*]/;

const conflictMarker: Rule = (spot) => {
  const index = spot.lines.findIndex((line) => /^(?:<{7}|>{7})(?: |$)/.test(line));
  if (index < 0) return undefined;
  return {
    problem: "git left the marks of a conflict here (<<<<<<<, =======, >>>>>>>)",
    fix: "decide for one of the two sides, and remove the three marks",
    start: startOf(spot, index),
  };
};

const dashWithoutBlank: Rule = (spot) => {
  const index = together(spot).find((at) => joinedDash.test(spot.lines[at] as string));
  if (index === undefined) return undefined;
  return {
    problem: "a dash without a space after it does not begin a list item: YAML takes -name for a text",
    fix: "write `- name`, with a space behind the dash",
    start: startOf(spot, index),
  };
};

const colonWithoutBlank: Rule = (spot) => {
  const index = together(spot).find((at) => /^\s*[\w.~-]+:[^\s:/]/.test(spot.lines[at] as string));
  if (index === undefined || isKeyed(spot.lines[index] as string)) return undefined;
  return {
    problem: "a colon without a space after it does not end a key: YAML takes key:value for one text",
    fix: "write `key: value`, with a space behind the colon",
    start: startOf(spot, index),
  };
};

const referenceInBrackets: Rule = ({ line, column, openings: { brackets } }) => {
  const sign = line[column];
  if (brackets.length === 0 || line[column - 1] !== "$" || (sign !== "{" && sign !== "[")) return undefined;
  const inner = brackets.at(-1)?.sign === "{" ? "{ }" : "[ ]";
  const written = sign === "{" ? `'\${_param:name}'` : "'$[ exports:name ]'";
  return {
    problem: `within ${inner}, YAML takes the ${sign} behind a $ for the beginning of a ${sign === "{" ? "mapping" : "list"}, and not for a part of the text`,
    fix: `put quotes around the whole value: ${inner[0]}${inner[0] === "{" ? "key: " : ""}${written}${inner[2]}; or write ${inner[0] === "{" ? "each key" : "each item (`- ...`)"} in a line of its own, where no quotes are needed`,
  };
};

const blankInReference: Rule = ({ line, column }) => {
  const open = line.lastIndexOf("${", column);
  if (open < 0 || line.slice(open, column).includes("}") || line[column] !== ":") return undefined;
  return {
    problem: "a space follows a colon within ${...}, so that YAML takes it for the colon of a key",
    fix: "write references without spaces: ${_param:name}",
  };
};

/** `{{ x }}` without quotes. */
export const templateMistake: Problem = {
  problem: "templates ({{ ... }}, {% ... %}) are not rendered in a model, and YAML takes the { for a mapping",
  fix: "refer to parameters by ${path:to:it}; put quotes around a text that is meant for another program's templates",
};

const template: Rule = ({ line, column }) =>
  /\{[{%#]/.test(line.slice(Math.max(0, column - 2), column + 2)) ? templateMistake : undefined;

/** `{#` begins a comment for YAML, so that the parser gives up at the end of the text. */
const templateComment: Rule = ({ text, openings: { brackets } }) => {
  const opening = brackets.find(({ sign, start }) => sign === "{" && text[start + 1] === "#");
  return opening && { ...templateMistake, start: opening.start };
};

const tab: Rule = ({ line, column }) => {
  if (!/^\s*\t/.test(line) || column > indentOf(line)) return undefined;
  return { problem: "this line is indented with a tab", fix: "indent with spaces: YAML allows no tabs there" };
};

const odd: Readonly<Record<string, string>> = {
  "%": "",
  "@": "",
  "`": "",
  "*": ": YAML takes it for an alias, the name of an &anchor above",
  "&": ": YAML takes it for an anchor, a name for the value",
  "!": ": YAML takes it for a tag, the type of the value",
  ",": "",
  "]": "",
  "}": "",
};

const oddFirst: Rule = ({ line, column }) => {
  const before = line.slice(0, column);
  const [, sign] = /(?:^\s*|- |: +|[[{,]\s*)([%@`*&!,\]}])[^\s,\]}]*$/.exec(before) ?? [];
  const here = line[column] ?? "";
  const begins = /(?:^\s*|- |: +)$/.test(before) || (/[[{,]\s*$/.test(before) && !/[,\]}]/.test(here));
  const first = begins && here in odd ? here : sign;
  if (first === undefined || first === "" || odd[first] === undefined) return undefined;
  const all = first === "*" ? ", such as '*'" : "";
  return {
    problem: `a text cannot begin with ${first} unless it is in quotes${odd[first]}`,
    fix: `put quotes around the whole value${all}`,
  };
};

const blockSign: Rule = ({ line, column }) => {
  if (!/(?:: +|- )[|>][-+\d]*$/.test(line.slice(0, column))) return undefined;
  return {
    problem: "a value that begins with | or > is a text in the lines below, so that nothing can follow in this line",
    fix: "begin the text in the next line, indented; or put quotes around it, if | or > belongs to it",
  };
};

const itemBesideKey: Rule = ({ line, column }) => {
  if (!/^(?:- |\? |-$)/.test(line.slice(column)) || !/:\s+$/.test(line.slice(0, column))) return undefined;
  return {
    problem: "an item of a list cannot stand in the line of its key",
    fix: "write each `- item` in a line of its own below the key, or [item, item] behind it; a text that begins so needs quotes",
  };
};

/** @returns how a quote is written within such quotes. */
const twice = (sign: string): string => (sign === "'" ? "''" : '\\"');

const openQuote: Rule = ({ text, openings: { quote, closed }, offset }) => {
  if (quote) {
    return {
      problem: `the quote (${quote.sign}) that opens here is not closed`,
      fix: `close it with ${quote.sign} at the end of the text`,
      start: quote.start,
    };
  }
  if (closed === undefined || !/["']/.test(closed.sign) || text.slice(closed.end, offset).trim() !== "")
    return undefined;
  if (text.slice(closed.start, closed.end).includes("\n")) {
    return {
      problem: `the quote (${closed.sign}) that opens here is closed only in ${where(closed.end, text)}, where the text goes on`,
      fix: `close it with ${closed.sign} in its own line`,
      start: closed.start,
    };
  }
  return {
    problem: "a value in quotes ends with the second quote, and something follows it here",
    fix: `put the quotes around all of it; within ${closed.sign}, write ${twice(closed.sign)} for a quote`,
  };
};

/** The parser gives up at the quote that opens. */
const quoteToTheEnd: Rule = ({ line, column }) => {
  const sign = line[column] ?? "";
  return {
    problem: `the quote (${sign}) that opens here is not closed before the document ends`,
    fix: `close it with ${sign} at the end of the text; within it, write ${twice(sign)} for a quote`,
  };
};

const halfCharacter: Rule = ({ line, column }) =>
  /^\\u[dD][89a-fA-F]/.test(line.slice(column, column + 4))
    ? {
        problem: "an escape makes half of a character here (\\ud800 to \\udfff)",
        fix: 'write the character itself, or its whole number ("\\U0001f600")',
      }
    : undefined;

const typographicQuote: Rule = ({ line, column }) =>
  /[“”„‘’]/.test(line.slice(0, column + 1))
    ? { problem: "typographic quotes are none to YAML", fix: `write ' or " in their place` }
    : undefined;

const afterBracket: Rule = ({ text, offset, openings: { closed } }) => {
  if (closed === undefined || text.slice(closed.end, offset).trim() !== "" || !/[[{]/.test(closed.sign))
    return undefined;
  if (text.slice(closed.end, offset).includes("\n")) return undefined;
  return {
    problem: `a value that begins with ${closed.sign} ends with the bracket that closes it, and something follows it here`,
    fix: "put quotes around the whole value, if it is a text",
  };
};

const openBracket: Rule = ({ text, lines, index, openings: { brackets } }) => {
  const inner = brackets.at(-1);
  // Within one line a comma is missing rather than the bracket.
  const line = lines[index] ?? "";
  if (inner === undefined || (text.slice(inner.start).split("\n")[0] as string).match(inner.sign === "[" ? /\]/ : /\}/))
    return undefined;
  if (text.lastIndexOf("\n", inner.start) + 1 === startOf({ lines }, index) - indentOf(line)) return undefined;
  const partner = inner.sign === "[" ? "]" : "}";
  return {
    problem: `the ${inner.sign} that opens here is not closed before ${index >= lines.length - 1 ? "the file ends" : `line ${index + 1}`}`,
    fix: `close it with ${partner}, with commas between what it holds; or put quotes around it, if it is a text`,
    start: inner.start,
  };
};

const secondColon: Rule = ({ line, column }) => {
  if (line[column] !== ":" || !/^["']?[^\s:"'][^:]*:\s/.test(withoutDashes(line.slice(0, column)))) return undefined;
  return {
    problem: "the value holds a colon and a space, as if it were a key itself",
    fix: "put quotes around the value: key: 'a: b'; or write the inner `key: value` in the next line, indented",
  };
};

const colonInBrackets: Rule = ({ line, column, openings: { brackets } }) => {
  const inner = brackets.at(-1)?.sign;
  if (inner === undefined || line[column] !== ":") return undefined;
  const before = line.slice(0, column);
  if (/[[{,]\s*$/.test(before)) {
    return {
      problem: `within ${inner === "{" ? "{ }" : "[ ]"}, YAML takes a colon at the beginning of a text for that of a key`,
      fix: "put quotes around the text; or around the whole value, if it is one text, such as '[::1]:80'",
    };
  }
  if (!/^:[[\]{},?:]/.test(line.slice(column))) return undefined;
  return {
    problem: `within ${inner === "{" ? "{ }" : "[ ]"}, YAML lets no bracket, comma or question mark follow a colon at once`,
    fix: "write `key: value` with a space behind the colon; or put quotes around it, if it is a text",
  };
};

const missingComma: Rule = ({ line, column, openings: { brackets } }) => {
  if (brackets.length === 0 || line[column] !== ":" || !/[[{,][^,:]*:\s[^,]*$/.test(line.slice(0, column)))
    return undefined;
  return {
    problem: "a second `key: value` begins here without a comma before it",
    fix: "put a comma between the two; or put quotes around the value, if the colon belongs to it",
  };
};

const commaAlone: Rule = ({ line, column, openings: { brackets } }) => {
  if (brackets.length === 0 || line[column] !== "," || !/[[{,]\s*$/.test(line.slice(0, column))) return undefined;
  return { problem: "nothing stands before this comma", fix: "remove the comma, or write '' for a text that is empty" };
};

/** @returns the columns in which keys stand that a line here could belong to. */
function columnsAbove({ lines, index }: Spot): readonly number[] {
  const columns: number[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (let at = index - 1; at >= 0 && least > 0; at--) {
    const line = lines[at] as string;
    if (isEmpty(line) || indentOf(line) >= least) continue;
    least = indentOf(line);
    columns.unshift(least);
  }
  return columns;
}

const indentation: Rule = (spot) => {
  const { lines, index, line } = spot;
  const above = lines.slice(0, index).findLastIndex((each) => !isEmpty(each));
  if (above < 0 || isEmpty(line) || !(isKeyed(line) || /^\s*- /.test(line))) return undefined;
  const indent = indentOf(line);
  const columns = columnsAbove(spot);
  const last = lines[above] as string;
  if (indent > indentOf(last)) {
    if (!/:\s+\S/.test(last) && !/^\s*- /.test(last)) return undefined;
    return {
      problem: `this line is indented below line ${above + 1}, which has a value already`,
      fix: "align it with the key above; or remove the value there, if this is to be what that key holds",
    };
  }
  if (columns.includes(indent)) return undefined;
  return {
    problem: `this line is indented by ${indent}, and what it could belong to by ${columns.join(" or ")}`,
    fix: "align the keys of a mapping, and the dashes of a list, in one column",
  };
};

const neitherKeyNorItem: Rule = (spot) => {
  const index = together(spot).find(
    (at) => !isKeyed(spot.lines[at] as string) && !/^\s*- /.test(spot.lines[at] as string),
  );
  if (index === undefined || spot.openings.brackets.length > 0) return undefined;
  return {
    problem: "this line is no `key: value`, as its neighbours are",
    fix: "write a colon and a space behind the key, or remove the line",
    start: startOf(spot, index),
  };
};

/** The first that fits counts. */
const rules: readonly Rule[] = [
  conflictMarker,
  referenceInBrackets,
  template,
  templateComment,
  blankInReference,
  tab,
  itemBesideKey,
  dashWithoutBlank,
  colonWithoutBlank,
  blockSign,
  openQuote,
  afterBracket,
  oddFirst,
  typographicQuote,
  colonInBrackets,
  commaAlone,
  missingComma,
  secondColon,
  openBracket,
  indentation,
];

/** Rules for reasons that say so. */
const byReason: Partial<Readonly<Record<YamlReason, readonly Rule[]>>> = {
  escape: [conflictMarker, halfCharacter],
  "control-character": [conflictMarker],
  directive: [conflictMarker, template],
  "quote-open": [conflictMarker, quoteToTheEnd],
  "colon-missing": [...rules, neitherKeyNorItem],
};

/**
 * Looks for the slip behind a text that is no YAML: what people write is seldom what the parser stumbles over. It never quotes
 * the text, which may be a secret.
 *
 * @param offset where the parser gave up.
 */
export function likelyMistakeAt(text: string, offset: number, reason: YamlReason): Problem | undefined {
  const lines = text.split("\n");
  const lineStart = text.lastIndexOf("\n", offset - 1) + 1;
  const index = text.slice(0, lineStart).split("\n").length - 1;
  const spot: Spot = {
    text,
    lines,
    index,
    line: lines[index] ?? "",
    column: offset - lineStart,
    offset,
    openings: openingsAt(text, offset),
  };
  const near = lines.slice(Math.max(0, index - reach), index + 2);
  const wanted = near.some(({ length }) => length > longestLine) ? [conflictMarker] : (byReason[reason] ?? rules);
  for (const rule of wanted) {
    const slip = rule(spot);
    if (slip) return slip;
  }
  return undefined;
}

/**
 * @returns what a text was meant to be, if it stands in a line of its own: `-name` an item, `key:value` a key with its value.
 * Undefined for most texts, which is found out quickly.
 */
export function joinedText(text: string): "item" | "key" | undefined {
  if (text.startsWith("-")) return joinedDash.test(text) ? "item" : undefined;
  return text.includes(":") && /^[A-Za-z_][\w.-]*:[^\s:/]/.test(text) ? "key" : undefined;
}
