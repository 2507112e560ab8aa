import type { AstNode } from "nunjucks/src/nodes.js";
import nodes from "nunjucks/src/nodes.js";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { type Constants, constantOf } from "./constant.ts";
import { renderMessage } from "./messages.ts";
import { changeChildren, childrenOf, parseTemplate, type Written, writtenAt } from "./parse.ts";

/**
 * The templates of one image while it is baked: parsed, with what is known at bake time already decided. Branches that
 * this image never takes are gone, and included templates stand where they were included, so that a start neither
 * looks for them nor runs them.
 */
export class Library {
  readonly diagnostics: Diagnostic[] = [];
  readonly sources: Record<string, string> = {};
  readonly #expanded = new Map<string, AstNode | undefined>();
  readonly #written = new WeakMap<AstNode, Written>();
  readonly #origin = new WeakMap<AstNode, string>();
  readonly #constants: Constants;
  readonly #load: (name: string) => string | undefined;

  constructor(constants: Constants, load: (name: string) => string | undefined) {
    this.#constants = constants;
    this.#load = load;
  }

  /** @returns the tree of a template with its includes in place, or undefined (the reason is in `diagnostics`). */
  template(name: string, wanted?: AstNode): AstNode | undefined {
    if (!this.#expanded.has(name)) this.#expanded.set(name, this.#read(name, [], wanted));
    return this.#expanded.get(name);
  }

  /** @returns the expression that an output node writes, as it was written; undefined for what is none (a call block). */
  written = (output: AstNode): Written | undefined => this.#written.get(output);

  /** @returns the name of the template that a node was written in. */
  origin = (node: AstNode): string => this.#origin.get(node) ?? "";

  /** @returns the place of a node, with its source line. */
  place(node: AstNode): Place {
    const file = this.origin(node);
    const source = (this.sources[file] ?? "").split("\n")[node.lineno];
    const place = { kind: "document", file, line: node.lineno + 1, column: node.colno + 1 } as const;
    return source === undefined ? place : { ...place, source };
  }

  constant = (node: AstNode): { readonly value: unknown } | undefined => constantOf(node, this.#constants);

  /** @returns the name in `{% include %}` or `{% import %}`, if it is known now. */
  nameOf(node: AstNode): string | undefined {
    const name = this.constant(node["template"]);
    if (typeof name?.value === "string") return name.value;
    this.diagnostics.push(renderMessage("template-include-computed", {}, this.place(node)));
    return undefined;
  }

  #read(name: string, within: readonly string[], wanted?: AstNode): AstNode | undefined {
    const place = wanted && this.place(wanted);
    if (within.includes(name)) {
      this.diagnostics.push(renderMessage("template-circular", { chain: [...within, name] }, place));
      return undefined;
    }
    const source = this.#load(name);
    if (source === undefined) {
      this.diagnostics.push(renderMessage("template-missing", { name }, place));
      return undefined;
    }
    this.sources[name] = source;
    const parsed = parseTemplate(source);
    if ("problem" in parsed) {
      const { problem, line, column } = parsed;
      this.diagnostics.push(
        renderMessage("template-syntax", { problem }, { kind: "document", file: name, line, column }),
      );
      return undefined;
    }
    this.#note(parsed.root, name, parsed.written);
    return this.#expand(parsed.root, [...within, name]);
  }

  #note(node: AstNode, name: string, written: ReadonlyMap<string, Written>): void {
    this.#origin.set(node, name);
    const expression = node.typename === "Output" ? written.get(writtenAt(node)) : undefined;
    if (expression) this.#written.set(node, expression);
    for (const child of childrenOf(node)) this.#note(child, name, written);
  }

  #expand(node: AstNode, within: readonly string[]): AstNode {
    const nothing = new nodes.NodeList(node.lineno, node.colno, []);
    if (node.typename === "If") {
      const known = this.constant(node["cond"]);
      if (known) return this.#expand((known.value ? node["body"] : node["else_"]) ?? nothing, within);
    }
    if (node.typename === "Include") {
      const name = this.nameOf(node);
      const root = name === undefined ? undefined : this.#read(name, within, node);
      return root ? new nodes.NodeList(root.lineno, root.colno, root["children"]) : nothing;
    }
    changeChildren(node, (child) => this.#expand(child, within));
    return node;
  }
}
