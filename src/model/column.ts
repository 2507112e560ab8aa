import { same, scalarKey } from "./equality.ts";
import { Fault } from "./fault.ts";
import type { Value } from "./value.ts";

/** Indexes of nodes, ascending. */
export type Rows = readonly number[];

/** What the nodes hold at one path of their exports, by value. */
export class Column {
  /** Of each node; undefined where it has nothing there. */
  readonly values: readonly (Value | undefined)[];
  /** The first node whose value cannot be known. */
  readonly fault: { readonly row: number; readonly fault: Fault } | undefined;
  /** Nodes that have anything there. */
  readonly filled: Rows;
  readonly #byKey = new Map<string, number[]>();
  readonly #containers: number[] = [];

  constructor(found: readonly (Value | undefined | Fault)[]) {
    const values: (Value | undefined)[] = [];
    const filled: number[] = [];
    let fault: Column["fault"];
    for (const [row, value] of found.entries()) {
      if (value instanceof Fault) {
        fault ??= { row, fault: value };
        values.push(undefined);
        continue;
      }
      values.push(value);
      if (value === undefined) continue;
      filled.push(row);
      this.#add(row, value);
    }
    this.values = values;
    this.filled = filled;
    this.fault = fault;
  }

  #add(row: number, value: Value): void {
    if (value.kind !== "scalar") {
      this.#containers.push(row);
      return;
    }
    const key = scalarKey(value.value);
    if (key === undefined) return;
    const rows = this.#byKey.get(key);
    if (rows) rows.push(row);
    else this.#byKey.set(key, [row]);
  }

  /** @returns the nodes whose value is the same as another. */
  equal(other: Value): Rows {
    if (other.kind !== "scalar") return this.#containers.filter((row) => same(this.values[row] as Value, other));
    const key = scalarKey(other.value);
    return (key === undefined ? undefined : this.#byKey.get(key)) ?? [];
  }
}

/** @returns what is in both. */
export function both(one: Rows, other: Rows): Rows {
  if (one.length > other.length) return both(other, one);
  if (one.length * 50 < other.length) return one.filter(isIn(other));
  const known = new Set(one);
  return other.filter((row) => known.has(row));
}

/** @returns what is in one of them, or in both. */
export const either = (one: Rows, other: Rows): Rows =>
  [...new Set([...one, ...other])].sort((left, right) => left - right);

/** @returns what is in one of them and not in the other. */
export function without(one: Rows, other: Rows): Rows {
  const known = new Set(other);
  return one.filter((row) => !known.has(row));
}

const isIn =
  (rows: Rows) =>
  (row: number): boolean => {
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle] as number) < row) low = middle + 1;
      else high = middle;
    }
    return rows[low] === row;
  };
