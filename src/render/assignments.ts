import { haproxyHeader } from "../dialect/names.ts";

/** One value that a file holds, by the name that its reader knows it by. */
export type Assignment = {
  /** Empty where the file has no sections. */
  readonly section: string;
  readonly option: string;
  /** 1-based, of its first and of its last line. */
  readonly line: number;
  readonly lastLine: number;
  /** Where the value begins in its first line (0-based). */
  readonly column: number;
};

const lines = (text: string): readonly string[] => text.split(/\r\n|\r|\n/);

const after = (line: string, at: number): number => at + (/^\s*/.exec(line.slice(at))?.[0].length ?? 0);

/** Files with `[sections]`, or without, and `name = value` on a line: uWSGI's, MariaDB's, RabbitMQ's, libvirt's, a shell's. */
export const readLines =
  (assignment: RegExp, comment: RegExp) =>
  (text: string): readonly Assignment[] => {
    let section = "";
    return lines(text).flatMap((line, index) => {
      const header = /^\s*\[([^\]]+)\]\s*$/.exec(line);
      if (header) section = header[1] as string;
      const found = header || comment.test(line) ? null : assignment.exec(line);
      if (!found) return [];
      const [head, option = ""] = found;
      return [{ section, option, line: index + 1, lastLine: index + 1, column: after(line, head.length) }];
    });
  };

export const readIni = readLines(/^\s*([\w][^=\s]*)\s*(?:=|$)/, /^\s*(?:[#;!]|$)/);
export const readPlain = readLines(/^\s*(?:export\s+)?([\w][^=\s]*)\s*=/, /^\s*(?:#|$)/);

/** Keywords of HAProxy of which the next word is a part, since a section has several of them. */
const families =
  /^(?:timeout|option|no option|stats|http-request|http-response|http-check|tcp-request|tcp-check|tune|hold|errorfile|server|bind|acl|use_backend|nameserver)$/;

/** HAProxy's sections are words at the beginning of a line, and its options keywords with words behind them. */
export function readHaproxy(text: string): readonly Assignment[] {
  let section = "";
  return lines(text).flatMap((raw, index) => {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) return [];
    const header = haproxyHeader(line);
    if (header !== undefined) {
      section = header;
      return [];
    }
    const [first = "", second] = line.split(/\s+/);
    const isFamily = second !== undefined && families.test(first);
    const option = isFamily ? `${first} ${second}` : first;
    const head =
      raw.length -
      raw.trimStart().length +
      (isFamily ? line.indexOf(second, first.length) + second.length : first.length);
    return [{ section, option, line: index + 1, lastLine: index + 1, column: after(raw, head) }];
  });
}

/**
 * JSON: each key with a value that is none of brackets. `section` is the way of keys down to the mapping it stands in (`users.0`). Texts may
 * hold brackets, so they are passed over whole.
 */
export function readJson(text: string): readonly Assignment[] {
  const found: Assignment[] = [];
  const above: { readonly list: boolean; readonly name: string | undefined; index: number }[] = [];
  let last = "";
  let key: string | undefined;
  for (const [index, line] of lines(text).entries()) {
    for (const match of line.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g)) {
      const [token] = match;
      if (token === ":") {
        key = last.startsWith('"') ? last.slice(1, -1) : last;
        const column = after(line, match.index + 1);
        const section = above.flatMap(({ name }) => name ?? []).join(".");
        if (!/^[{[]/.test(line.slice(column)))
          found.push({ section, option: key, line: index + 1, lastLine: index + 1, column });
      } else if (token === "{" || token === "[") {
        const within = above.at(-1);
        above.push({ list: token === "[", name: key ?? (within?.list ? String(within.index) : undefined), index: 0 });
        key = undefined;
      } else if (token === "}" || token === "]") {
        above.pop();
        key = undefined;
      } else if (token === ",") {
        const within = above.at(-1);
        if (within) within.index++;
        key = undefined;
      } else last = token;
    }
  }
  return found;
}

/** Python's settings: names at the beginning of a line, whose value may go on for several lines; keys of mappings below them. */
export function readPython(text: string): readonly Assignment[] {
  const found: Assignment[] = [];
  for (const [index, line] of lines(text).entries()) {
    const top = /^([A-Za-z_]\w*)(?:\[["'][^\]]*["']\])*\s*=(?!=)/.exec(line);
    const key = /^\s*(?:"([^"\\]+)"|'([^'\\]+)')\s*:/.exec(line);
    const previous = found.at(-1);
    const head = (top ?? key)?.[0].length;
    if (head === undefined) continue;
    const column = after(line, head);
    const at = { line: index + 1, lastLine: index + 1, column };
    if (top) found.push({ section: "", option: top[1] as string, ...at });
    else if (key) {
      const section = previous === undefined ? "" : previous.section === "" ? previous.option : previous.section;
      found.push({ section, option: (key[1] ?? key[2]) as string, ...at });
    }
  }
  return found;
}

/** YAML in blocks: a key and what stands behind it. `section` is the way of keys that are indented less. A text of several lines is its key's. */
export function readYaml(text: string): readonly Assignment[] {
  const found: Assignment[] = [];
  const above: { readonly indent: number; readonly name: string }[] = [];
  for (const [index, line] of lines(text).entries()) {
    if (/^\s*(?:#|$|---|\.\.\.|%)/.test(line)) continue;
    const match = /^((?:\s|-\s+)*)("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#{[&*!|>-][^#]*?)\s*:(?=\s|$)/.exec(line);
    if (!match) {
      const last = found.at(-1);
      const indent = line.length - line.trimStart().length;
      // What is indented more than a key, and is none itself, goes on with it.
      if (last && indent > (above.at(-1)?.indent ?? 0)) found[found.length - 1] = { ...last, lastLine: index + 1 };
      continue;
    }
    const [head, lead = "", raw = ""] = match;
    while (above.length > 0 && (above.at(-1)?.indent ?? 0) >= lead.length) above.pop();
    const name = /^["']/.test(raw) ? raw.slice(1, -1) : raw;
    const column = after(line, head.length);
    found.push({
      section: above.map((one) => one.name).join("."),
      option: name,
      line: index + 1,
      lastLine: index + 1,
      column,
    });
    above.push({ indent: lead.length, name });
  }
  return found;
}

export const readNothing = (): readonly Assignment[] => [];
