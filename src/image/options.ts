/** A row of a release's list of options (config-templates/options/README.md). */
type OptionRow = { readonly group: string; readonly name: string; readonly mutable?: boolean };

/** @returns the path, below config-templates/, of the options that a component knows in a release. */
export const optionsPath = (image: { readonly component: string; readonly release: string }): string =>
  `options/${image.component}-${image.release}.json`;

/**
 * @param text a release's list of options.
 * @returns the options, as `[section] name`, that a service takes over when it gets a SIGHUP. None before newton, when
 * oslo.config learned to.
 */
export function mutableOptions(text: string): readonly string[] {
  const { options } = JSON.parse(text) as { readonly options: readonly OptionRow[] };
  return options.filter(({ mutable }) => mutable === true).map(({ group, name }) => `[${group}] ${name}`);
}
