import type { Wanted } from "../schema/wanted.ts";

/** Literal text or the name of a dynamic parameter. */
export type Part = string | { readonly name: string };

/** A place in the pillar that holds dynamic parameters: literal text and names, in order. */
export type Placeholder = {
  /** From the role's root: `database.host`. */
  readonly path: string;
  readonly parts: readonly Part[];
  readonly wanted: Wanted;
};

// `$$`, `${NAME}`, `$NAME`, or a `${` that is neither. `\w` is ASCII here: a name is what a shell would take for one.
const token = /\$(?:(\$)|\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*)|(\{))/g;

/** The grammar of a parameter's name: what an environment variable can be called in every shell. */
export const isName = (text: string): boolean => /^[A-Za-z_]\w*$/.test(text) && text !== "__proto__";

/**
 * Splits a scalar of the pillar. `$$` is a dollar; a dollar before anything else that is no name stays itself
 * (`$(tenant_id)s`, `$5`). `${` must be closed after a name: `${NAME:-x}` is a shell's word that would silently stay.
 *
 * @returns the parts, neighbouring literals joined, or the offset of a `${` that is no placeholder.
 */
export function parseParts(text: string): readonly Part[] | { readonly malformedAt: number } {
  const parts: Part[] = [];
  let literal = "";
  let end = 0;
  for (const match of text.matchAll(token)) {
    const [all, dollar, braced, bare, open] = match;
    if (open) return { malformedAt: match.index };
    literal += text.slice(end, match.index);
    end = match.index + all.length;
    const name = braced ?? bare;
    if (dollar || name === undefined) literal += "$";
    else {
      if (literal !== "") parts.push(literal);
      literal = "";
      parts.push({ name });
    }
  }
  literal += text.slice(end);
  if (literal !== "") parts.push(literal);
  return parts;
}

/** @returns the names in the parts, in order, each as often as it stands there. */
export const namesIn = (parts: readonly Part[]): readonly string[] =>
  parts.flatMap((part) => (typeof part === "string" ? [] : [part.name]));

/** @returns whether the value is nothing but one placeholder, and so takes the type that its field asks for. */
export const isWhole = (parts: readonly Part[]): boolean => parts.length === 1 && typeof parts[0] === "object";
