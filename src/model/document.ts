import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { modelMessage } from "./messages.ts";
import { modelFile, placeOf } from "./place.ts";
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
class TooLarge extends Error {}

/**
 * Parses a file of the inventory by YAML 1.1 as PyYAML reads it. What is wrong in it is reported with its place.
 *
 * @param written with any line ends: Python makes \n of \r\n and \r before YAML is read (open(), universal newlines).
 */
export function readDocument(written: string, path: string): Result<ModelDocument> {
  const named = { kind: "named", name: path } as const;
  if (written.length > sizeLimit) {
    return failure([modelMessage("file-too-large", { size: written.length, limit: sizeLimit }, named)]);
  }
  const text = written.includes("\r") ? written.replace(/\r\n?/g, "\n") : written;
  const file = modelFile(path, text);
  const tooNested = (): Result<never> =>
    failure([modelMessage("file-too-nested", { nodes: nodeLimit, depth: depthLimit }, named)]);
  try {
    const reader = new EventReader(file, parseYaml(text, depthLimit));
    const content = reader.read();
    return reader.diagnostics.length > 0 ? failure(reader.diagnostics) : success({ file, content });
  } catch (error) {
    if (error instanceof TooLarge) return tooNested();
    if (!(error instanceof YamlError)) throw error;
    if (error.reason === "nesting") return tooNested();
    const start = error.offset;
    return failure([modelMessage("yaml-broken", yamlProblem(error.reason), placeOf({ file, start, end: start }))]);
  }
}

const isWithin = (event: Event | undefined): event is Event => event !== undefined && event.type !== "pop";

/** Makes values of the parser's events, which follow each other as the nodes do in the text. */
class EventReader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #file: ModelFile;
  readonly #events: readonly Event[];
  /** Anchors met so far, with the number of nodes each stands for. */
  readonly #anchors = new Map<string, { readonly content: Content; readonly nodes: number }>();
  #next = 0;
  #nodes = 0;
  /** Where the last node ended: the place of what is not written at all. */
  #last = 0;

  constructor(file: ModelFile, events: readonly Event[]) {
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
    if (!target) return this.#report("yaml-alias-unknown", at);
    this.#count(target.nodes);
    return target.content;
  }

  #scalar({ start, end, value: text, isPlain, tag }: ScalarEvent): Leaf {
    const at = start >= 0 ? this.#at(start, end) : this.#at(this.#last, this.#last);
    if (start >= 0) this.#last = end;
    if (!text.isWellFormed()) return this.#report("yaml-half-character", at);
    if (tag !== undefined && tag !== "!") {
      const value = resolveTagged(tag, text);
      return value === undefined ? this.#report("yaml-tag-unknown", at) : { kind: "scalar", value, at };
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
    while (isWithin(this.#events[this.#next])) items.push(this.#node());
    const pairs = tag?.endsWith(":omap") || tag?.endsWith(":pairs");
    return { kind: "list", items: pairs ? items.map(pairOf) : items, at: { ...at, end: this.#last } };
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
      else if (key.value === mergeKey && isMergeKey(event)) {
        // Of a list of mappings the first counts most, of two merge keys the last (PyYAML's flatten_mapping).
        merged.unshift(...this.#merge(value, keyAt));
      } else {
        const id = identity(key.value);
        own.set(id, { key: own.get(id)?.key ?? key.value, keyAt, value });
      }
    }
    const whole = { ...at, end: this.#last };
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

const isMergeKey = (event: Event): boolean =>
  event.type === "scalar" && (event.tag === undefined ? event.isPlain : event.tag === "!");

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
