import { Float, type Scalar, Stamp } from "./scalar.ts";
import type { Value } from "./value.ts";

/** Python's equality of values, as inventory queries compare them: 1, 1.0 and True are the same. */
export function same(one: Value, other: Value): boolean {
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

const plain = (value: Scalar): unknown => {
  if (value instanceof Float) return value.value;
  if (value instanceof Stamp) return value;
  return typeof value === "boolean" || typeof value === "bigint" ? Number(value) : value;
};

function sameScalar(one: Scalar, other: Scalar): boolean {
  const [left, right] = [plain(one), plain(other)];
  return left instanceof Stamp && right instanceof Stamp ? left.text === right.text : left === right;
}

/** @returns a text that equal scalars share; undefined for what equals nothing, not even itself. */
export function scalarKey(value: Scalar): string | undefined {
  const found = plain(value);
  if (typeof found === "string") return `"${found}`;
  if (found instanceof Stamp) return `@${found.text}`;
  // -0 and 0 have the same text, as they should.
  return Number.isNaN(found) ? undefined : String(found);
}
