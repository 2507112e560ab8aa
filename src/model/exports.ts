import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { AskNodes, Evaluation } from "./evaluate.ts";
import { Fault } from "./fault.ts";
import { modelMessage } from "./messages.ts";
import { placeOf } from "./place.ts";
import type { Query, Test } from "./query.ts";
import { Float, type Scalar, Stamp } from "./scalar.ts";
import type { ModelSettings } from "./settings.ts";
import { type Branch, type BranchEntry, childOf, type Slot } from "./slot.ts";
import type { At, Value } from "./value.ts";

/** What a node exports, before anybody asked for it; or why it cannot be known. */
export type Exported =
  | { readonly exports: Branch; readonly evaluation: Evaluation }
  | { readonly failed: readonly Diagnostic[] };

type Nodes = {
  readonly nodes: readonly string[];
  /** Of the node that asks. */
  readonly environment: string;
  /** Undefined for a node that is passed over. */
  readonly environmentOf: (node: string) => string | undefined | Fault;
  readonly exportsOf: (node: string) => Exported;
  readonly settings: ModelSettings;
};

/** Python's equality: 1, 1.0 and True are the same. */
function sameScalar(one: Scalar, other: Scalar): boolean {
  const plain = (value: Scalar): unknown => {
    if (value instanceof Float) return value.value;
    if (value instanceof Stamp) return value;
    return typeof value === "boolean" || typeof value === "bigint" ? Number(value) : value;
  };
  const [left, right] = [plain(one), plain(other)];
  return left instanceof Stamp && right instanceof Stamp ? left.text === right.text : left === right;
}

function same(one: Value, other: Value): boolean {
  if (one.kind === "scalar" && other.kind === "scalar") return sameScalar(one.value, other.value);
  if (one.kind === "sequence" && other.kind === "sequence") {
    return (
      one.items.length === other.items.length &&
      one.items.every((item, index) => same(item, other.items[index] as Value))
    );
  }
  if (one.kind !== "mapping" || other.kind !== "mapping" || one.entries.size !== other.entries.size) return false;
  return [...one.entries].every(([key, { value }]) => {
    const found = other.entries.get(key);
    return found !== undefined && same(value, found.value);
  });
}

/** A finished value as a slot, so that an answer can be merged and referred to like anything else. */
function slotOf(value: Value): Slot {
  if (value.kind === "scalar") return value;
  if (value.kind === "sequence") return { kind: "list", items: value.items.map(slotOf), at: value.at };
  const entries = [...value.entries].map(([key, { keyAt, value: child }]): [string, BranchEntry] => [
    key,
    { keyAt, value: slotOf(child) },
  ]);
  return { kind: "branch", entries: new Map(entries), at: value.at };
}

/** Looks at one export of a node. @returns undefined where the node has none of this path. */
function exportAt(
  { exports, evaluation }: Extract<Exported, { exports: Branch }>,
  path: readonly string[],
  ignoreErrors: boolean,
): Value | undefined | Fault {
  let slot: Slot = exports;
  for (const key of path) {
    const solid = evaluation.solid(slot);
    if (solid instanceof Fault) return ignoreErrors ? undefined : solid;
    const next = childOf(solid, key);
    if (next === undefined) return undefined;
    slot = next;
  }
  const faults = new Set<Fault>();
  const value = evaluation.finish(slot, faults);
  if (value) return value;
  if (!ignoreErrors) return [...faults][0] as Fault;
  return evaluation.finishWhatCan(slot);
}

function passes(test: Test, exported: Value | undefined, other: Value): boolean {
  if (exported === undefined) return false;
  return same(exported, other) === test.equal;
}

/** Makes what answers a node's inventory queries. */
export function answerQuery({ nodes, environment, environmentOf, exportsOf, settings }: Nodes): AskNodes {
  const answer = (query: Query, at: At, others: readonly Value[]): Slot | Fault => {
    const ignoreErrors = query.ignoreErrors || settings.ignoreFailedExports;
    const failed = (node: string, { what }: Diagnostic): Fault =>
      new Fault(modelMessage("query-failed", { text: query.text, node, reason: what }, placeOf(at)));
    const found = new Map<string, BranchEntry>();
    const names: Slot[] = [];
    for (const node of nodes) {
      const its = environmentOf(node);
      if (its instanceof Fault) return failed(node, its.diagnostic);
      if (its === undefined || (!query.allEnvironments && its !== environment)) continue;
      const exported = exportsOf(node);
      if ("failed" in exported) return failed(node, exported.failed[0] as Diagnostic);
      const look = (path: readonly string[]): Value | undefined | Fault => exportAt(exported, path, ignoreErrors);
      let passed = true;
      for (const [index, test] of query.tests.entries()) {
        const value = look(test.exported);
        if (value instanceof Fault) return failed(node, value.diagnostic);
        const here = passes(test, value, others[index] as Value);
        passed = index === 0 ? here : test.logical === "and" ? passed && here : passed || here;
      }
      if (query.value === undefined) {
        if (passed) names.push({ kind: "scalar", value: node, at });
        continue;
      }
      const value = look(query.value);
      if (value instanceof Fault) return failed(node, value.diagnostic);
      if (passed && value !== undefined) found.set(node, { keyAt: at, value: slotOf(value) });
    }
    return query.value === undefined ? { kind: "list", items: names, at } : { kind: "branch", entries: found, at };
  };
  return (query, at, parameter) => {
    const others: Value[] = [];
    for (const { other } of query.tests) {
      const value: Value | Fault =
        "value" in other ? { kind: "scalar", value: other.value, at } : parameter(other.parameter);
      if (value instanceof Fault) return value;
      others.push(value);
    }
    return answer(query, at, others);
  };
}
