import type { Wanted } from "../schema/wanted.ts";
import type { OptionRecord, ValueType } from "./list.ts";
import { hostDomain, hostName, ipAddress, uri } from "./patterns.ts";

/** How an option's value is written: one value, a list with commas, a line for each value, or names with values. */
export type Shape = "one" | "list" | "lines" | "names";

type Kind = { readonly shape: Shape; readonly wanted: Wanted };

const text: Wanted = { kind: "string", empty: true };
const like = (expression: string, words: string): Wanted => ({ kind: "string", pattern: [expression, words] });

/** By oslo.config's types, as the lists call them. Every other one is a text to plinth. */
const scalars: Readonly<Record<string, Wanted>> = {
  Bool: { kind: "boolean" },
  Int: { kind: "integer" },
  Port: { kind: "integer", minimum: 0, maximum: 65535 },
  Float: { kind: "number" },
  IP: like(ipAddress, "an IP address"),
  HostAddress: like(`${ipAddress}|${hostName}`, "a host name or an IP address"),
  Hostname: like(hostName, "a host name"),
  HostDomain: like(`${ipAddress}|${hostDomain}`, "a host name or an IP address"),
  URI: like(uri, "a URI, such as http://host:port/path"),
};

/** Of types with several values. */
const shapes: Readonly<Record<string, Shape>> = { List: "list", MultiStr: "lines", Dict: "names" };

const escaped = (literal: string): string => literal.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** A regular expression for a text in any case. */
const anyCase = (literal: string): string =>
  [...literal]
    .map((one) => (/[a-z]/i.test(one) ? `[${one.toLowerCase()}${one.toUpperCase()}]` : escaped(one)))
    .join("");

/** The choices that a file can hold: none, in Python, has no text. */
const choicesOf = ({ choices = [] }: ValueType): readonly string[] =>
  choices.filter((choice) => choice !== null).map(String);

/** @returns what is wanted, within the limits of a type. */
function limited(wanted: Wanted, of: ValueType): Wanted {
  if (wanted.kind !== "string") {
    const minimum = of.min ?? wanted.minimum;
    const maximum = of.max ?? wanted.maximum;
    return { ...wanted, ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) };
  }
  const { empty: _, ...filled } = wanted;
  const choices = choicesOf(of);
  if (choices.length > 0) {
    const some = choices.filter((choice) => choice !== "");
    const base = some.length < choices.length ? wanted : filled;
    return of.ignore_case
      ? { ...base, pattern: [some.map(anyCase).join("|"), `one of ${some.join(", ")}`] }
      : { ...base, choices: some };
  }
  const longest = of.max_length === undefined ? "" : `(?=.{0,${of.max_length}}$)`;
  if (of.regex !== undefined) {
    const base = new RegExp(of.regex, "u").test("") ? wanted : filled;
    return { ...base, pattern: [`${longest}.*(?:${of.regex}).*`, `a text that fits the expression ${of.regex}`] };
  }
  return longest === ""
    ? wanted
    : { ...wanted, pattern: [`${longest}.*`, `a text of ${of.max_length} characters at most`] };
}

/** What an option's value must be: of one item, where it has several. */
export function kindOf(record: OptionRecord): Kind {
  const shape = shapes[record.type] ?? "one";
  // A list of kilo and liberty may have choices of its items.
  const of: ValueType = shape === "one" ? record : (record.item ?? { ...record, type: "Str" });
  const wanted = limited(scalars[of.type] ?? text, of);
  return { shape, wanted: record.secret ? { ...wanted, secret: true } : wanted };
}

/** @returns an option's type in words: `Int, 1 to 65535`, `List of Int`, `Str: one of a, b`. */
export function typeText(record: OptionRecord): string {
  const of = record.item ?? record;
  const { min, max, choices, regex, max_length: longest } = of;
  const type = record.item && record.item.type !== "Str" ? `${record.type} of ${record.item.type}` : record.type;
  const range =
    min !== undefined && max !== undefined
      ? `, ${min} to ${max}`
      : min !== undefined
        ? `, ${min} or more`
        : max !== undefined
          ? `, ${max} or less`
          : "";
  const length = longest === undefined ? "" : `, ${longest} characters at most`;
  const expression = regex === undefined ? "" : `, fits ${regex}`;
  const names = choices?.map((choice) => (choice === null || choice === "" ? "(nothing)" : choice)).join(", ");
  return `${type}${range}${length}${expression}${names === undefined ? "" : `: one of ${names}`}`;
}
