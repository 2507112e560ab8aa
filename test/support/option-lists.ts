import { readFileSync } from "node:fs";

/** One option that a release of a service has: a line of config-templates/options. */
export type OptionRecord = {
  readonly group: string;
  readonly name: string;
  readonly type: string;
  readonly choices?: readonly (string | null)[];
  readonly deprecated?: readonly { readonly group: string; readonly name: string }[];
  readonly deprecated_for_removal?: boolean;
  readonly auth_types?: readonly string[];
  readonly backend_section?: boolean;
};

/** oslo.config lower-cases the names of sections, but for DEFAULT's. */
const key = (group: string, name: string): string => `${group === "DEFAULT" ? group : group.toLowerCase()}/${name}`;

export class OptionList {
  readonly #current = new Map<string, OptionRecord>();
  readonly #renamed = new Map<string, OptionRecord>();
  readonly #groups = new Set<string>();
  /** By name: the options of back ends, whose sections have names of the file's own choice. */
  readonly #ofBackEnds = new Map<string, OptionRecord>();

  constructor(service: string, release: string) {
    const file = new URL(`../../config-templates/options/${service}-${release}.json`, import.meta.url);
    const { options } = JSON.parse(readFileSync(file, "utf8")) as { options: readonly OptionRecord[] };
    for (const option of options) {
      this.#current.set(key(option.group, option.name), option);
      this.#groups.add(key(option.group, ""));
      if (option.backend_section) this.#ofBackEnds.set(option.name, option);
      for (const old of option.deprecated ?? []) this.#renamed.set(key(old.group, old.name), option);
    }
  }

  /** @returns the option that has this name. */
  get = (section: string, option: string): OptionRecord | undefined =>
    this.#current.get(key(section, option)) ??
    (this.#groups.has(key(section, "")) ? undefined : this.#ofBackEnds.get(option));

  /** @returns the option whose older name this is. */
  renamed = (section: string, option: string): OptionRecord | undefined => this.#renamed.get(key(section, option));
}
