import { osloSection } from "../dialect/names.ts";

/** What one value must be, as oslo.config's types say it. */
export type ValueType = {
  readonly type: string;
  readonly choices?: readonly (string | number | null)[];
  readonly ignore_case?: boolean;
  readonly min?: number;
  readonly max?: number;
  /** Python's, found anywhere in the value. */
  readonly regex?: string;
  readonly max_length?: number;
};

/** One option that a release of a service has: a line of config-templates/options (see its README). */
export type OptionRecord = ValueType & {
  readonly group: string;
  readonly name: string;
  readonly default?: unknown;
  /** Of each item of a list, or value of a dict, where it is more than a text. */
  readonly item?: ValueType;
  /** The list has brackets around it. */
  readonly bounds?: boolean;
  /** Older names that still work. */
  readonly deprecated?: readonly { readonly group: string; readonly name: string }[];
  readonly deprecated_for_removal?: boolean;
  readonly secret?: boolean;
  /** A service takes a new value over when it gets a SIGHUP. */
  readonly mutable?: boolean;
  /** The first paragraph of upstream's help. */
  readonly help?: string;
  /** It exists in the group once one of these authentication plugins is chosen there. */
  readonly auth_types?: readonly string[];
  /** It may stand in the section of any back end, which the file itself names. */
  readonly backend_section?: boolean;
  /** The group is named at run time; `*` in it stands for anything. */
  readonly group_is_pattern?: boolean;
};

const key = (section: string, name: string): string => `${osloSection(section)}/${name}`;

const patternOf = (group: string): RegExp =>
  new RegExp(`^${group.replace(/[^\w*]/g, "\\$&").replaceAll("*", ".*")}$`, "i");

/** @returns the path, below config-templates/, of the options that a component knows in a release. */
export const listPath = (component: string, release: string): string => `options/${component}-${release}.json`;

/** `[section] name` */
export const nameText = ({ group, name }: Pick<OptionRecord, "group" | "name">): string => `[${group}] ${name}`;

/** Every option of a service in one release. */
export class OptionList {
  /** The versions of the packages that it was read from. */
  readonly source: Readonly<Record<string, string>>;
  readonly records: readonly OptionRecord[];
  readonly #current = new Map<string, OptionRecord>();
  readonly #renamed = new Map<string, OptionRecord>();
  readonly #sections = new Map<string, string>();
  readonly #ofBackEnds = new Map<string, OptionRecord>();
  readonly #patterns: readonly (readonly [RegExp, OptionRecord])[];

  /** @param text a file of config-templates/options. */
  constructor(text: string) {
    const read = JSON.parse(text) as {
      readonly source?: Readonly<Record<string, string>>;
      readonly options: readonly OptionRecord[];
    };
    this.records = read.options;
    this.source = read.source ?? {};
    for (const option of this.records) {
      if (!option.group_is_pattern) {
        this.#current.set(key(option.group, option.name), option);
        this.#sections.set(osloSection(option.group), option.group);
      }
      if (option.backend_section) this.#ofBackEnds.set(option.name, option);
    }
    for (const option of this.records)
      for (const old of option.deprecated ?? []) this.#renamed.set(key(old.group, old.name), option);
    this.#patterns = this.records
      .filter((option) => option.group_is_pattern)
      .map((option) => [patternOf(option.group), option]);
  }

  /** @returns the names of the sections, as they were registered. */
  get sections(): readonly string[] {
    return [...this.#sections.values()];
  }

  hasSection = (section: string): boolean =>
    this.#sections.has(osloSection(section)) || this.#patterns.some(([pattern]) => pattern.test(section));

  /** @returns the options of a section. */
  of = (section: string): readonly OptionRecord[] =>
    this.records.filter(({ group }) => osloSection(group) === osloSection(section));

  /** @returns the option that has this name now. */
  get = (section: string, name: string): OptionRecord | undefined =>
    this.#current.get(key(section, name)) ??
    this.#patterns.find(([pattern, option]) => option.name === name && pattern.test(section))?.[1] ??
    (this.#sections.has(osloSection(section)) ? undefined : this.#ofBackEnds.get(name));

  /** @returns the option whose older name this is. */
  renamed = (section: string, name: string): OptionRecord | undefined => this.#renamed.get(key(section, name));

  /** @returns the options of this name, whatever their section. */
  named = (name: string): readonly OptionRecord[] => this.records.filter((option) => option.name === name);
}

/**
 * @param load gives the text of a file below config-templates/.
 * @returns the list of a component; undefined where there is none of the release.
 */
export function readList(
  component: string,
  release: string,
  load: (path: string) => string | undefined,
): OptionList | undefined {
  const text = load(listPath(component, release));
  return text === undefined ? undefined : new OptionList(text);
}
