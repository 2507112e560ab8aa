import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { type DoubledKey, doubledKeys } from "./doubled-keys.ts";
import { joinedText, likelyMistakeAt, templateMistake } from "./likely-mistakes.ts";
import { keysAbove, locate, rootsOf } from "./locate.ts";
import { modelMessage } from "./messages.ts";
import { modelFile, placeOf } from "./place.ts";
import { scalarText } from "./python.ts";
import { Float, resolvePlain, resolveTagged, type Scalar, Stamp } from "./scalar.ts";
import type { Leaf, Listing, Slot, Written, WrittenEntry } from "./slot.ts";
import type { At, ModelFile } from "./value.ts";
import { YamlError } from "./yaml-cursor.ts";
import { type CollectionEvent, type Event, parseYaml, type ScalarEvent } from "./yaml-events.ts";
import { yamlProblem } from "./yaml-problem.ts";

/** Characters of one file that are read. The largest file of the public reclass models has a tenth of it. */
export const sizeLimit = 4 * 1024 * 1024;

/** Values of one file after aliases are unfolded: an alias bomb is small as text. */
export const nodeLimit = 1_000_000;

/** Levels of mappings and lists within each other; reclass gives up at about 300, where Python's stack ends. */
export const depthLimit = 300;

/** What a file of the inventory holds: values as they were written, strings not looked into yet. */
export type Content = Leaf | Written | Listing;

export type ModelDocument = { readonly file: ModelFile; readonly content: Content };

/** Ends the walk when the unfolded tree gets too large: going on would be the harm that the limit keeps away. */
class TooLarge extends Error {
  readonly start: number;
  constructor(start: number) {
    super();
    this.start = start;
  }
}

/**
 * Parses a file of the inventory by YAML 1.1 as PyYAML reads it. What is wrong in it is reported with its place.
 *
 * @param written with any line ends: Python makes \n of \r\n and \r before YAML is read (open(), universal newlines).
 */
export function readDocument(written: string, path: string): Result<ModelDocument> {
  const text = written.includes("\r") ? written.replace(/\r\n?/g, "\n") : written;
  const file = modelFile(path, text);
  if (text.length > sizeLimit) {
    const place = placeOf({ file, start: sizeLimit, end: sizeLimit });
    return failure([modelMessage("file-too-large", { size: text.length, limit: sizeLimit }, place)]);
  }
  const tooNested = (start: number): Result<never> => {
    const place = placeOf({ file, start, end: start });
    return failure([
      pathByLines(modelMessage("file-too-nested", { nodes: nodeLimit, depth: depthLimit }, place), file),
    ]);
  };
  try {
    const reader = new EventReader(file, text, parseYaml(text, depthLimit));
    const content = reader.read();
    const roots = content.kind === "written" ? rootsOf(content) : [];
    const warnings = [...locate(reader.warnings, roots), ...doubledKeys(reader.doubled, content)];
    if (reader.diagnostics.length === 0) return success({ file, content }, warnings);
    return failure([...locate(reader.diagnostics, roots).map((each) => pathByLines(each, file)), ...warnings]);
  } catch (error) {
    if (error instanceof TooLarge) return tooNested(error.start);
    if (!(error instanceof YamlError)) throw error;
    const { reason, offset } = error;
    if (reason === "nesting") return tooNested(offset);
    const { start = offset, ...message } = likelyMistakeAt(text, offset, reason) ?? yamlProblem(reason);
    return failure([pathByLines(modelMessage("yaml-broken", message, placeOf({ file, start, end: start })), file)]);
  }
}

/** @returns the diagnostic with the keys that lead to its line, where what is wrong became no value that has a path. */
function pathByLines(diagnostic: Diagnostic, { lines }: ModelFile): Diagnostic {
  const { place, path } = diagnostic;
  const keys = path === undefined && place?.kind === "document" ? keysAbove(lines, place.line) : undefined;
  return keys === undefined ? diagnostic : { ...diagnostic, path: keys.join(":") };
}

const isWithin = (event: Event | undefined): event is Event => event !== undefined && event.type !== "pop";

/** Makes values of the parser's events, which follow each other as the nodes do in the text. */
class EventReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly warnings: Diagnostic[] = [];
  readonly doubled: DoubledKey[] = [];
  readonly #text: string;
  readonly #file: ModelFile;
  readonly #events: readonly Event[];
  /** Anchors met so far, with the number of nodes each stands for. */
  readonly #anchors = new Map<string, { readonly content: Content; readonly nodes: number }>();
  /** What stands for aliases that point to nothing. */
  readonly #unknown = new Set<Slot>();
  #next = 0;
  #nodes = 0;
  /** Where the last node ended: the place of what is not written at all. */
  #last = 0;

  constructor(file: ModelFile, text: string, events: readonly Event[]) {
    this.#text = text;
    this.#file = file;
    this.#events = events;
  }

  read(): Content {
    if (this.#events.length === 0) return this.#nothing(this.#at(0, 0));
    this.#next++;
    const content = this.#node();
    this.#next++;
    const second = this.#events[this.#next];
    if (second?.type === "document") {
      this.diagnostics.push(modelMessage("yaml-second-document", {}, placeOf(this.#at(second.start, second.start))));
    }
    return content;
  }

  #at = (start: number, end: number): At => ({ file: this.#file, start, end });

  #nothing = (at: At): Leaf => ({ kind: "scalar", value: null, at });

  #report(
    code: "yaml-tag-unknown" | "yaml-number-wrong" | "yaml-alias-unknown" | "yaml-key-not-text" | "yaml-merge-wrong",
    at: At,
  ): Leaf {
    this.diagnostics.push(modelMessage(code, {}, placeOf(at)));
    return this.#nothing(at);
  }

  #count(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > nodeLimit) throw new TooLarge(this.#last);
  }

  #node(): Content {
    const event = this.#events[this.#next++] as Event;
    if (event.type === "alias") return this.#alias(event);
    const node = event as ScalarEvent | CollectionEvent;
    const before = this.#nodes;
    this.#count(1);
    const content = node.type === "scalar" ? this.#scalar(node) : this.#collection(node);
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, { content, nodes: this.#nodes - before });
    return content;
  }

  #alias({ name, start, end }: Extract<Event, { type: "alias" }>): Content {
    const at = this.#at(start, end);
    this.#last = end;
    const target = this.#anchors.get(name);
    if (!target) {
      const nothing = this.#report("yaml-alias-unknown", at);
      this.#unknown.add(nothing);
      return nothing;
    }
    this.#count(target.nodes);
    return target.content;
  }

  #scalar({ start, end, value: text, isPlain, tag, tagStart, tagEnd }: ScalarEvent): Leaf {
    const at = start >= 0 ? this.#at(start, end) : this.#at(this.#last, this.#last);
    if (start >= 0) this.#last = end;
    if (tag !== undefined && tag !== "!") {
      const value = resolveTagged(tag, text);
      if (value !== undefined) return { kind: "scalar", value, at };
      return this.#report("yaml-tag-unknown", this.#at(tagStart, tagEnd));
    }
    // With a lone `!` before it, a scalar counts as one without quotes, and nothing at all as an empty text (libyaml).
    const isBare = tag === undefined ? isPlain : start >= 0;
    const value = isBare ? resolvePlain(text) : text;
    return value === undefined ? this.#report("yaml-number-wrong", at) : { kind: "scalar", value, at };
  }

  #collection({ type, start, tag }: CollectionEvent): Content {
    const isMapping = type === "mapping";
    const fitting = isMapping ? ["map", "set"] : ["seq", "omap", "pairs"];
    const at = this.#at(start, start);
    if (tag !== undefined && tag !== "!" && !fitting.some((name) => tag === `tag:yaml.org,2002:${name}`)) {
      this.#report("yaml-tag-unknown", at);
    }
    const content = isMapping ? this.#mapping(at) : this.#sequence(at, tag);
    this.#next++;
    return content;
  }

  #sequence(at: At, tag: string | undefined): Content {
    const items: Content[] = [];
    for (let event = this.#events[this.#next]; isWithin(event); event = this.#events[this.#next]) {
      if (event.type === "scalar" && event.start < 0) this.#skipDash();
      items.push(this.#node());
    }
    const pairs = tag?.endsWith(":omap") || tag?.endsWith(":pairs");
    return { kind: "list", items: pairs ? items.map(pairOf) : items, at: { ...at, end: this.#last } };
  }

  /** An item that is not written is where its dash is. */
  #skipDash(): void {
    dash.lastIndex = this.#last;
    if (dash.test(this.#text)) this.#last = dash.lastIndex;
  }

  #mapping(at: At): Written {
    const own = new Map<string, WrittenEntry>();
    const merged: WrittenEntry[] = [];
    const doubled: Omit<DoubledKey, "within">[] = [];
    let typed = false;
    while (isWithin(this.#events[this.#next])) {
      const event = this.#events[this.#next] as Event;
      const key = this.#node();
      const keyAt = key.at;
      const value = this.#node();
      if (value.kind === "scalar" && typeof value.value === "string") this.#lookAt(value, value.value);
      if (key.kind !== "scalar") this.#keyNotText(keyAt);
      else if (key.value === mergeKey && isMergeKey(event)) {
        // Of a list of mappings the first counts most, of two merge keys the last (PyYAML's flatten_mapping).
        merged.unshift(...this.#merge(value, keyAt));
      } else {
        const id = identity(key.value);
        const before = own.get(id);
        typed ||= typeof key.value !== "string";
        if (before) doubled.push({ key: before.key, first: before.keyAt, again: keyAt, merges: false });
        own.set(id, { key: before?.key ?? key.value, keyAt, value });
      }
    }
    const made = this.#entries({ ...at, end: this.#last }, own, merged);
    for (const double of typed ? [...doubled, ...sameTexts(own.values())] : doubled)
      this.doubled.push({ ...double, within: made });
    return made;
  }

  #keyNotText(at: At): void {
    if (at.start === 0 || !this.#text.startsWith("{{", at.start - 1)) this.#report("yaml-key-not-text", at);
    else this.diagnostics.push(modelMessage("yaml-broken", templateMistake, placeOf({ ...at, start: at.start - 1 })));
  }

  /** A text below its key that was meant for an item or another key. */
  #lookAt({ at }: Leaf, text: string): void {
    const slip = joinedText(text);
    if (slip === undefined) return;
    const line = this.#text.slice(this.#text.lastIndexOf("\n", at.start - 1) + 1, at.start);
    if (line.trim() === "" && at.start > 0) this.warnings.push(modelMessage("text-joined", { slip }, placeOf(at)));
  }

  /** @returns the mapping of its own entries and those that merge keys bring. */
  #entries(at: At, own: ReadonlyMap<string, WrittenEntry>, merged: readonly WrittenEntry[]): Written {
    if (merged.length === 0) return { kind: "written", entries: [...own.values()], at };
    const entries = new Map<string, WrittenEntry>();
    for (const entry of merged) if (!entries.has(identity(entry.key))) entries.set(identity(entry.key), entry);
    for (const [id, entry] of own) entries.set(id, entry);
    return { kind: "written", entries: [...entries.values()], at };
  }

  /** @returns the entries that a merge key brings in, those that count more first. */
  #merge(value: Slot, at: At): readonly WrittenEntry[] {
    const sources = value.kind === "list" ? value.items : [value];
    const mappings = sources.filter((source) => source.kind === "written");
    const known = sources.filter((source) => !this.#unknown.has(source));
    if (mappings.length < known.length) this.#report("yaml-merge-wrong", at);
    for (const mapping of mappings) this.#count(mapping.entries.length);
    return mappings.flatMap((mapping) => mapping.entries);
  }
}

const dash = /(?:\s|#.*\n)*-/y;

const mergeKey = "<<";

const isMergeKey = (event: Event): boolean =>
  event.type === "scalar" && (event.tag === undefined ? event.isPlain : event.tag === "!");

/** Of `!!omap` and `!!pairs`, Python makes pairs, and JSON lists. */
function pairOf(item: Content): Content {
  const [entry] = item.kind === "written" ? item.entries : [];
  if (!entry) return item;
  return { kind: "list", items: [{ kind: "scalar", value: entry.key, at: entry.keyAt }, entry.value], at: item.at };
}

/** Keys of two types that reclass makes one text of where mappings merge: `80` and `"80"`. */
function* sameTexts(entries: Iterable<WrittenEntry>): Generator<Omit<DoubledKey, "within">> {
  const texts = new Map<string, At>();
  for (const { key, keyAt } of entries) {
    const text = scalarText(key);
    const first = texts.get(text);
    if (first) yield { key, first, again: keyAt, merges: true };
    texts.set(text, keyAt);
  }
}

/** Python takes 1, 1.0 and true for the same key. @returns a text that is the same for the same keys. */
function identity(key: Scalar): string {
  if (typeof key === "string") return key;
  if (key === null) return "\0null";
  if (key instanceof Stamp) return `\0${key.text}`;
  return `\0${Number(key instanceof Float ? key.value : key)}`;
}
