import { type Cursor, ended, isBlank, isBreakOrEnd, isGap } from "./yaml-cursor.ts";

/** Words of YAML that few files have: directives and tags, as libyaml 0.2.5 reads them. */

const word = "[\\w-]";
const uri = (more: string): string => `(?:[\\w;/?:@&=+$.!~*'()${more}-]|%[\\da-fA-F]{2})`;

const verbatimTag = new RegExp(`!<(${uri(",[\\]")}+)>`, "y");
const handledTag = new RegExp(`(!${word}*!)(${uri("")}*)`, "y");
const localTag = new RegExp(`!(${uri("")}*)`, "y");
const anchorName = new RegExp(`${word}+`, "y");
const tagDirective = new RegExp(`TAG[ \\t]+(!|!${word}*!)[ \\t]+(${uri(",[\\]")}+)`, "y");
const versionDirective = /YAML[ \t]+(\d{1,9})\.(\d{1,9})/y;

/** @returns the groups of what is here, gone over; undefined where it is not. */
function taken(cursor: Cursor, pattern: RegExp): readonly string[] | undefined {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text);
  if (found) cursor.at += found[0].length;
  return found ?? undefined;
}

function unescaped(cursor: Cursor, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return cursor.fail("tag");
  }
}

/** A tag as it is written: its handle (`!`, `!!`, `!name!`), or none where it is the whole tag. */
export type WrittenTag = { readonly handle: string; readonly suffix: string };

export function tagOf(cursor: Cursor, within: boolean): WrittenTag {
  const start = cursor.at;
  const tag = (): WrittenTag => {
    const [, verbatim] = taken(cursor, verbatimTag) ?? [];
    if (verbatim !== undefined) return { handle: "", suffix: unescaped(cursor, verbatim) };
    const [, handle, suffix = ""] = taken(cursor, handledTag) ?? [];
    if (handle !== undefined && suffix === "") return cursor.fail("tag", start);
    if (handle !== undefined) return { handle, suffix: unescaped(cursor, suffix) };
    const [, local = ""] = taken(cursor, localTag) ?? [];
    return local === "" ? { handle: "", suffix: "!" } : { handle: "!", suffix: unescaped(cursor, local) };
  };
  const found = tag();
  const next = cursor.code();
  if (!isGap(next) && !(within && next === 0x2c)) cursor.fail("tag", start);
  return found;
}

/** `? : , ] } % @` and the backquote may stand behind an anchor's name. */
const behindName = new Set([0x3f, 0x3a, 0x2c, 0x5d, 0x7d, 0x25, 0x40, 0x60]);

/** Goes over an anchor's or alias's sign and name. @returns the name. */
export function anchorOf(cursor: Cursor): string {
  const start = cursor.at;
  cursor.at++;
  const [name] = taken(cursor, anchorName) ?? [];
  const next = cursor.code();
  if (name === undefined || !(isGap(next) || behindName.has(next))) return cursor.fail("anchor", start);
  return name;
}

export type Directive =
  | { readonly kind: "version"; readonly supported: boolean }
  | { readonly kind: "tag"; readonly handle: string; readonly prefix: string };

export function directiveOf(cursor: Cursor): Directive {
  const start = cursor.at;
  cursor.at++;
  const version = taken(cursor, versionDirective);
  const tag = version ? undefined : taken(cursor, tagDirective);
  if ((!version && !tag) || (tag && !isGap(cursor.code()))) return cursor.fail("directive", start);
  while (isBlank(cursor.code())) cursor.at++;
  if (cursor.code() === 0x23) cursor.toLineEnd();
  if (!isBreakOrEnd(cursor.code())) cursor.fail("directive", start);
  if (cursor.code() !== ended) cursor.lineEnd();
  if (version) return { kind: "version", supported: Number(version[1]) === 1 && [1, 2].includes(Number(version[2])) };
  return { kind: "tag", handle: tag?.[1] as string, prefix: unescaped(cursor, tag?.[2] as string) };
}
