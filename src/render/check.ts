import type { AstNode } from "nunjucks/src/nodes.js";
import { nearest } from "../diagnostics/nearest.ts";
import type { Field, SectionField } from "../schema/field.ts";
import type { Library } from "./library.ts";
import { renderMessage } from "./messages.ts";
import { childrenOf, isNode } from "./parse.ts";

/** What is known of a value without running the template. */
type Shape =
  | { readonly kind: "field"; readonly field: Field; readonly path: string }
  | { readonly kind: "record"; readonly path: string; readonly members: ReadonlyMap<string, Shape> }
  | Macro
  | { readonly kind: "unknown" };

type Macro = { readonly kind: "macro"; readonly node: AstNode; readonly scope: Scope };
type Scope = Map<string, Shape>;

const unknown: Shape = { kind: "unknown" };
const record = (path: string, names: readonly string[]): Shape => ({
  kind: "record",
  path,
  members: new Map(names.map((name) => [name, unknown])),
});

const understood = new Set(
  (
    "Root NodeList Output TemplateData If For Set Macro Import Literal Symbol Group Array LookupVal FunCall " +
    "InlineIf In Is And Or Not Compare CompareOperand"
  ).split(" "),
);

/** What a template's author may look for in vain, by nunjucks' node. */
const unsupported: Readonly<Record<string, string>> = {
  Filter: "filters",
  Add: "joining with + (write {{ a }}{{ b }})",
  Concat: "joining with ~ (write {{ a }}{{ b }})",
  Capture: "{% set %} with a body",
  KeywordArgs: "arguments by name",
  FromImport: '{% from %} (write {% import "file" as name %})',
  Extends: "{% extends %}",
  Block: "{% block %}",
};

/**
 * Holds every name in a template against what there is: look-ups in `settings` against the schema of the image's role,
 * flags of `has`, variables, macros, functions and tests. Follows settings through loops, `set` and macro arguments, so
 * that `{{ db.hots }}` inside of a macro is found at bake time, too. Findings go to `library.diagnostics`.
 */
export class Check {
  readonly #library: Library;
  readonly #globals: Scope;
  readonly #tests: readonly string[];
  readonly #modules = new Map<string, Shape>();
  readonly #macros: Macro[] = [];
  readonly #called = new Set<AstNode>();
  readonly #seen = new Set<string>();

  constructor(
    library: Library,
    known: {
      readonly schema: SectionField;
      readonly has: readonly string[];
      readonly image: readonly string[];
      readonly functions: readonly string[];
      readonly tests: readonly string[];
    },
  ) {
    this.#library = library;
    this.#tests = known.tests;
    this.#globals = new Map<string, Shape>([
      ["settings", { kind: "field", field: known.schema, path: "settings" }],
      ["has", record("has", known.has)],
      ["image", record("image", known.image)],
      ["release", unknown],
      ...known.functions.map((name) => [name, unknown] as const),
    ]);
  }

  /** Checks a template that is rendered by itself. */
  file(root: AstNode): void {
    this.#statement(root, new Map(this.#globals));
  }

  /** Checks the macros that nothing has called, as far as it goes without knowing their arguments. */
  rest(): void {
    for (const macro of this.#macros) if (!this.#called.has(macro.node)) this.#body(macro, []);
  }

  #statement(node: AstNode, scope: Scope): void {
    const statement = this.#statements[node.typename];
    if (statement) statement(node, scope);
    else if (understood.has(node.typename)) this.#each(childrenOf(node), scope);
    else this.#unsupported(node);
  }

  #each(statements: readonly AstNode[], scope: Scope): void {
    for (const statement of statements) this.#statement(statement, scope);
  }

  readonly #statements: Readonly<Record<string, (node: AstNode, scope: Scope) => void>> = {
    Output: (node, scope) => {
      const expressions = childrenOf(node).filter((child) => child.typename !== "TemplateData");
      if (expressions.length > 0 && !this.#library.written(node)) this.#unsupported(node, "{% call %}");
      for (const expression of expressions) this.#shape(expression, scope);
    },
    If: (node, scope) => {
      this.#shape(node["cond"], scope);
      this.#each([node["body"], node["else_"]].filter(isNode), scope);
    },
    For: (node, scope) => this.#loop(node, scope),
    Set: (node, scope) => {
      if (node["body"]) this.#unsupported(node["body"]);
      const shape = node["value"] ? this.#shape(node["value"], scope) : unknown;
      for (const target of node["targets"] as AstNode[]) scope.set(target["value"], shape);
    },
    Macro: (node, scope) => {
      const macro = { kind: "macro", node, scope } as const;
      this.#macros.push(macro);
      scope.set(node["name"]["value"], macro);
    },
    Import: (node, scope) => this.#import(node, scope),
  };

  #loop(node: AstNode, scope: Scope): void {
    const over = this.#shape(node["arr"], scope);
    const inner: Scope = new Map(scope).set("loop", record("loop", ["index", "index0", "first", "last", "length"]));
    const field = over.kind === "field" ? over.field : undefined;
    const name: AstNode = node["name"];
    if (name.typename === "Array") {
      const [key, value] = name["children"] as AstNode[];
      if (key) inner.set(key["value"], unknown);
      if (value) inner.set(value["value"], this.#member(field, over));
    } else {
      inner.set(name["value"], this.#member(field, over));
    }
    this.#statement(node["body"], inner);
    if (node["else_"]) this.#statement(node["else_"], scope);
  }

  /** What a loop over a value gives. */
  #member(field: Field | undefined, over: Shape): Shape {
    const path = over.kind === "field" ? `${over.path}.*` : "";
    if (field?.kind === "list") return { kind: "field", field: field.item, path };
    if (field?.kind === "map") return { kind: "field", field: field.value, path };
    return unknown;
  }

  #import(node: AstNode, scope: Scope): void {
    if (node["withContext"]) this.#unsupported(node, "{% import %} with context (hand things over as arguments)");
    const name = this.#library.nameOf(node);
    if (name === undefined) return;
    if (!this.#modules.has(name)) {
      const root = this.#library.template(name, node);
      const own: Scope = new Map(this.#globals);
      if (root) this.#statement(root, own);
      const macros = new Map([...own].filter(([, shape]) => shape.kind === "macro"));
      this.#modules.set(name, root ? { kind: "record", path: name, members: macros } : unknown);
    }
    scope.set(node["target"]["value"], this.#modules.get(name) ?? unknown);
  }

  /** @returns what is known of an expression's value, with every name in it checked. */
  #shape(node: AstNode, scope: Scope): Shape {
    if (!understood.has(node.typename)) {
      this.#unsupported(node);
      return unknown;
    }
    switch (node.typename) {
      case "Symbol": {
        const name: string = node["value"];
        const shape = scope.get(name);
        if (!shape) this.#missing(node, "name", name, "", [...scope.keys()]);
        return shape ?? unknown;
      }
      case "LookupVal":
        return this.#lookup(node, this.#shape(node["target"], scope), scope);
      case "FunCall":
        return this.#call(node, scope);
      case "Is": {
        const name = String(node["right"]["value"]);
        if (!this.#tests.includes(name)) this.#missing(node, "test", name, "", this.#tests);
        this.#shape(node["left"], scope);
        return unknown;
      }
      case "InlineIf": {
        const known = this.#library.constant(node["cond"]);
        this.#shape(node["cond"], scope);
        if (!known || known.value) this.#shape(node["body"], scope);
        if (node["else_"] && !known?.value) this.#shape(node["else_"], scope);
        return unknown;
      }
      case "Group":
        return node["children"].length === 1 ? this.#shape(node["children"][0], scope) : unknown;
      default:
        for (const child of childrenOf(node)) this.#shape(child, scope);
        return unknown;
    }
  }

  #lookup(node: AstNode, target: Shape, scope: Scope): Shape {
    const key: AstNode = node["val"];
    if (key.typename !== "Literal") {
      this.#shape(key, scope);
      return unknown;
    }
    const name = String(key["value"]);
    if (target.kind === "record") {
      const member = target.members.get(name);
      if (!member) this.#missing(node, "name", name, target.path, [...target.members.keys()]);
      return member ?? unknown;
    }
    if (target.kind !== "field") return unknown;
    const { field, path } = target;
    if (field.kind === "map") return { kind: "field", field: field.value, path: `${path}.${name}` };
    if (field.kind === "list") {
      if (name === "length") return unknown;
      if (/^\d+$/.test(name)) return { kind: "field", field: field.item, path: `${path}.${name}` };
    }
    const member = field.kind === "section" ? field.fields[name] : undefined;
    if (member) return { kind: "field", field: member, path: `${path}.${name}` };
    this.#missing(node, "setting", name, path, field.kind === "section" ? Object.keys(field.fields) : []);
    return unknown;
  }

  #call(node: AstNode, scope: Scope): Shape {
    const callee = this.#shape(node["name"], scope);
    const given = (node["args"]["children"] as AstNode[]).map((argument) => this.#shape(argument, scope));
    if (callee.kind !== "macro") return unknown;
    this.#called.add(callee.node);
    // The same macro with arguments of the same shape says nothing new; this also ends recursion.
    const kinds = given.map((shape) => (shape.kind === "field" ? shape.path : shape.kind));
    const key = [this.#library.origin(callee.node), callee.node.lineno, ...kinds].join("\n");
    if (!this.#seen.has(key)) {
      this.#seen.add(key);
      this.#body(callee, given);
    }
    return unknown;
  }

  #body({ node, scope }: Macro, given: readonly Shape[]): void {
    const names = (node["args"]["children"] as AstNode[]).map((argument) => argument["value"] as string);
    this.#statement(
      node["body"],
      new Map([...scope, ...names.map((name, at) => [name, given[at] ?? unknown] as const)]),
    );
  }

  #missing(node: AstNode, kind: string, name: string, of: string, known: readonly string[]): void {
    const near = nearest(name, known);
    const place = this.#library.place(node);
    this.#library.diagnostics.push(renderMessage("template-name-unknown", { kind, name, of, near, known }, place));
  }

  #unsupported(node: AstNode, tag = unsupported[node.typename] ?? `{% ${node.typename} %}`): void {
    this.#library.diagnostics.push(renderMessage("template-tag-unsupported", { tag }, this.#library.place(node)));
  }
}
