import compiler from "nunjucks/src/compiler.js";
import type { AstNode } from "nunjucks/src/nodes.js";
import nodes from "nunjucks/src/nodes.js";
import type { BakedImage } from "../baked/baked.ts";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { SectionField } from "../schema/field.ts";
import { Check } from "./check.ts";
import { tests } from "./engine.ts";
import { functions } from "./functions.ts";
import { Library } from "./library.ts";
import { changeChildren, childrenOf } from "./parse.ts";
import { writeSite } from "./site.ts";

/** What a template needs to be compiled for one image. */
export type Sources = {
  /** The files of all services of the image. */
  readonly files: readonly { readonly template: string }[];
  readonly schema: SectionField;
  readonly image: BakedImage["image"];
  readonly has: BakedImage["has"];
  /** @returns the text of a template by its path below config-templates/. */
  readonly load: (name: string) => string | undefined;
};

export type Compiled = {
  /** Name to JavaScript source, for engine.ts: each file's template and each imported one. */
  readonly templates: Readonly<Record<string, string>>;
  /** Every template that went in, as it was written. */
  readonly sources: Readonly<Record<string, string>>;
};

/**
 * Compiles the templates of an image's files when the image is baked, and finds all that can be found wrong then.
 * nunjucks' compiler is used nowhere else: a start has its runtime only.
 */
export function compileTemplates({ files, schema, image, has, load }: Sources): Result<Compiled> {
  const library = new Library({ has, image, release: image.release }, load);
  const check = new Check(library, {
    schema,
    has: Object.keys(has),
    image: Object.keys(image),
    functions: Object.keys(functions),
    tests: Object.keys(tests),
  });
  const names = [...new Set(files.map(({ template }) => template))];
  for (const name of names) {
    const root = library.template(name);
    if (root) check.file(root);
  }
  check.rest();
  if (library.diagnostics.length > 0) return failure(library.diagnostics);

  const templates: Record<string, string> = {};
  const compile = (name: string): void => {
    const root = library.template(name) as AstNode;
    if (Object.hasOwn(templates, name)) return;
    templates[name] = "";
    for (const imported of imports(root, library)) compile(imported);
    watch(root, library);
    const code = new compiler.Compiler(name, false);
    code.compile(root);
    templates[name] = code.getCode();
  };
  for (const name of names) compile(name);
  return success({ templates, sources: library.sources });
}

const imports = (node: AstNode, library: Library): readonly string[] =>
  node.typename === "Import"
    ? [library.nameOf(node)].filter((name) => name !== undefined)
    : childrenOf(node).flatMap((child) => imports(child, library));

/** Puts render.ts' filters around what a template writes (`write`) and what it decides by (`peek`). */
function watch(node: AstNode, library: Library): void {
  for (const child of childrenOf(node)) watch(child, library);
  const literal = (value: unknown): AstNode => new nodes.Literal(node.lineno, node.colno, value);
  const filter = (name: string, ...values: AstNode[]): AstNode =>
    new nodes.Filter(
      node.lineno,
      node.colno,
      new nodes.Symbol(node.lineno, node.colno, name),
      new nodes.NodeList(node.lineno, node.colno, values),
    );
  const begin = (): AstNode => filter("begin", literal(0));
  const written = node.typename === "Output" ? library.written(node) : undefined;
  if (written) {
    const { expression, position } = written;
    const template = library.origin(node);
    const site = writeSite({ template, line: node.lineno + 1, column: node.colno + 1, expression });
    changeChildren(node, (child) => filter("write", begin(), child, literal(position), literal(site)));
  }
  if (node.typename === "If") node["cond"] = filter("peek", begin(), node["cond"]);
}
