import { YamlError, type YamlReason } from "./yaml-cursor.ts";
import { Scanner } from "./yaml-scanner.ts";
import { TOKEN, type Tokens } from "./yaml-tokens.ts";
import type { Directive, WrittenTag } from "./yaml-words.ts";

/** What a text holds, in its order. `pop` ends a mapping, a list or a document. */
export type Event =
  | ScalarEvent
  | CollectionEvent
  | { readonly type: "alias"; readonly start: number; readonly end: number; readonly name: string }
  | { readonly type: "document"; readonly start: number }
  | { readonly type: "pop" };

/** Offsets are those of the text; `start` is -1 for what is not written at all. */
export type ScalarEvent = Properties & {
  readonly type: "scalar";
  readonly value: string;
  readonly isPlain: boolean;
  readonly end: number;
};

export type CollectionEvent = Properties & { readonly type: "mapping" | "sequence" };

export type Properties = {
  readonly start: number;
  readonly anchor: string | undefined;
  readonly tag: string | undefined;
  /** Where the tag is written. */
  readonly tagStart: number;
  readonly tagEnd: number;
};

const noProperties = { anchor: undefined, tag: undefined, tagStart: -1, tagEnd: -1 };
const pop: Event = { type: "pop" };

/** What libyaml's reader does not let through (its reader.c), halves of characters among it. */
const unreadable = /[\0-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]/u;

const handles = new Map([
  ["!", "!"],
  ["!!", "tag:yaml.org,2002:"],
]);

/**
 * Parses YAML as libyaml 0.2.5 does, by which PyYAML reads reclass's files.
 *
 * Throws a YamlError at the first thing that is wrong.
 *
 * @param text has no U+000D.
 */
export function parseYaml(text: string, maxDepth: number): readonly Event[] {
  const odd = unreadable.exec(text);
  if (odd) throw new YamlError("control-character", odd.index);
  return new Parser(new Scanner(text, maxDepth).scan(), maxDepth).stream();
}

/** Makes events of tokens, by the grammar in libyaml's parser.c. */
class Parser {
  readonly #events: Event[] = [];
  readonly #tokens: Tokens;
  readonly #maxDepth: number;
  #next = 0;
  #depth = 0;
  #prefixes: ReadonlyMap<string, string> = handles;

  constructor(tokens: Tokens, maxDepth: number) {
    this.#tokens = tokens;
    this.#maxDepth = maxDepth;
  }

  stream(): readonly Event[] {
    if (this.#kind() === TOKEN.streamEnd) return this.#events;
    this.#document(this.#kind() !== TOKEN.directive && this.#kind() !== TOKEN.documentStart);
    for (;;) {
      while (this.#kind() === TOKEN.documentEnd) this.#next++;
      if (this.#kind() === TOKEN.streamEnd) return this.#events;
      this.#document(false);
    }
  }

  /** @returns the kind of the next token. Places where no key came are passed over. */
  #kind(): number {
    const { kinds } = this.#tokens;
    while (kinds[this.#next] === TOKEN.nothing) this.#next++;
    return kinds[this.#next] as number;
  }

  get #start(): number {
    return this.#tokens.starts[this.#next] as number;
  }

  #fail(reason: YamlReason): never {
    throw new YamlError(reason, this.#start);
  }

  #document(bare: boolean): void {
    this.#prefixes = handles;
    if (!bare) this.#directives();
    if (!bare && this.#kind() !== TOKEN.documentStart) this.#fail("indentation");
    this.#events.push({ type: "document", start: this.#start });
    if (!bare) this.#next++;
    const kind = this.#kind();
    const isEmpty = kind === TOKEN.directive || (kind >= TOKEN.documentStart && kind <= TOKEN.streamEnd);
    if (isEmpty && !bare) this.#empty();
    else this.#node(true, false);
    this.#events.push(pop);
    if (this.#kind() === TOKEN.documentEnd) this.#next++;
  }

  #directives(): void {
    const own = new Map<string, string>();
    let versions = 0;
    for (; this.#kind() === TOKEN.directive; this.#next++) {
      const directive = this.#tokens.contents[this.#next] as Directive;
      if (directive.kind === "version" ? ++versions > 1 || !directive.supported : own.has(directive.handle)) {
        this.#fail("directive");
      }
      if (directive.kind === "tag") own.set(directive.handle, directive.prefix);
    }
    if (own.size > 0) this.#prefixes = new Map([...handles, ...own]);
  }

  #empty(properties: Omit<Properties, "start"> = noProperties): void {
    const { anchor, tag, tagStart, tagEnd } = properties;
    this.#events.push({ type: "scalar", value: "", isPlain: true, start: -1, end: -1, anchor, tag, tagStart, tagEnd });
  }

  #tag(): string {
    const { handle, suffix } = this.#tokens.contents[this.#next] as WrittenTag;
    if (handle === "") return suffix;
    const prefix = this.#prefixes.get(handle);
    return prefix === undefined ? this.#fail("tag") : `${prefix}${suffix}`;
  }

  /**
   * @param block whether blocks may stand here: not within brackets.
   * @param indentless whether a list may stand in the column of its key.
   */
  #node(block: boolean, indentless: boolean): void {
    let kind = this.#kind();
    if (kind === TOKEN.alias) {
      const name = this.#tokens.contents[this.#next] as string;
      this.#events.push({ type: "alias", start: this.#start, end: this.#tokens.ends[this.#next] as number, name });
      this.#next++;
      return;
    }
    let anchor: string | undefined;
    let tag: string | undefined;
    let tagStart = -1;
    let tagEnd = -1;
    for (; kind === TOKEN.anchor || kind === TOKEN.tag; kind = this.#kind()) {
      if (kind === TOKEN.anchor ? anchor !== undefined : tag !== undefined) break;
      if (kind === TOKEN.anchor) anchor = this.#tokens.contents[this.#next] as string;
      else {
        tag = this.#tag();
        tagStart = this.#start;
        tagEnd = this.#tokens.ends[this.#next] as number;
      }
      this.#next++;
    }
    if (kind === TOKEN.plain || kind === TOKEN.quoted || kind === TOKEN.block) {
      const value = this.#tokens.contents[this.#next] as string;
      const end = this.#tokens.ends[this.#next] as number;
      const isPlain = kind === TOKEN.plain;
      this.#events.push({ type: "scalar", value, isPlain, start: this.#start, end, anchor, tag, tagStart, tagEnd });
      this.#next++;
      return;
    }
    const properties = { anchor, tag, tagStart, tagEnd };
    const begins = (type: "mapping" | "sequence"): void => {
      if (++this.#depth > this.#maxDepth) this.#fail("nesting");
      this.#events.push({ type, start: this.#start, anchor, tag, tagStart, tagEnd });
    };
    if (kind === TOKEN.item && indentless) {
      begins("sequence");
      this.#indentlessItems();
    } else if (kind === TOKEN.openSequence) {
      begins("sequence");
      this.#flowSequence();
    } else if (kind === TOKEN.openMapping) {
      begins("mapping");
      this.#flowMapping();
    } else if (kind === TOKEN.sequence && block) {
      begins("sequence");
      this.#blockSequence();
    } else if ((kind === TOKEN.mapping || kind === TOKEN.firstKey) && block) {
      begins("mapping");
      this.#blockMapping();
    } else if (anchor !== undefined || tag !== undefined) {
      this.#empty(properties);
      return;
    } else this.#fail("content");
    this.#events.push(pop);
    this.#depth--;
  }

  #blockSequence(): void {
    this.#next++;
    for (let kind = this.#kind(); kind !== TOKEN.blockEnd; kind = this.#kind()) {
      if (kind !== TOKEN.item) this.#fail("indentation");
      this.#next++;
      const after = this.#kind();
      if (after === TOKEN.item || after === TOKEN.blockEnd) this.#empty();
      else this.#node(true, false);
    }
    this.#next++;
  }

  #indentlessItems(): void {
    while (this.#kind() === TOKEN.item) {
      this.#next++;
      const after = this.#kind();
      if (after === TOKEN.item || this.#endsEntry(after)) this.#empty();
      else this.#node(true, false);
    }
  }

  #endsEntry = (kind: number): boolean => kind === TOKEN.key || kind === TOKEN.value || kind === TOKEN.blockEnd;

  #blockMapping(): void {
    // A first key stands for the mapping's beginning and for itself.
    if (this.#kind() === TOKEN.firstKey) this.#tokens.kinds[this.#next] = TOKEN.key;
    else this.#next++;
    for (let kind = this.#kind(); kind !== TOKEN.blockEnd; kind = this.#kind()) {
      if (kind !== TOKEN.key) this.#fail("indentation");
      this.#next++;
      this.#entryPart();
      if (this.#kind() === TOKEN.value) {
        this.#next++;
        this.#entryPart();
      } else this.#empty();
    }
    this.#next++;
  }

  #entryPart(): void {
    if (this.#endsEntry(this.#kind())) this.#empty();
    else this.#node(true, true);
  }

  #flowSequence(): void {
    this.#next++;
    for (let first = true; this.#kind() !== TOKEN.closeSequence; first = false) {
      if (!first) {
        this.#comma();
        if (this.#kind() === TOKEN.closeSequence) break;
      }
      if (this.#kind() === TOKEN.key) this.#pair();
      else this.#node(false, false);
    }
    this.#next++;
  }

  #comma(): void {
    if (this.#kind() !== TOKEN.comma) this.#fail("bracket");
    this.#next++;
  }

  /** `[a: b]`: a mapping of one entry. */
  #pair(): void {
    this.#events.push({ type: "mapping", start: this.#start, ...noProperties });
    this.#next++;
    const kind = this.#kind();
    if (kind === TOKEN.value || kind === TOKEN.comma || kind === TOKEN.closeSequence) {
      // libyaml goes over this token (parser.c), so that only `[? , ...` and the like come to an end.
      this.#next++;
      this.#empty();
    } else this.#node(false, false);
    this.#flowValue(TOKEN.closeSequence);
    this.#events.push(pop);
  }

  #flowValue(close: number): void {
    if (this.#kind() !== TOKEN.value) {
      this.#empty();
      return;
    }
    this.#next++;
    const kind = this.#kind();
    if (kind === TOKEN.comma || kind === close) this.#empty();
    else this.#node(false, false);
  }

  #flowMapping(): void {
    this.#next++;
    for (let first = true; this.#kind() !== TOKEN.closeMapping; first = false) {
      if (!first) {
        this.#comma();
        if (this.#kind() === TOKEN.closeMapping) break;
      }
      if (this.#kind() === TOKEN.key) {
        this.#next++;
        const kind = this.#kind();
        if (kind === TOKEN.value || kind === TOKEN.comma || kind === TOKEN.closeMapping) this.#empty();
        else this.#node(false, false);
        this.#flowValue(TOKEN.closeMapping);
      } else {
        this.#node(false, false);
        this.#empty();
      }
    }
    this.#next++;
  }
}
