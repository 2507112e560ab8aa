import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Evaluation } from "./evaluate.ts";
import { type PartsJson, textsJson } from "./json.ts";
import {
  exportsOf,
  type Kind,
  type Kinds,
  type OwnParts,
  ownKeys,
  ownText,
  parametersOf,
  type Written,
} from "./kinds.ts";
import type { OwnKeys } from "./ownership.ts";
import type { Branch } from "./slot.ts";
import { cutStencil, fill, type Stencil } from "./stencil.ts";

/** Parts of a node as JSON. */
export type Printed = PartsJson & {
  /** Whether it was written as another node of its kind, but for what is its own. */
  readonly filled: boolean;
  readonly warnings: readonly Diagnostic[];
};

type Evaluate = (parameters: Branch, own: { readonly keys?: OwnKeys; readonly base?: number }) => Evaluation;

/**
 * Writes a node by the stencils of its kind; the first node of a kind cuts them.
 *
 * @param evaluate begins the evaluation of the node's parameters; mistakes that it finds are not told.
 * @param indent of the keys of a node.
 * @returns undefined where the node has mistakes, or is too large: it has to be looked at in full.
 */
export function printNode(
  kinds: Kinds,
  kind: Kind,
  own: OwnParts,
  evaluate: Evaluate,
  indent: string,
): Printed | undefined {
  const parameters = parametersOf(kind, own);
  const exports = exportsOf(kind, own);
  const key = indent + ownText(own);
  const known = kind.written.get(key);
  const keys = known ? undefined : ownKeys([...own.automatic, own.parameters]);
  const evaluation = evaluate(parameters, known ?? { keys: keys as OwnKeys });
  let written = known;
  if (keys) {
    written = cut(kind, own, { parameters, exports }, keys, evaluation, indent);
    if (written) kinds.keep(kind, key, written);
  }
  if (!written) return undefined;
  const first = fill(written.parameters, parameters, evaluation);
  const second = first && fill(written.exports, exports, evaluation);
  if (!second) return undefined;
  const { classes } = written;
  return { classes, parameters: first.text, exports: second.text, filled: !keys, warnings: evaluation.warnings };
}

function cut(
  kind: Kind,
  own: OwnParts,
  roots: { readonly parameters: Branch; readonly exports: Branch },
  keys: OwnKeys,
  evaluation: Evaluation,
  indent: string,
): Written | undefined {
  const one = (root: Branch, its: OwnKeys): Stencil | undefined => {
    const whole = evaluation.finished(root);
    return "faults" in whole ? undefined : cutStencil(root, its, evaluation, whole, indent);
  };
  const parameters = one(roots.parameters, keys);
  const exports = parameters && one(roots.exports, ownKeys([own.exports]));
  return exports && { parameters, exports, classes: textsJson(kind.common.names, indent), base: evaluation.id };
}
