/** The inner modules of nunjucks that plinth uses: its runtime at start, its parser and compiler when an image is baked. */

declare module "nunjucks/src/runtime.js" {
  class Frame {
    topLevel: boolean;
    push(isolateWrites?: boolean): Frame;
  }
  class SafeString {
    constructor(text: string);
    toString(): string;
  }
  const runtime: { readonly Frame: typeof Frame; readonly SafeString: typeof SafeString };
  export default runtime;
}

declare module "nunjucks/src/nodes.js" {
  export type AstNode = {
    readonly typename: string;
    readonly fields: readonly string[];
    /** 0-based. */
    readonly lineno: number;
    readonly colno: number;
    // biome-ignore lint/suspicious/noExplicitAny: nunjucks' classes are not typed; each use here names the field it wants.
    [field: string]: any;
  };
  // biome-ignore lint/suspicious/noExplicitAny: see above.
  type Constructor = new (line: number, column: number, ...fields: any[]) => AstNode;
  const nodes: {
    readonly NodeList: Constructor;
    readonly Literal: Constructor;
    readonly Symbol: Constructor;
    readonly Filter: Constructor;
  };
  export default nodes;
}

declare module "nunjucks/src/lexer.js" {
  export type Token = {
    readonly type: string;
    readonly value: string;
    readonly lineno: number;
    readonly colno: number;
  };
  export type Tokenizer = { nextToken(): Token | null; readonly index: number };
  const lexer: { lex(source: string, options: object): Tokenizer };
  export default lexer;
}

declare module "nunjucks/src/parser.js" {
  import type { Tokenizer } from "nunjucks/src/lexer.js";
  import type { AstNode } from "nunjucks/src/nodes.js";

  class Parser {
    constructor(tokens: Tokenizer);
    parseAsRoot(): AstNode;
  }
  const parser: { readonly Parser: typeof Parser };
  export default parser;
}

declare module "nunjucks/src/compiler.js" {
  import type { AstNode } from "nunjucks/src/nodes.js";

  class Compiler {
    constructor(name: string, throwOnUndefined: boolean);
    compile(root: AstNode): void;
    getCode(): string;
  }
  const compiler: { readonly Compiler: typeof Compiler };
  export default compiler;
}
