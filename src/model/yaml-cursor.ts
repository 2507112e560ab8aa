/** What is wrong in a text that is no YAML. */
export type YamlReason =
  | "anchor"
  | "block-header"
  | "bracket"
  | "colon-in-brackets"
  | "colon-missing"
  | "content"
  | "control-character"
  | "directive"
  | "escape"
  | "indentation"
  | "nesting"
  | "quote-open"
  | "second-value"
  | "tab"
  | "tag";

/** Ends the parsing of a text that is no YAML: what is wrong, and at which offset. */
export class YamlError extends Error {
  readonly reason: YamlReason;
  readonly offset: number;
  constructor(reason: YamlReason, offset: number) {
    super(`${reason} at ${offset}`);
    this.reason = reason;
    this.offset = offset;
  }
}

export const tabulator = 0x09;
export const space = 0x20;

/** Stands behind the text's end: a text that has it within is refused before. */
export const ended = 0;

export const isBlank = (code: number): boolean => code === space || code === tabulator;

/** YAML 1.1 has more line ends than YAML 1.2: U+0085, U+2028 and U+2029. */
export const isBreak = (code: number): boolean => code === 0x0a || code === 0x85 || code === 0x2028 || code === 0x2029;

export const isBreakOrEnd = (code: number): boolean => code === ended || isBreak(code);

/** Whether nothing of a word stands here. */
export const isGap = (code: number): boolean => code === space || code === 0x0a || code === ended || isOddGap(code);
const isOddGap = (code: number): boolean => code === tabulator || isBreak(code);

/** A place in a text, which knows its line. */
export class Cursor {
  readonly text: string;
  /** The text with U+0000 behind it, so that there is always one more character to look at. */
  readonly codes: string;
  at = 0;
  line = 0;
  lineStart = 0;

  constructor(text: string) {
    this.text = text;
    this.codes = `${text}\0`;
  }

  /** @returns the UTF-16 code so many characters from here. */
  code(ahead = 0): number {
    return this.codes.charCodeAt(this.at + ahead);
  }

  get column(): number {
    return this.at - this.lineStart;
  }

  /** Goes over a line's end. @returns what it is in a text: all but U+2028 and U+2029 become `\n`. */
  lineEnd(): string {
    const code = this.code();
    this.at++;
    this.line++;
    this.lineStart = this.at;
    return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : "\n";
  }

  toLineEnd(): void {
    while (!isBreakOrEnd(this.code())) this.at++;
  }

  /** Whether a line begins here that begins or ends a document. */
  isDocumentMark(): boolean {
    if (this.at !== this.lineStart) return false;
    const code = this.code();
    return (code === 0x2d || code === 0x2e) && this.code(1) === code && this.code(2) === code && isGap(this.code(3));
  }

  fail(reason: YamlReason, offset = this.at): never {
    throw new YamlError(reason, Math.min(offset, this.text.length));
  }
}
