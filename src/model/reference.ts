import { parseQuery, type Query } from "./query.ts";

/** How references are written; all of it can be changed in reclass-config.yml. */
export type Syntax = {
  readonly escape: string;
  readonly reference: readonly [open: string, close: string];
  readonly query: readonly [open: string, close: string];
  /** Between the keys of a path. */
  readonly delimiter: string;
};

/** A text with what is to be put into it. */
export type Template = readonly Piece[];
export type Piece = string | Reference | Query;

/** `${a:b}`; its path may hold references itself. */
export type Reference = {
  readonly kind: "reference";
  readonly parts: readonly (string | Reference)[];
  /** Where it holds no reference. */
  readonly path?: Path;
  /** As it was written, for messages. */
  readonly text: string;
};

/** A path of keys, and the text that they were cut from. */
export type Path = { readonly keys: readonly string[]; readonly text: string };

export type ParseProblem = {
  readonly problem: "reference-open" | "reference-empty" | "reference-nested" | "query-open" | "query-wrong";
  readonly text: string;
};

/** @returns whether a text holds anything to resolve; most do not. */
export const mayHold = (text: string, { reference, query }: Syntax): boolean =>
  text.includes(reference[0]) || text.includes(query[0]);

/** References within each other. */
const depthLimit = 100;

class Problem extends Error {
  readonly found: ParseProblem;
  constructor(problem: ParseProblem["problem"], text: string) {
    super(problem);
    this.found = { problem, text };
  }
}

/** @returns the keys of a path: a delimiter behind the escape character does not part them, and the escape stays. */
export function splitPath(
  text: string,
  { delimiter, escape: once }: Pick<Syntax, "delimiter" | "escape">,
): readonly string[] {
  if (!text.includes(once)) return text.split(delimiter);
  const parts: string[] = [];
  let part = "";
  for (let at = 0; at < text.length; ) {
    if (text.startsWith(delimiter, at) && !(at > 0 && text.startsWith("\\", at - 1))) {
      parts.push(part);
      part = "";
      at += delimiter.length;
    } else part += text[at++];
  }
  return [...parts, part];
}

export const pathOf = (text: string, syntax: Syntax): Path => ({ keys: splitPath(text, syntax), text });

/** Reads one text from left to right; each method stands at `at` and moves it on. */
class TemplateReader {
  readonly #text: string;
  readonly #syntax: Syntax;
  readonly #sentinels: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(text: string, syntax: Syntax) {
    this.#text = text;
    this.#syntax = syntax;
    this.#sentinels = [...syntax.reference, ...syntax.query];
  }

  #sees = (text: string): boolean => this.#text.startsWith(text, this.#at);

  /** An escaped escape counts as one only before a sentinel, and only where a piece begins. */
  #escaped(literals: readonly string[]): string | undefined {
    const once = this.#syntax.escape;
    if (!this.#sees(once)) return undefined;
    const after = this.#at + once.length;
    if (this.#text.startsWith(once, after)) {
      const behind = after + once.length;
      if (!this.#sentinels.some((sentinel) => this.#text.startsWith(sentinel, behind))) return undefined;
      this.#at = behind;
      return once;
    }
    const literal = literals.find((each) => this.#text.startsWith(each, after));
    if (literal !== undefined) this.#at = after + literal.length;
    return literal;
  }

  /** Plain text up to where one of these stands, bare, escaped or behind an escaped escape. */
  #upTo(stops: readonly string[]): string {
    const once = this.#syntax.escape;
    const all = stops.flatMap((stop) => [stop, once + stop, once + once + stop]);
    const start = this.#at;
    while (this.#at < this.#text.length && !all.some(this.#sees)) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  read(): Template {
    const { reference, query } = this.#syntax;
    const opens = [reference[0], query[0]];
    const pieces: Piece[] = [];
    while (this.#at < this.#text.length) {
      if (this.#sees(reference[0])) pieces.push(this.#reference());
      else if (this.#sees(query[0])) pieces.push(this.#query());
      else pieces.push(this.#escaped(opens) ?? this.#upTo(opens));
    }
    return joined(pieces);
  }

  #reference(): Reference {
    const [open, close] = this.#syntax.reference;
    const start = this.#at;
    this.#at += open.length;
    if (++this.#depth > depthLimit) throw new Problem("reference-nested", "");
    const parts: (string | Reference)[] = [];
    while (!this.#sees(close)) {
      if (this.#at >= this.#text.length) throw new Problem("reference-open", this.#text.slice(start));
      if (this.#sees(open)) parts.push(this.#reference());
      else {
        const before = this.#at;
        parts.push(this.#escaped([open, close]) ?? this.#upTo([open, close]));
        if (this.#at === before) throw new Problem("reference-open", this.#text.slice(start));
      }
    }
    this.#at += close.length;
    this.#depth--;
    const text = this.#text.slice(start, this.#at);
    if (parts.length === 0) throw new Problem("reference-empty", text);
    const plain = joined(parts) as readonly (string | Reference)[];
    const only = plain.length === 1 ? plain[0] : undefined;
    return {
      kind: "reference",
      parts: plain,
      ...(typeof only === "string" ? { path: pathOf(only, this.#syntax) } : {}),
      text,
    };
  }

  #query(): Query {
    const [open, close] = this.#syntax.query;
    const start = this.#at;
    this.#at += open.length;
    let expression = "";
    while (!this.#sees(close)) {
      const end = this.#text.indexOf(close, this.#at);
      const escaped = this.#escaped([open, close]);
      if (escaped === undefined && end < 0) throw new Problem("query-open", this.#text.slice(start));
      expression += escaped ?? this.#text.slice(this.#at, end);
      if (escaped === undefined) this.#at = end;
    }
    this.#at += close.length;
    const text = this.#text.slice(start, this.#at);
    const query = parseQuery(expression, text, (path) => splitPath(path, this.#syntax));
    if (query === undefined) throw new Problem("query-wrong", text);
    return query;
  }
}

/** Neighbouring texts become one. */
function joined(pieces: readonly Piece[]): Template {
  const out: Piece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (typeof piece === "string" && typeof last === "string") out[out.length - 1] = last + piece;
    else if (piece !== "") out.push(piece);
  }
  return out;
}

/**
 * Takes a text apart by reclass's grammar: `${path}`, nested `${a:${b}}`, `$[ query ]`; `\${x}` is the text `${x}`, `\\${x}` a
 * backslash and a reference; every other `$`, backslash and brace is text.
 */
export function parseTemplate(text: string, syntax: Syntax): Template | ParseProblem {
  try {
    return new TemplateReader(text, syntax).read();
  } catch (error) {
    if (error instanceof Problem) return error.found;
    throw error;
  }
}

export const isProblem = (parsed: Template | ParseProblem): parsed is ParseProblem => "problem" in parsed;

/** @returns a template as it was written. */
export const templateText = (template: Template): string =>
  template.map((piece) => (typeof piece === "string" ? piece : piece.text)).join("");
