import { Cursor, ended, isBreak, isGap, space, tabulator } from "./yaml-cursor.ts";
import { blockText, plainText, quotedText, type ScalarText } from "./yaml-scalars.ts";
import { TOKEN, type Tokens } from "./yaml-tokens.ts";
import { anchorOf, type Directive, directiveOf, tagOf, type WrittenTag } from "./yaml-words.ts";

/** How far behind its beginning the colon of a key may stand. */
const longestKey = 1024;

/** A key that needs no `?` is known by its colon: until that comes, it is possible. One for each level of brackets. */
type PossibleKey = { token: number; start: number; line: number; needed: boolean };

/**
 * Cuts a text into tokens as libyaml 0.2.5 does, whose rules PyYAML's own scanner.py explains: what is indented, where a
 * key may begin, and that what a line begins with at its block's column has to become a key.
 */
export class Scanner {
  readonly tokens: Tokens = { kinds: [], starts: [], ends: [], contents: [] };
  readonly #cursor: Cursor;
  readonly #indents: number[] = [];
  readonly #keys: PossibleKey[] = [{ token: -1, start: 0, line: 0, needed: false }];
  #indent = -1;
  #level = 0;
  #mayBeKey = true;
  readonly #maxDepth: number;
  /** The line and the offset up to which no key that is possible has become impossible. */
  #freshLine = 0;
  #freshUntil = Number.POSITIVE_INFINITY;

  /** @param maxDepth of brackets, and of blocks. */
  constructor(text: string, maxDepth: number) {
    this.#cursor = new Cursor(text);
    this.#maxDepth = maxDepth;
  }

  scan(): Tokens {
    while (this.#next());
    return this.tokens;
  }

  #push(kind: number, start: number, end: number, content?: string | WrittenTag | Directive): void {
    this.tokens.kinds.push(kind);
    this.tokens.starts.push(start);
    this.tokens.ends.push(end);
    this.tokens.contents.push(content);
  }

  /** @returns whether there is more. */
  #next(): boolean {
    this.#toToken();
    this.#endStaleKeys();
    const cursor = this.#cursor;
    const code = cursor.code();
    if (this.#level === 0) this.#unroll(code === ended ? -1 : cursor.column);
    if (code === ended) {
      this.#endKey();
      this.#push(TOKEN.streamEnd, cursor.at, cursor.at);
      return false;
    }
    if (code === 0x25 && cursor.column === 0) this.#directive();
    else if ((code === 0x2d || code === 0x2e) && cursor.isDocumentMark()) this.#documentMark(code);
    else this.#token(code);
    return true;
  }

  #token(code: number): void {
    const within = this.#level > 0;
    const isSign = within || isGap(this.#cursor.code(1));
    switch (code) {
      case 0x5b:
        this.#open(TOKEN.openSequence);
        break;
      case 0x7b:
        this.#open(TOKEN.openMapping);
        break;
      case 0x5d:
        this.#close(TOKEN.closeSequence);
        break;
      case 0x7d:
        this.#close(TOKEN.closeMapping);
        break;
      case 0x2c:
        this.#endKey();
        this.#mayBeKey = true;
        this.#sign(TOKEN.comma);
        break;
      case 0x2d:
        if (isGap(this.#cursor.code(1))) this.#item();
        else this.#plain();
        break;
      case 0x3f:
        if (isSign) this.#markedKey();
        else this.#plain();
        break;
      case 0x3a:
        if (isSign) this.#value();
        else this.#plain();
        break;
      case 0x26:
      case 0x2a:
      case 0x21:
        this.#property(code);
        break;
      case 0x7c:
      case 0x3e:
        if (within) this.#cursor.fail("content");
        this.#block();
        break;
      case 0x22:
      case 0x27:
        this.#quoted();
        break;
      case 0x23:
      case 0x25:
      case 0x40:
      case 0x60:
        this.#cursor.fail("content");
        break;
      case tabulator:
        this.#cursor.fail("tab");
        break;
      default:
        this.#plain();
    }
  }

  #toToken(): void {
    const cursor = this.#cursor;
    for (;;) {
      let code = cursor.code();
      if (code === 0xfeff && cursor.column === 0) {
        // It is gone over, but counts as a column (libyaml).
        cursor.at++;
        code = cursor.code();
      }
      while (code === space || (code === tabulator && (this.#level > 0 || !this.#mayBeKey))) {
        cursor.at++;
        code = cursor.code();
      }
      if (code === 0x23) {
        cursor.toLineEnd();
        code = cursor.code();
      }
      if (!isBreak(code)) return;
      cursor.lineEnd();
      if (this.#level === 0) this.#mayBeKey = true;
    }
  }

  #endStaleKeys(): void {
    const { at, line } = this.#cursor;
    if (line === this.#freshLine && at <= this.#freshUntil) return;
    this.#freshLine = line;
    this.#freshUntil = Number.POSITIVE_INFINITY;
    for (let level = 0; level <= this.#level; level++) {
      const key = this.#keys[level] as PossibleKey;
      if (key.token < 0) continue;
      if (key.line < line || key.start + longestKey < at) this.#endKey(key);
      else this.#freshUntil = Math.min(this.#freshUntil, key.start + longestKey);
    }
  }

  #endKey(key = this.#keys[this.#level] as PossibleKey): void {
    if (key.token >= 0 && key.needed) this.#cursor.fail("colon-missing", key.start);
    key.token = -1;
  }

  #saveKey(): void {
    if (!this.#mayBeKey) return;
    this.#endKey();
    const { at, line, column } = this.#cursor;
    const key = this.#keys[this.#level] as PossibleKey;
    key.token = this.tokens.kinds.length;
    key.start = at;
    key.line = line;
    key.needed = this.#level === 0 && this.#indent === column;
    this.#freshUntil = Math.min(this.#freshUntil, at + longestKey);
    this.#push(TOKEN.nothing, at, at);
  }

  /** @returns whether what stands in this column begins a block within the one around it. */
  #roll(column: number): boolean {
    if (this.#level > 0 || this.#indent >= column) return false;
    if (this.#indents.push(this.#indent) > this.#maxDepth) this.#cursor.fail("nesting");
    this.#indent = column;
    return true;
  }

  #unroll(column: number): void {
    while (this.#indent > column) {
      this.#push(TOKEN.blockEnd, this.#cursor.at, this.#cursor.at);
      this.#indent = this.#indents.pop() as number;
    }
  }

  #sign(kind: number): void {
    this.#push(kind, this.#cursor.at, this.#cursor.at + 1);
    this.#cursor.at++;
  }

  #open(kind: number): void {
    this.#saveKey();
    if (++this.#level > this.#maxDepth) this.#cursor.fail("nesting");
    const key = this.#keys[this.#level];
    if (key) key.token = -1;
    else this.#keys.push({ token: -1, start: 0, line: 0, needed: false });
    this.#mayBeKey = true;
    this.#sign(kind);
  }

  #close(kind: number): void {
    this.#endKey();
    if (this.#level > 0) this.#level--;
    this.#mayBeKey = false;
    this.#sign(kind);
  }

  #item(): void {
    if (this.#level === 0) {
      if (!this.#mayBeKey) this.#cursor.fail("second-value");
      if (this.#roll(this.#cursor.column)) this.#push(TOKEN.sequence, this.#cursor.at, this.#cursor.at);
    }
    this.#endKey();
    this.#mayBeKey = true;
    this.#sign(TOKEN.item);
  }

  #markedKey(): void {
    this.#startOfEntry();
    this.#endKey();
    this.#mayBeKey = this.#level === 0;
    this.#sign(TOKEN.key);
  }

  #startOfEntry(): void {
    if (this.#level > 0) return;
    if (!this.#mayBeKey) this.#cursor.fail("second-value");
    if (this.#roll(this.#cursor.column)) this.#push(TOKEN.mapping, this.#cursor.at, this.#cursor.at);
  }

  #value(): void {
    const key = this.#keys[this.#level] as PossibleKey;
    if (key.token >= 0) {
      this.tokens.kinds[key.token] = this.#roll(key.start - this.#cursor.lineStart) ? TOKEN.firstKey : TOKEN.key;
      key.token = -1;
      this.#mayBeKey = false;
    } else {
      this.#startOfEntry();
      this.#mayBeKey = this.#level === 0;
    }
    this.#sign(TOKEN.value);
  }

  #property(code: number): void {
    const cursor = this.#cursor;
    this.#saveKey();
    this.#mayBeKey = false;
    const start = cursor.at;
    if (code === 0x21) {
      const tag = tagOf(cursor, this.#level > 0);
      this.#push(TOKEN.tag, start, cursor.at, tag);
    } else {
      const name = anchorOf(cursor);
      this.#push(code === 0x26 ? TOKEN.anchor : TOKEN.alias, start, cursor.at, name);
    }
  }

  #scalar(kind: number, start: number, { value, end, lines }: ScalarText): void {
    this.#push(kind, start, end, value);
    if (lines) this.#mayBeKey = true;
  }

  #quoted(): void {
    this.#saveKey();
    this.#mayBeKey = false;
    const start = this.#cursor.at;
    this.#scalar(TOKEN.quoted, start, quotedText(this.#cursor));
  }

  #plain(): void {
    this.#saveKey();
    this.#mayBeKey = false;
    const start = this.#cursor.at;
    this.#scalar(TOKEN.plain, start, plainText(this.#cursor, this.#indent + 1, this.#level > 0));
  }

  #block(): void {
    this.#endKey();
    const start = this.#cursor.at;
    this.#scalar(TOKEN.block, start, blockText(this.#cursor, this.#indent));
  }

  #directive(): void {
    if (this.#level === 0) this.#unroll(-1);
    this.#endKey();
    this.#mayBeKey = false;
    const start = this.#cursor.at;
    const directive = directiveOf(this.#cursor);
    this.#push(TOKEN.directive, start, this.#cursor.at, directive);
  }

  #documentMark(code: number): void {
    if (this.#level === 0) this.#unroll(-1);
    this.#endKey();
    this.#mayBeKey = false;
    this.#push(code === 0x2d ? TOKEN.documentStart : TOKEN.documentEnd, this.#cursor.at, this.#cursor.at + 3);
    this.#cursor.at += 3;
  }
}
