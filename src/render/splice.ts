import type { BakedOption, BakedOptions, BakedValue } from "../baked/baked.ts";
import { haproxyHeader, mysqlOption, osloSection } from "../dialect/names.ts";
import type { Dialect } from "../openstack/component.ts";
import { type Json, valueAt } from "../schema/json.ts";
import { dialects } from "./dialects.ts";
import { Unusable } from "./value.ts";

/** One line of an option: what stands before its value, and the value as the file's reader takes it. */
export type OptionLine = { readonly head: string; readonly text: string };

/** What `splice` needs to know of a dialect. */
type Form = {
  /** @returns the section that a line begins, if it does. */
  readonly header: (line: string) => string | undefined;
  readonly written: (section: string) => string;
  /** Two names of a section, or of an option, are the same when this makes the same of them. */
  readonly section: (name: string) => string;
  readonly option: (name: string) => string;
  /** Between a name and its value. */
  readonly between: string;
};

const same = (name: string): string => name;
const bracketed = (line: string): string | undefined => /^\[(.+)\]$/.exec(line)?.[1];
const ini: Form = {
  header: bracketed,
  written: (section) => `[${section}]`,
  section: same,
  option: same,
  between: " = ",
};
const flat: Form = { ...ini, header: () => undefined };

const forms: Readonly<Partial<Record<Dialect, Form>>> = {
  oslo: { ...ini, section: osloSection },
  uwsgi: ini,
  mysql: { ...ini, option: mysqlOption },
  rabbitmq: flat,
  libvirt: flat,
  haproxy: {
    header: haproxyHeader,
    written: same,
    section: same,
    option: same,
    between: " ",
  },
};

const givenBy = (value: BakedValue, values: Json): Json =>
  "is" in value ? value.is : (valueAt(values, value.at) ?? null);

/** @returns the lines of an option as its file has them, or why there are no such lines. */
export function linesOf(option: BakedOption, dialect: Dialect, values: Json): readonly OptionLine[] | Unusable {
  const { encode } = dialects[dialect];
  const { between = "" } = forms[dialect] ?? {};
  const head = `${option.name}${between}`;
  const lines: OptionLine[] = [];
  for (const words of option.lines ?? []) {
    const given = words.map((word) => givenBy(word, values));
    const [first] = given;
    const every = option.list
      ? [[given]]
      : option.repeats && Array.isArray(first)
        ? first.map((item) => [item])
        : [given];
    for (const line of every) {
      const texts: string[] = [];
      for (const value of line) {
        const text = encode(value as Json, "whole");
        if (text instanceof Unusable) return text;
        texts.push(text);
      }
      const text = texts.join(" ");
      lines.push({ head, text: option.bounds ? `[${text}]` : text });
    }
  }
  return lines;
}

const mark = /\0\d+\0([^\0]*)\0/g;
const unmarked = (line: string): string => (line.includes("\0") ? line.replace(mark, "$1") : line).trim();

const variableIn = (text: string): string => text.replace(/=.*/s, "");

/** @returns the variables that an `env` of uWSGI sets, as far as they are known without settings. */
const variablesOf = ({ name, text, lines = [] }: BakedOption): readonly string[] => [
  ...(text ?? []).map((line) => variableIn(line.slice(`${name} = `.length))),
  ...lines.flat().map((word) => variableIn("is" in word ? String(word.is) : (word.begins ?? ""))),
];

const nameIn = (line: string): string => /^([^=:\s]+)/.exec(line)?.[1] ?? "";

/**
 * Puts the model's options into a text that a template has rendered: each in the place of the lines that say the same option, or at
 * the end of its section. It is the one thing of them that is left to a start, since what a template writes may depend on dynamic
 * parameters; a file without such options is not looked at.
 *
 * @param write gives the lines of an option. @param replaced is told of each line of the template that goes.
 */
export function splice(
  draft: string,
  given: BakedOptions,
  dialect: Dialect,
  write: (option: BakedOption) => readonly string[],
  replaced?: (option: BakedOption, section: string, line: string) => void,
): string {
  const form = forms[dialect];
  if (!form) throw new Error(`options of a file in ${dialect}`);
  const bySection = new Map(
    given.map(({ section, options }) => [
      form.section(section),
      { section, open: new Set(options), byName: new Map(options.map((option) => [form.option(option.name), option])) },
    ]),
  );
  const out: string[] = [];
  let name = "";
  let here = bySection.get(name);
  const finish = (): void => {
    if (!here || here.open.size === 0) return;
    let end = out.length;
    while (end > 0 && out[end - 1]?.trim() === "") end--;
    out.splice(end, 0, ...[...here.open].flatMap(write));
    here.open.clear();
  };
  const find = (line: string): BakedOption | undefined => {
    if (dialect !== "haproxy") return here?.byName.get(form.option(nameIn(line)));
    const begins = [...(here?.byName ?? [])].filter(([option]) => line === option || line.startsWith(`${option} `));
    return begins.toSorted(([one], [other]) => other.length - one.length)[0]?.[1];
  };
  /** uWSGI's variables are many options of one name: others than the model sets stay, since the service may need them. */
  const isOther = (option: BakedOption, line: string): boolean => {
    if (dialect !== "uwsgi" || option.name !== "env") return false;
    const known = variablesOf(option);
    return known.length > 0 && !known.includes(variableIn(line.replace(/^env\s*=\s*/, "")));
  };
  for (const raw of draft.split("\n")) {
    const line = unmarked(raw);
    const header = form.header(line);
    if (header !== undefined) {
      finish();
      name = header;
      here = bySection.get(form.section(name));
      out.push(raw);
      continue;
    }
    const option = here && line !== "" && !/^[#;]/.test(line) ? find(line) : undefined;
    if (!here || !option || isOther(option, line)) {
      out.push(raw);
      continue;
    }
    replaced?.(option, name, raw);
    if (here.open.delete(option)) out.push(...write(option));
  }
  finish();
  for (const { section, open } of bySection.values()) {
    const lines = [...open].flatMap(write);
    if (lines.length > 0) out.push("", ...(section === "" ? [] : [form.written(section)]), ...lines);
  }
  return out.join("\n");
}
