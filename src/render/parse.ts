import lexer, { type Token, type Tokenizer } from "nunjucks/src/lexer.js";
import type { AstNode } from "nunjucks/src/nodes.js";
import parser from "nunjucks/src/parser.js";
import type { Position } from "./value.ts";

/** An expression of a template as it was written. */
export type Written = { readonly expression: string; readonly position: Position };

export type Parsed = {
  readonly root: AstNode;
  /** The expression that begins at a line and column (0-based, as nunjucks counts): see `writtenAt`. */
  readonly written: ReadonlyMap<string, Written>;
};

export type SyntaxProblem = { readonly problem: string; readonly line: number; readonly column: number };

export const isNode = (value: unknown): value is AstNode =>
  typeof value === "object" && value !== null && "typename" in value;

/** @returns the nodes directly below a node, in the order of the text. */
export const childrenOf = (node: AstNode): readonly AstNode[] =>
  node.fields.flatMap((field) => [node[field]].flat()).filter(isNode);

/** Puts `change` of each child in that child's place. */
export function changeChildren(node: AstNode, change: (child: AstNode) => AstNode): void {
  for (const field of node.fields) {
    const value: unknown = node[field];
    if (Array.isArray(value)) node[field] = value.map((child: unknown) => (isNode(child) ? change(child) : child));
    else if (isNode(value)) node[field] = change(value);
  }
}

export const writtenAt = (node: { readonly lineno: number; readonly colno: number }): string =>
  `${node.lineno}:${node.colno}`;

/** Whether an expression is all of an option's value, part of it, a section's name, or alone on its line. */
function positionOf(source: string, start: number, end: number): Position {
  const before = source.slice(source.lastIndexOf("\n", start - 1) + 1, start);
  const newline = source.indexOf("\n", end);
  const after = source.slice(end, newline < 0 ? source.length : newline);
  if (before.trim() === "[" && after.trim() === "]") return "section";
  if (after.trim() !== "") return "part";
  if (before.trim() === "") return "lines";
  return /^\s*[\w.-]+\s*=\s*$/.test(before) ? "whole" : "part";
}

/** Parses a template. The places of expressions are noted while nunjucks' parser pulls the tokens. */
export function parseTemplate(source: string): Parsed | SyntaxProblem {
  const tokens = lexer.lex(source, { trimBlocks: true, lstripBlocks: true });
  const written = new Map<string, Written>();
  let open: { readonly token: Token; readonly start: number; readonly code: number } | undefined;
  const watched: Tokenizer = Object.create(tokens, {
    nextToken: {
      value: (): Token | null => {
        const start = tokens.index;
        const token = tokens.nextToken();
        if (token?.type === "variable-start") open = { token, start, code: tokens.index };
        if (token?.type === "variable-end" && open) {
          const expression = source.slice(open.code, tokens.index - token.value.length).trim();
          written.set(writtenAt(open.token), { expression, position: positionOf(source, open.start, tokens.index) });
        }
        return token;
      },
    },
  });
  try {
    return { root: new parser.Parser(watched).parseAsRoot(), written };
  } catch (error) {
    // What is missing at the end of the file comes without a place.
    const end = source.trimEnd().split("\n").length;
    const { message, lineno = end, colno = 1 } = error as Error & { lineno?: number; colno?: number };
    return { problem: message, line: lineno, column: colno };
  }
}
