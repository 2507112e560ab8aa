import { Float, type Scalar } from "./scalar.ts";

/** An inventory query: `$[ exports:a if exports:b == self:c and exports:d != 1 ]`. */
export type Query = {
  readonly kind: "query";
  /** What is asked of each node's exports; undefined asks for the names of the nodes that pass. */
  readonly value: readonly string[] | undefined;
  /** From left to right; the first test's operator counts for nothing. */
  readonly tests: readonly Test[];
  readonly allEnvironments: boolean;
  readonly ignoreErrors: boolean;
  /** As it was written, for messages. */
  readonly text: string;
};

export type Test = {
  readonly logical: "and" | "or";
  readonly equal: boolean;
  /** Below a node's exports. */
  readonly exported: readonly string[];
  /** What it is compared with: a value, or a path in the asking node's parameters. */
  readonly other: { readonly value: Scalar } | { readonly parameter: readonly string[] };
};

type Operand = { readonly text: string; readonly number?: Scalar };

/** Words between blanks, as reclass's grammar knows them: operators need blanks around them, `if` needs none after it. */
class Words {
  #rest: string;
  constructor(text: string) {
    this.#rest = text;
  }

  #skip(): void {
    this.#rest = this.#rest.replace(/^[ \t\r\n]+/, "");
  }

  get done(): boolean {
    this.#skip();
    return this.#rest === "";
  }

  take(pattern: RegExp): string | undefined {
    this.#skip();
    const [found] = pattern.exec(this.#rest) ?? [];
    if (found !== undefined) this.#rest = this.#rest.slice(found.length);
    return found;
  }

  /** @returns a copy that can be gone on with when another reading of the same words fails. */
  copy(): Words {
    return new Words(this.#rest);
  }
}

const integer = /^-?\d+(?![!-~])/;
const real = /^-?(?:\d+\.\d+|\.\d+|\d+\.)/;
const word = /^[!-~]+/;

function operand(words: Words): Operand | undefined {
  const whole = words.take(integer);
  if (whole !== undefined) {
    const value = BigInt(whole);
    return { text: whole, number: Number.isSafeInteger(Number(value)) ? Number(value) : value };
  }
  const broken = words.take(real);
  if (broken !== undefined) return { text: broken, number: new Float(Number(broken), broken) };
  const text = words.take(word);
  return text === undefined ? undefined : { text };
}

type Split = (path: string) => readonly string[];

/** One side must name an export; of two, the right one counts, and then nothing is left to compare it with. */
function readTest(words: Words, logical: Test["logical"], split: Split): Test | undefined {
  const left = operand(words);
  const operator = words.take(/^(?:==|!=)/);
  const right = operand(words);
  if (!left || !operator || !right) return undefined;
  let exported: readonly string[] | undefined;
  let other: Test["other"] | undefined;
  for (const side of [left, right]) {
    if (side.number !== undefined) {
      other = { value: side.number };
      continue;
    }
    const path = split(side.text);
    const first = (path[0] as string).toLowerCase();
    if (first === "exports") exported = path.slice(1);
    else if (first === "self") other = { parameter: path.slice(1) };
    else if (first === "true" || first === "false") other = { value: first === "true" };
    else other = { value: side.text };
  }
  return exported && other ? { logical, equal: operator === "==", exported, other } : undefined;
}

function readTests(words: Words, split: Split): readonly Test[] | undefined {
  const tests: Test[] = [];
  for (let logical: string | undefined = "and"; logical !== undefined; logical = words.take(/^(?:and|or)/i)) {
    const test = readTest(words, logical.toLowerCase() === "or" ? "or" : "and", split);
    if (!test) return undefined;
    tests.push(test);
  }
  return words.done ? tests : undefined;
}

/** @returns a query, or undefined where the expression is none. */
export function parseQuery(expression: string, text: string, split: Split): Query | undefined {
  const words = new Words(expression);
  let allEnvironments = false;
  let ignoreErrors = false;
  for (
    let option = words.take(/^\+(?:AllEnvs|IgnoreErrors)/i);
    option;
    option = words.take(/^\+(?:AllEnvs|IgnoreErrors)/i)
  ) {
    if (option.toLowerCase() === "+allenvs") allEnvironments = true;
    else ignoreErrors = true;
  }
  const made = (value: Query["value"], tests: readonly Test[]): Query => ({
    kind: "query",
    value,
    tests,
    allEnvironments,
    ignoreErrors,
    text,
  });
  const asked = words.copy();
  const path = asked.take(word);
  if (path === undefined) return undefined;
  // The first key says `exports`, and nothing else could be meant.
  const value = split(path).slice(1);
  if (asked.done) return value.length === 0 ? undefined : made(value, []);
  if (asked.take(/^if/i)) {
    const tests = readTests(asked, split);
    if (tests) return made(value, tests);
  }
  if (!words.take(/^if/i)) return undefined;
  const tests = readTests(words, split);
  return tests && made(undefined, tests);
}
