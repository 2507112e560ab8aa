import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { pillarMessage } from "./messages.ts";
import { shownKey, shownLine } from "./source-line.ts";
import type { Entry, MappingTree, Span, Tree } from "./tree.ts";
import { yamlProblem } from "./yaml-problem.ts";

/** Twenty times the largest pillar there is here, and what the parser takes seconds for in its worst case. */
export const sizeLimit = 256 * 1024;

/** Values after aliases are unfolded: an alias bomb is small as text. A full pillar has a few hundred. */
export const nodeLimit = 100_000;

// Hundreds of thousands of lists in one line take the parser minutes, since each begins a new level.
const stairs = /^[ \t]*(?:[-?:][ \t]+){50}/m;

/** A YAML text, parsed: its tree, and its lines for error frames. */
export type PillarText = { readonly file: string; readonly lines: readonly string[]; readonly tree: Tree };

type Reader = {
  readonly place: (offset: number) => Place;
  readonly span: (node: { range?: readonly number[] | null | undefined }) => Span;
  readonly diagnostics: Diagnostic[];
  /** Anchors met so far, with the number of nodes each stands for. */
  readonly anchors: Map<string, { readonly tree: Tree; readonly nodes: number }>;
  nodes: number;
};

/** Ends the walk when the unfolded tree gets too large: going on would be the harm that the limit keeps away. */
class TooLarge extends Error {}

function count(reader: Reader, nodes: number): void {
  reader.nodes += nodes;
  if (reader.nodes > nodeLimit) throw new TooLarge();
}

/** Parses the text of a pillar. Every mistake in the YAML is reported, each with its line where it may be shown. */
export function readDocument(text: string, file: string): Result<PillarText> {
  if (text.length > sizeLimit) {
    return failure([
      pillarMessage("pillar-too-large", { size: text.length, limit: sizeLimit }, { kind: "named", name: file }),
    ]);
  }
  if (stairs.test(text)) {
    return failure([pillarMessage("pillar-too-nested", { limit: nodeLimit }, { kind: "named", name: file })]);
  }
  const lines = text.split(/\r?\n/);
  const lineCounter = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset);
    const source = shownLine(lines, line);
    return { kind: "document", file, line, column: col, ...(source === undefined ? {} : { source }) };
  };
  const span: Reader["span"] = ({ range }) => {
    const [start = 0, end = start] = range ?? [];
    const { line, col } = lineCounter.linePos(start);
    return { line, column: col, lastLine: lineCounter.linePos(Math.max(start, end - 1)).line };
  };
  try {
    // Its own check of unique keys is quadratic (30,000 keys: 15 s), and takes 1 and "1" for different; ours is below.
    const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, lineCounter });
    const broken = [...document.errors, ...document.warnings];
    if (broken.length > 0) {
      // One slip makes the parser stumble on over the same line: the first of each line says it.
      const firsts = broken.filter(
        (error, index) =>
          broken.findIndex(
            (other) => lineCounter.linePos(other.pos[0]).line === lineCounter.linePos(error.pos[0]).line,
          ) === index,
      );
      return failure(firsts.map((error) => pillarMessage("yaml-broken", yamlProblem(error.code), place(error.pos[0]))));
    }
    const reader: Reader = { place, span, diagnostics: [], anchors: new Map(), nodes: 0 };
    const tree = readNode(reader, document.contents);
    return reader.diagnostics.length > 0 ? failure(reader.diagnostics) : success({ file, lines, tree });
  } catch (error) {
    // The parser recurses, so a few thousand brackets can still exhaust the stack before its own limit stops them.
    if (error instanceof TooLarge || error instanceof RangeError) {
      return failure([pillarMessage("pillar-too-nested", { limit: nodeLimit }, { kind: "named", name: file })]);
    }
    throw error;
  }
}

const nothing = (at: Span): Tree => ({ kind: "scalar", text: "", isNull: true, at });

function readNode(reader: Reader, node: Node | null): Tree {
  if (node === null) return nothing({ line: 1, column: 1, lastLine: 1 });
  if (isAlias(node)) return readAlias(reader, node);
  const before = reader.nodes;
  count(reader, 1);
  const tree = readContent(reader, node);
  const { anchor } = node as { anchor?: string };
  if (anchor) reader.anchors.set(anchor, { tree, nodes: reader.nodes - before });
  return tree;
}

function readContent(reader: Reader, node: Node): Tree {
  const at = reader.span(node);
  if (isMap(node)) return readMapping(reader, node, at);
  if (isSeq(node)) return { kind: "sequence", items: node.items.map((item) => readNode(reader, item as Node)), at };
  const { value, source, type } = node as Scalar;
  const isNull = value === null && type === "PLAIN";
  return { kind: "scalar", text: isNull ? "" : (source ?? String(value)), isNull, at };
}

function readAlias(reader: Reader, alias: Alias): Tree {
  const target = reader.anchors.get(alias.source);
  if (target) {
    count(reader, target.nodes);
    return target.tree;
  }
  reader.diagnostics.push(pillarMessage("yaml-alias-unknown", {}, reader.place(alias.range?.[0] ?? 0)));
  return nothing(reader.span(alias));
}

const mergeKey = "<<";

function readMapping(reader: Reader, node: YAMLMap, at: Span): MappingTree {
  const own = new Map<string, Entry>();
  const merged: MappingTree[] = [];
  for (const pair of node.items) {
    const key = pair.key as Node | null;
    if (!isScalar(key) || key.source === undefined) {
      reader.diagnostics.push(pillarMessage("yaml-key-not-text", {}, reader.place((key ?? node).range?.[0] ?? 0)));
      continue;
    }
    const keyAt = reader.span(key);
    const value = pair.value === null ? nothing(keyAt) : readNode(reader, pair.value as Node);
    const first = own.get(key.source);
    if (key.source === mergeKey && key.type === "PLAIN") merged.push(...readMerge(reader, value, key));
    else if (first) {
      const message = { key: shownKey(key.source), line: first.keyAt.line };
      reader.diagnostics.push(pillarMessage("yaml-key-twice", message, reader.place(key.range?.[0] ?? 0)));
    } else own.set(key.source, { keyAt, value });
  }
  for (const mapping of merged) for (const [key, entry] of mapping.entries) if (!own.has(key)) own.set(key, entry);
  return { kind: "mapping", entries: own, at };
}

/** @returns the mappings that a merge key brings in, the one that counts more first. */
function readMerge(reader: Reader, value: Tree, key: Scalar): readonly MappingTree[] {
  const sources = value.kind === "sequence" ? value.items : [value];
  const mappings = sources.filter((source) => source.kind === "mapping");
  if (mappings.length < sources.length) {
    reader.diagnostics.push(pillarMessage("yaml-merge-wrong", {}, reader.place(key.range?.[0] ?? 0)));
  }
  for (const mapping of mappings) count(reader, mapping.entries.size);
  return mappings;
}
