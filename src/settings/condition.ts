import type { Condition } from "../openstack/component.ts";
import { type Json, valueAt } from "../schema/json.ts";

/** @returns whether a row's condition holds: always where it has none. */
export function holds(where: Condition | undefined, values: { readonly [key: string]: Json }): boolean {
  if (where === undefined) return true;
  const value = valueAt(values, where.setting);
  const is = where.is === undefined ? value !== undefined && value !== null : value === where.is;
  return where.not ? !is : is;
}
