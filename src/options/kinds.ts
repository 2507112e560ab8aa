import type { Wanted } from "../schema/wanted.ts";
import type { OptionRecord } from "./list.ts";

/** How an option's value is written: one value, a list with commas, a line for each value, or names with values. */
export type Shape = "one" | "list" | "lines" | "names";

type Kind = { readonly shape: Shape; readonly wanted: Wanted };

const text: Wanted = { kind: "string", empty: true };
const address: Wanted = {
  ...text,
  pattern: [String.raw`|[0-9.]+|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(%[\w.-]+)?\]?`, "an IP address"],
};
const host: Wanted = { ...text, pattern: [String.raw`|[\w.-]+|\[?[0-9A-Fa-f:.]+\]?`, "a host name or an address"] };
const uri: Wanted = { ...text, pattern: [String.raw`|[A-Za-z][\w+.-]*:\S+`, "a URI, such as http://host:port/path"] };

/** By oslo.config's types, as the lists call them. Every other one is a text to plinth. */
const kinds: Readonly<Record<string, Kind>> = {
  Bool: { shape: "one", wanted: { kind: "boolean" } },
  Int: { shape: "one", wanted: { kind: "integer" } },
  Port: { shape: "one", wanted: { kind: "integer", minimum: 0, maximum: 65535 } },
  Float: { shape: "one", wanted: { kind: "number" } },
  List: { shape: "list", wanted: text },
  MultiStr: { shape: "lines", wanted: text },
  Dict: { shape: "names", wanted: text },
  IP: { shape: "one", wanted: address },
  "IP address value": { shape: "one", wanted: address },
  HostAddress: { shape: "one", wanted: host },
  Hostname: { shape: "one", wanted: host },
  HostDomain: { shape: "one", wanted: host },
  URI: { shape: "one", wanted: uri },
};

const free: Kind = { shape: "one", wanted: text };

/** What an option's value must be: of one item, where it has several. */
export function kindOf(record: OptionRecord): Kind {
  const { shape, wanted } = kinds[record.type] ?? free;
  const choices = (record.choices ?? []).filter((choice) => choice !== null).map(String);
  // An empty choice, or none, is upstream's way to say that nothing is one, too.
  const open = (record.choices ?? []).some((choice) => choice === null || choice === "");
  return {
    shape,
    wanted: {
      ...wanted,
      ...(record.secret ? { secret: true } : {}),
      ...(choices.length > 0 && wanted.kind === "string" && !open ? { choices } : {}),
      ...(record.min !== undefined && wanted.kind !== "string" ? { minimum: record.min } : {}),
      ...(record.max !== undefined && wanted.kind !== "string" ? { maximum: record.max } : {}),
    },
  };
}

/** @returns an option's type in words: `Int, 1 to 65535`, `List`, `Str: one of a, b`. */
export function typeText(record: OptionRecord): string {
  const { min, max, choices, type } = record;
  const bounds =
    min !== undefined && max !== undefined
      ? `, ${min} to ${max}`
      : min !== undefined
        ? `, ${min} or more`
        : max !== undefined
          ? `, ${max} or less`
          : "";
  return `${type}${bounds}${choices ? `: one of ${choices.map((choice) => (choice === null || choice === "" ? "(nothing)" : choice)).join(", ")}` : ""}`;
}
