type Option = { readonly group: string; readonly name: string };
type Lists = Readonly<Record<string, { readonly source: Record<string, string>; readonly options: readonly Option[] }>>;

/**
 * @param printed by option-lists.py.
 * @returns the files of config-templates/options that it makes for a release: name and text, an option a line.
 */
export function listFiles(release: string, printed: string): readonly (readonly [name: string, text: string])[] {
  return Object.entries(JSON.parse(printed) as Lists).map(([service, { source, options }]) => {
    const head = JSON.stringify({ service, release, source, count: options.length }).slice(0, -1);
    const lines = options.map((option) => JSON.stringify(option)).join(",\n");
    return [`${service}-${release}.json`, `${head},"options":[\n${lines}\n]}\n`];
  });
}
