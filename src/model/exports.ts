import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { placeText } from "../diagnostics/frame.ts";
import { both, Column, either, type Rows, without } from "./column.ts";
import { scalarKey } from "./equality.ts";
import type { AskNodes, Evaluation } from "./evaluate.ts";
import { Fault } from "./fault.ts";
import { modelMessage } from "./messages.ts";
import { placeOf } from "./place.ts";
import type { Query } from "./query.ts";
import type { ModelSettings } from "./settings.ts";
import { type Branch, type BranchEntry, childOf, type Listing, type Slot } from "./slot.ts";
import type { At, Value } from "./value.ts";

/**
 * What a node exports: all of it, resolved; or, where some of it cannot be, what is looked at when somebody asks for it; or
 * why nothing of it can be known.
 */
export type Exported =
  | { readonly value: Value }
  | { readonly exports: Branch; readonly evaluation: Evaluation }
  | { readonly failed: readonly Diagnostic[] };

type Nodes = {
  /** Sorted. */
  readonly nodes: readonly string[];
  /** Undefined for a node that is passed over. */
  readonly environmentOf: (node: string) => string | undefined | Fault;
  /** Asked once for each node. */
  readonly exportsOf: (node: string) => Exported;
  readonly settings: ModelSettings;
};

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

/** @returns what an export holds at a path; undefined where it has nothing there. */
function valueAt(whole: Value, path: readonly string[]): Value | undefined {
  let value: Value | undefined = whole;
  for (const key of path) value = value?.kind === "mapping" ? value.entries.get(key)?.value : undefined;
  return value;
}

/** @returns whether keys are texts, down to the last: a path leads to no other key, whatever JSON calls it. */
export function hasPlainKeys(value: Value): boolean {
  if (value.kind === "scalar") return true;
  if (value.kind === "sequence") return value.items.every(hasPlainKeys);
  for (const entry of value.entries.values()) if (entry.key !== undefined || !hasPlainKeys(entry.value)) return false;
  return true;
}

function slotAt(
  { exports, evaluation }: { readonly exports: Branch; readonly evaluation: Evaluation },
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

/** The nodes of one environment, or all; what stands at a path of their exports is looked up once, whoever asks. */
type Scope = {
  readonly names: readonly string[];
  readonly exported: readonly Exported[];
  /** Why the nodes behind the last are not known; a query that gets as far fails. */
  readonly broken: { readonly node: string; readonly diagnostic: Diagnostic } | undefined;
  readonly columns: Map<string, Column>;
};

/** Entries of all answers that are kept. */
const answerLimit = 200_000;

/** Answers inventory queries. What each node exports is resolved once, and found by its value. */
export class Answers {
  readonly #nodes: Nodes;
  readonly #scopes = new Map<string | undefined, Scope>();
  /** By query, environment and what it compares with. */
  #answers = new WeakMap<Query, Map<string, Branch | Listing | Fault>>();
  #kept = 0;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
  }

  /** @returns what answers the queries of a node in this environment. */
  of(environment: string): AskNodes {
    return (query, at, parameter) => {
      const others: Value[] = [];
      for (const { other } of query.tests) {
        const value: Value | Fault =
          "value" in other ? { kind: "scalar", value: other.value, at } : parameter(other.parameter);
        if (value instanceof Fault) return value;
        others.push(value);
      }
      const scope = query.allEnvironments ? undefined : environment;
      const keys = others.map((other) => (other.kind === "scalar" ? (scalarKey(other.value) ?? "NaN") : undefined));
      if (keys.includes(undefined)) return this.#answer(query, at, others, scope);
      const key = JSON.stringify([scope, keys]);
      let answers = this.#answers.get(query);
      const known = answers?.get(key);
      if (known) return known;
      const answer = this.#answer(query, at, others, scope);
      this.#kept += answer instanceof Fault ? 1 : answer.kind === "list" ? answer.items.length : answer.entries.size;
      if (this.#kept > answerLimit) {
        this.#kept = 0;
        this.#answers = new WeakMap();
        answers = undefined;
      }
      if (!answers) {
        answers = new Map();
        this.#answers.set(query, answers);
      }
      answers.set(key, answer);
      return answer;
    };
  }

  #scope(environment: string | undefined): Scope {
    const known = this.#scopes.get(environment);
    if (known) return known;
    const { nodes, environmentOf, exportsOf } = this.#nodes;
    const names: string[] = [];
    const exported: Exported[] = [];
    let broken: Scope["broken"];
    for (const node of nodes) {
      const its = environmentOf(node);
      if (its instanceof Fault) broken = { node, diagnostic: its.diagnostic };
      else {
        if (its === undefined || (environment !== undefined && its !== environment)) continue;
        const found = exportsOf(node);
        if ("failed" in found) broken = { node, diagnostic: found.failed[0] as Diagnostic };
        else {
          names.push(node);
          exported.push(found);
        }
      }
      if (broken) break;
    }
    const scope = { names, exported, broken, columns: new Map() };
    this.#scopes.set(environment, scope);
    return scope;
  }

  #column(scope: Scope, path: readonly string[], ignoreErrors: boolean): Column {
    const key = JSON.stringify([ignoreErrors, path]);
    const known = scope.columns.get(key);
    if (known) return known;
    const column = new Column(
      scope.exported.map((exported) => {
        if ("failed" in exported) return undefined;
        return "value" in exported ? valueAt(exported.value, path) : slotAt(exported, path, ignoreErrors);
      }),
    );
    scope.columns.set(key, column);
    return column;
  }

  #answer(query: Query, at: At, others: readonly Value[], environment: string | undefined): Branch | Listing | Fault {
    const ignoreErrors = query.ignoreErrors || this.#nodes.settings.ignoreFailedExports;
    const scope = this.#scope(environment);
    const failed = ({ node, diagnostic }: NonNullable<Scope["broken"]>): Fault =>
      new Fault(
        modelMessage(
          "query-failed",
          {
            text: query.text,
            node,
            reason: diagnostic.what,
            where: diagnostic.place && placeText(diagnostic.place).at,
          },
          placeOf(at),
        ),
      );
    const column = (path: readonly string[]): Column => this.#column(scope, path, ignoreErrors);
    const tests = query.tests.map((test) => column(test.exported));
    const asked = query.value && column(query.value);
    let first: Column["fault"];
    for (const { fault } of [...tests, ...(asked ? [asked] : [])])
      if (fault && !(first && first.row <= fault.row)) first = fault;
    if (first) return failed({ node: scope.names[first.row] as string, diagnostic: first.fault.diagnostic });
    if (scope.broken) return failed(scope.broken);

    let passed: Rows | undefined;
    for (const [index, { equal, logical }] of query.tests.entries()) {
      const { filled } = tests[index] as Column;
      const same = (tests[index] as Column).equal(others[index] as Value);
      const here = equal ? same : without(filled, same);
      passed = passed === undefined ? here : logical === "and" ? both(passed, here) : either(passed, here);
    }
    const rows = passed ?? [...scope.names.keys()];
    const nameOf = (row: number): string => scope.names[row] as string;
    if (!asked) {
      const items = rows.map((row): Slot => ({ kind: "scalar", value: nameOf(row), at }));
      return { kind: "list", items, settled: true, at };
    }
    const entries = new Map<string, BranchEntry>();
    for (const row of rows) {
      const value = asked.values[row];
      if (value !== undefined) entries.set(nameOf(row), { keyAt: at, value: slotOf(value) });
    }
    return { kind: "branch", entries, settled: true, at };
  }
}
