import type { Directive, WrittenTag } from "./yaml-words.ts";

/** Kinds of tokens. A node of several parts has one each: anchor, tag, and what it is. */
export const TOKEN = {
  /** A place where a key was possible, and none came. */
  nothing: 0,
  key: 1,
  /** A key that begins its mapping. */
  firstKey: 2,
  value: 3,
  plain: 4,
  quoted: 5,
  block: 6,
  item: 7,
  comma: 8,
  anchor: 9,
  alias: 10,
  tag: 11,
  sequence: 12,
  mapping: 13,
  /** Ends a mapping or list that indentation holds together. */
  blockEnd: 14,
  openSequence: 15,
  closeSequence: 16,
  openMapping: 17,
  closeMapping: 18,
  documentStart: 19,
  documentEnd: 20,
  directive: 21,
  streamEnd: 22,
} as const;

/** Tokens of a text, each by its place in all four lists. */
export type Tokens = {
  readonly kinds: number[];
  readonly starts: number[];
  readonly ends: number[];
  /** A scalar's text, an anchor's name, a tag, a directive. */
  readonly contents: (string | WrittenTag | Directive | undefined)[];
};
