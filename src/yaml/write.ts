/** What a YAML file is written from. An empty mapping or list is written as `{}` or `[]`, null as nothing. */
export type Yaml = string | number | boolean | null | readonly Yaml[] | { readonly [key: string]: Yaml };

/** A comment before an entry of a mapping, by the entry's key. */
export type Comments = Readonly<Record<string, string>>;

const width = 120;

/** Words and numbers that YAML 1.1 or 1.2 takes for something else than a text, and what begins so. */
const special = /^(?:|[-?:]|~|null|true|false|yes|no|on|off|y|n|[-+.\d](?!\d*s$).*|.*\.(inf|nan))$/i;
/** Signs that need no quotes within a text, wherever it stands: none that ends a flow, begins a comment or is an indicator. */
const plain = /^[\w/$.(][\w/$.()=+;@-]*(?:[ :][\w/$.()=+;@-]+)*$/;

/** @returns a text in quotes: JSON's, which are YAML's, but for what YAML takes for the end of a line or refuses unescaped. */
const quoted = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

/** @returns a text as YAML has it, in quotes where it would be read as something else. */
function scalar(value: string | number | boolean | null): string {
  if (value === null) return "null";
  if (typeof value !== "string") return String(value);
  return plain.test(value) && !special.test(value) && !/: |:$/.test(value) ? value : quoted(value);
}

const isScalar = (value: Yaml): value is string | number | boolean | null =>
  value === null || typeof value !== "object";

/** @returns a value in one line. */
function flow(value: Yaml): string {
  if (isScalar(value)) return scalar(value);
  if (Array.isArray(value)) return `[${value.map(flow).join(", ")}]`;
  const entries = Object.entries(value).map(([key, own]) => `${scalar(key)}: ${flow(own)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

const isFlat = (value: Yaml): boolean => isScalar(value) || Object.values(value).every(isScalar);

/** Lines of an item of a list: in one line where a mapping of plain values is not too long for it. */
function itemLines(item: Yaml, depth: number): readonly string[] {
  const start = `${"  ".repeat(depth)}- `;
  const line = `${start}${flow(item)}`;
  if (isScalar(item) || Array.isArray(item) || (isFlat(item) && line.length <= width)) return [line];
  const [first = "", ...others] = lines(item, depth);
  return [`${start}${first.trimStart()}`, ...others];
}

/** Lines of a value below its key, which is indented by `depth` levels. */
function lines(value: Exclude<Yaml, string | number | boolean | null>, depth: number): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => itemLines(item, depth + 1));
  return Object.entries(value).flatMap(([key, own]) => entry(key, own, depth + 1));
}

/** Lines of an entry of a mapping: lists and small mappings of plain values in one line, where that is not too long. */
function entry(key: string, value: Yaml, depth: number): readonly string[] {
  const start = `${"  ".repeat(depth)}${scalar(key)}:`;
  if (isScalar(value)) return [value === null ? start : `${start} ${scalar(value)}`];
  const line = `${start} ${flow(value)}`;
  const size = Object.keys(value).length;
  if (size === 0 || (line.length <= width && isFlat(value) && (Array.isArray(value) || size <= 3))) return [line];
  return [start, ...lines(value, depth)];
}

/** Writes a mapping as a document of YAML without comments or empty lines. The same value gives the same text. */
export const documentText = (value: { readonly [key: string]: Yaml }): string =>
  `${Object.entries(value)
    .flatMap(([key, own]) => entry(key, own, 0))
    .join("\n")}\n`;

/**
 * Writes a mapping as YAML. The same value gives the same text: keys stay in their order.
 *
 * @param comments of the entries of the mapping's own mappings, by their keys.
 */
export function yamlText(value: { readonly [key: string]: Yaml }, comments: Comments): string {
  const blocks = Object.entries(value).map(([key, own]) => {
    if (isScalar(own) || Array.isArray(own) || isFlat(own)) return entry(key, own, 0).join("\n");
    const parts = Object.entries(own).map(([name, part]) => {
      const comment = comments[name];
      return [...(comment === undefined ? [] : [`  # ${comment}`]), ...entry(name, part, 1)].join("\n");
    });
    return `${scalar(key)}:\n${parts.join(parts.some((part) => part.includes("\n    ")) ? "\n\n" : "\n")}`;
  });
  return `${blocks.join("\n\n")}\n`;
}
