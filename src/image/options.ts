import { nameText, OptionList } from "../options/list.ts";

/**
 * @param text a release's list of options.
 * @returns the options, as `[section] name`, that a service takes over when it gets a SIGHUP. None before newton, when
 * oslo.config learned to.
 */
export const mutableOptions = (text: string): readonly string[] =>
  new OptionList(text).records.filter(({ mutable }) => mutable === true).map(nameText);
