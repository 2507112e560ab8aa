import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { placeText } from "../../diagnostics/frame.ts";
import type { Context } from "../verb.ts";

type Finding = { readonly diagnostic: Diagnostic; readonly nodes: string[]; count: number; last: string };

/** Nodes that a message names before it only counts them. */
const named = 3;

const keyOf = ({ code, what, place }: Diagnostic): string => JSON.stringify([code, what, place && placeText(place).at]);

/**
 * What is wrong with many nodes: a mistake in a class that they share is one mistake. Only what differs is kept, so a large
 * model with one mistake in its base class takes no more room than a small one.
 */
export class Findings {
  readonly #found = new Map<string, Finding>();

  add(node: string, diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) {
      const key = keyOf(diagnostic);
      const finding = this.#found.get(key) ?? { diagnostic, nodes: [], count: 0, last: "" };
      this.#found.set(key, finding);
      // Nodes come one after the other.
      if (finding.count > 0 && finding.last === node) continue;
      finding.last = node;
      finding.count++;
      if (finding.nodes.length < named) finding.nodes.push(node);
    }
  }

  /** Logs each once, with the nodes that have it. @returns the exit status they give. */
  report(context: Context): number {
    return context.report([...this.#found.values()].map(said));
  }
}

function said({ diagnostic, nodes, count }: Finding): Diagnostic {
  const { what, through } = diagnostic;
  if (count === 1) return { ...diagnostic, through: through ?? (nodes[0] as string) };
  const names = `${nodes.join(", ")}${count > nodes.length ? ", ..." : ""}`;
  return { ...diagnostic, what: `${what} (in ${count} nodes: ${names})` };
}
