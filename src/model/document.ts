import { EVENT_ID, type Event, getScalarValue, SCALAR_STYLE, type ScalarEvent, YAMLException } from "js-yaml";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { modelMessage } from "./messages.ts";
import { modelFile, placeOf } from "./place.ts";
import { Float, resolvePlain, resolveTagged, type Scalar, Stamp } from "./scalar.ts";
import type { Leaf, Listing, Slot, Written, WrittenEntry } from "./slot.ts";
import type { At, ModelFile } from "./value.ts";
import { type ParsedYaml, parseYaml } from "./yaml-events.ts";
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
class TooLarge extends Error {}

/** Parses a file of the inventory by YAML 1.1 as PyYAML reads it. What is wrong in it is reported with its place. */
export function readDocument(text: string, path: string): Result<ModelDocument> {
  const named = { kind: "named", name: path } as const;
  if (text.length > sizeLimit) {
    return failure([modelMessage("file-too-large", { size: text.length, limit: sizeLimit }, named)]);
  }
  const file = modelFile(path, text);
  const tooNested = (): Result<never> =>
    failure([modelMessage("file-too-nested", { nodes: nodeLimit, depth: depthLimit }, named)]);
  try {
    const reader = new EventReader(file, parseYaml(text, depthLimit));
    const content = reader.read();
    return reader.diagnostics.length > 0 ? failure(reader.diagnostics) : success({ file, content });
  } catch (error) {
    if (error instanceof TooLarge) return tooNested();
    if (!(error instanceof YAMLException)) throw error;
    if (/^nesting exceeded/.test(error.reason)) return tooNested();
    const start = Math.min(error.mark?.position ?? 0, text.length);
    return failure([modelMessage("yaml-broken", yamlProblem(error.reason), placeOf({ file, start, end: start }))]);
  }
}

type Collection = Extract<Event, { type: typeof EVENT_ID.MAPPING | typeof EVENT_ID.SEQUENCE }>;
type Node = ScalarEvent | Collection;

const isWithin = (event: Event | undefined): event is Event => event !== undefined && event.type !== EVENT_ID.POP;

/** Makes values of the parser's events, which follow each other as the nodes do in the text. */
class EventReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #text: string;
  readonly #file: ModelFile;
  readonly #events: readonly Event[];
  readonly #original: ParsedYaml["original"];
  /** Anchors met so far, with the number of nodes each stands for. */
  readonly #anchors = new Map<string, { readonly content: Content; readonly nodes: number }>();
  #next = 0;
  #nodes = 0;
  /** Where the last node ended: the place of what is not written at all. */
  #last = 0;

  constructor(file: ModelFile, { text, events, original }: ParsedYaml) {
    this.#text = text;
    this.#file = file;
    this.#events = events;
    this.#original = original;
  }

  read(): Content {
    if (this.#events.length === 0) return this.#nothing(this.#at(0, 0));
    this.#next++;
    const content = isWithin(this.#events[this.#next]) ? this.#node() : this.#nothing(this.#at(0, 0));
    this.#next++;
    if (this.#next < this.#events.length) {
      // Where the second document begins, the events do not say; where the first ends, is near enough.
      this.diagnostics.push(modelMessage("yaml-second-document", {}, placeOf(this.#at(this.#last, this.#last))));
    }
    return content;
  }

  #at = (start: number, end: number): At => ({
    file: this.#file,
    start: this.#original(start),
    end: this.#original(end),
  });

  #nothing = (at: At): Leaf => ({ kind: "scalar", value: null, at });

  #report(
    code:
      | "yaml-tag-unknown"
      | "yaml-number-wrong"
      | "yaml-alias-unknown"
      | "yaml-key-not-text"
      | "yaml-merge-wrong"
      | "yaml-half-character",
    at: At,
  ): Leaf {
    this.diagnostics.push(modelMessage(code, {}, placeOf(at)));
    return this.#nothing(at);
  }

  #count(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > nodeLimit) throw new TooLarge();
  }

  #node(): Content {
    const event = this.#events[this.#next++] as Event;
    if (event.type === EVENT_ID.ALIAS) return this.#alias(event.anchorStart, event.anchorEnd);
    const node = event as Node;
    const before = this.#nodes;
    this.#count(1);
    const content = node.type === EVENT_ID.SCALAR ? this.#scalar(node) : this.#collection(node);
    if (node.anchorStart >= 0) {
      const name = this.#text.slice(node.anchorStart, node.anchorEnd);
      this.#anchors.set(name, { content, nodes: this.#nodes - before });
    }
    return content;
  }

  #alias(start: number, end: number): Content {
    const at = this.#at(start - 1, end);
    this.#last = end;
    const target = this.#anchors.get(this.#text.slice(start, end));
    if (!target) return this.#report("yaml-alias-unknown", at);
    this.#count(target.nodes);
    return target.content;
  }

  /** @returns a node's tag in full, or undefined where it has none. */
  #tag({ tagStart, tagEnd }: Node): string | undefined {
    if (tagStart < 0) return undefined;
    const written = this.#text.slice(tagStart, tagEnd);
    if (written.startsWith("!!")) return `tag:yaml.org,2002:${written.slice(2)}`;
    return written.startsWith("!<") ? written.slice(2, -1) : written;
  }

  #scalar(event: ScalarEvent): Leaf {
    const written = event.valueStart >= 0;
    const at = written ? this.#written(event) : this.#at(this.#last, this.#last);
    if (written) this.#last = event.valueEnd;
    const text = written ? getScalarValue(this.#text, event) : "";
    const plain = event.style === SCALAR_STYLE.PLAIN;
    if (!text.isWellFormed()) return this.#report("yaml-half-character", at);
    const tag = event.tagStart < 0 ? undefined : this.#tag(event);
    // A lone `!` before a plain scalar changes nothing (libyaml).
    if (tag !== undefined && !(tag === "!" && plain)) {
      const value = resolveTagged(tag, text);
      return value === undefined ? this.#report("yaml-tag-unknown", at) : { kind: "scalar", value, at };
    }
    const value = plain ? resolvePlain(text) : text;
    return value === undefined ? this.#report("yaml-number-wrong", at) : { kind: "scalar", value, at };
  }

  /** With its quotes; a block scalar begins at its `|` or `>`, which stands in the line above. */
  #written({ style, valueStart, valueEnd }: ScalarEvent): At {
    if (style === SCALAR_STYLE.PLAIN) return this.#at(valueStart, valueEnd);
    if (style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED) {
      return this.#at(valueStart - 1, valueEnd + 1);
    }
    const sign = style === SCALAR_STYLE.LITERAL_BLOCK ? "|" : ">";
    return this.#at(Math.max(0, this.#text.lastIndexOf(sign, valueStart - 1)), valueEnd);
  }

  #collection(event: Collection): Content {
    const isMapping = event.type === EVENT_ID.MAPPING;
    const tag = this.#tag(event);
    const fitting = isMapping ? ["map", "set"] : ["seq", "omap", "pairs"];
    const at = this.#at(event.start, event.start);
    if (tag !== undefined && tag !== "!" && !fitting.some((name) => tag === `tag:yaml.org,2002:${name}`)) {
      this.#report("yaml-tag-unknown", at);
    }
    const content = isMapping ? this.#mapping(at) : this.#sequence(at, tag);
    this.#next++;
    return content;
  }

  #sequence(at: At, tag: string | undefined): Content {
    const items: Content[] = [];
    while (isWithin(this.#events[this.#next])) items.push(this.#node());
    const pairs = tag?.endsWith(":omap") || tag?.endsWith(":pairs");
    return { kind: "list", items: pairs ? items.map(pairOf) : items, at: { ...at, end: this.#original(this.#last) } };
  }

  #mapping(at: At): Written {
    const own = new Map<string, WrittenEntry>();
    const merged: WrittenEntry[] = [];
    while (isWithin(this.#events[this.#next])) {
      const event = this.#events[this.#next] as Event;
      const key = this.#node();
      const keyAt = key.at;
      const value = this.#node();
      if (key.kind !== "scalar") this.#report("yaml-key-not-text", keyAt);
      else if (key.value === mergeKey && event.type === EVENT_ID.SCALAR && event.style === SCALAR_STYLE.PLAIN) {
        // Of a list of mappings the first counts most, of two merge keys the last (PyYAML's flatten_mapping).
        merged.unshift(...this.#merge(value, keyAt));
      } else {
        const id = identity(key.value);
        own.set(id, { key: own.get(id)?.key ?? key.value, keyAt, value });
      }
    }
    const whole = { ...at, end: this.#original(this.#last) };
    if (merged.length === 0) return { kind: "written", entries: [...own.values()], at: whole };
    const entries = new Map<string, WrittenEntry>();
    for (const entry of merged) if (!entries.has(identity(entry.key))) entries.set(identity(entry.key), entry);
    for (const [id, entry] of own) entries.set(id, entry);
    return { kind: "written", entries: [...entries.values()], at: whole };
  }

  /** @returns the entries that a merge key brings in, those that count more first. */
  #merge(value: Slot, at: At): readonly WrittenEntry[] {
    const sources = value.kind === "list" ? value.items : [value];
    const mappings = sources.filter((source) => source.kind === "written");
    if (mappings.length < sources.length) this.#report("yaml-merge-wrong", at);
    for (const mapping of mappings) this.#count(mapping.entries.length);
    return mappings.flatMap((mapping) => mapping.entries);
  }
}

const mergeKey = "<<";

/** Of `!!omap` and `!!pairs`, Python makes pairs, and JSON lists. */
function pairOf(item: Content): Content {
  const [entry] = item.kind === "written" ? item.entries : [];
  if (!entry) return item;
  return { kind: "list", items: [{ kind: "scalar", value: entry.key, at: entry.keyAt }, entry.value], at: item.at };
}

/** Python takes 1, 1.0 and true for the same key. @returns a text that is the same for the same keys. */
function identity(key: Scalar): string {
  if (typeof key === "string") return key;
  if (key === null) return "\0null";
  if (key instanceof Stamp) return `\0${key.text}`;
  return `\0${Number(key instanceof Float ? key.value : key)}`;
}
