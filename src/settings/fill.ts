import type { Given, Layer } from "../overlay/layer.ts";
import type { Placeholder } from "../pillar/placeholder.ts";
import { bracketed, looksLikeIpv6, unbracketed } from "../schema/address.ts";
import type { Json } from "../schema/json.ts";
import { isClean, type Reading, readText } from "../schema/wanted.ts";
import type { Filled, Origin } from "./settings.ts";

/** @returns the names of all dynamic parameters, each once. */
export function namesOf(placeholders: readonly Placeholder[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { parts } of placeholders) for (const part of parts) if (typeof part === "object") names.add(part.name);
  return names;
}

/** A parameter's text that counts, and the origins it displaced, strongest first. */
export type Found = Given & { readonly overrode: readonly Origin[] };

/** @returns for each name what the strongest layer that has it gives. Names that no layer has are not there. */
export function findAll(names: Iterable<string>, layers: readonly Layer[]): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  for (const name of names) {
    const given = layers.flatMap((layer) => layer.get(name) ?? []).reverse();
    const [first, ...rest] = given;
    if (first) found.set(name, { ...first, overrode: rest.map(({ origin }) => origin) });
  }
  return found;
}

/** Why a place could not be filled: by which parameter; `text` when it is the whole, not one parameter, that is wrong. */
export type Misfit = { readonly name: string; readonly problem: "missing" | "empty" | "control" | "misfit" | "text" };

/** Where a host stands in a URL: `ldap://$LDAP_HOST`. An IPv6 address wants brackets there, whoever reads it. */
const afterScheme = /:\/\/(?:[^/?#@]*@)?$/;

/** Where a user or a password stands in a URL of a file's option: what it holds must not end it. */
const beforeLogin = /^[\w+.-]+:\/\/[^/?#@]*$/;
const login = /^[^/?#@]*@/;

const isInLogin = (path: string, before: string, rest: Placeholder["parts"]): boolean =>
  path.startsWith("_") &&
  beforeLogin.test(before) &&
  login.test(rest.map((part) => (typeof part === "string" ? part : "")).join(""));

/** Fills one place of the pillar. @returns its typed value, or every parameter that is missing or does not fit. */
export function fill(
  { path, parts, wanted }: Placeholder,
  found: ReadonlyMap<string, Found>,
): { readonly value: Json } | { readonly misfits: readonly Misfit[] } {
  const misfits: Misfit[] = [];
  const whole = parts.length === 1;
  let text = "";
  for (const [index, part] of parts.entries()) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const { name } = part;
    const given = found.get(name)?.text;
    if (given === undefined) misfits.push({ name, problem: "missing" });
    else if (!isClean(given, wanted)) misfits.push({ name, problem: "control" });
    else if (given === "" && !wanted.empty) misfits.push({ name, problem: "empty" });
    else if (isInLogin(path, text, parts.slice(index + 1))) text += encodeURIComponent(given);
    else text += afterScheme.test(text) && looksLikeIpv6(given) ? bracketed(given) : given;
  }
  if (misfits.length > 0) return { misfits };
  // An address as a URL has it: settings hold it as it is, and brackets are added again where they belong.
  if (whole && wanted.kind === "string" && !wanted.secret) text = unbracketed(text);
  const read: Reading = readText(text, wanted);
  if (read.ok) return { value: read.value as Json };
  const name = (parts.find((part) => typeof part === "object") as { readonly name: string }).name;
  return { misfits: [{ name, problem: whole || read.problem !== "misfit" ? read.problem : "text" }] };
}

/** @returns which parameters filled a place, in order of appearance. */
export const filledBy = ({ parts }: Placeholder, found: ReadonlyMap<string, Found>): readonly Filled[] =>
  parts.flatMap((part) => {
    const given = typeof part === "object" ? found.get(part.name) : undefined;
    return given ? [{ name: (part as { name: string }).name, origin: given.origin, overrode: given.overrode }] : [];
  });
