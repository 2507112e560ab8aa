/**
 * Regular expressions for what oslo.config's types take for addresses and names (oslo_config/types.py). Dynamic parameters carry them
 * to a start, so they are texts.
 */

const byte = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const ipv4 = String.raw`(?:${byte}\.){3}${byte}`;
const group = "[0-9A-Fa-f]{1,4}";
/** With `::` for some groups: how many stand before it decides how many may stand behind. */
const shortened = [1, 2, 3, 4, 5, 6].map((before) => `(?:${group}:){${before}}(?::${group}){1,${7 - before}}`);
const ipv6 = [
  `(?:${group}:){7}${group}`,
  ...shortened,
  `(?:${group}:){1,7}:`,
  `:(?:(?::${group}){1,7}|:)`,
  `(?:(?:${group}:){6}|::(?:${group}:){0,5}|(?:${group}:){1,5}:)${ipv4}`,
].join("|");

/** Without brackets and zones: `inet_pton` takes neither. */
export const ipAddress = `(?:${ipv4}|${ipv6})`;

/** @param letters that a name may have. Without any letter in its last part it would be an address that is a slip. */
const nameOf = (letters: string): string => {
  const label = `(?!-)[${letters}-]{1,63}(?<!-)`;
  return String.raw`(?=.{1,253}$)(?:${label}\.)*(?=[^.]*[A-Za-z-])${label}\.?`;
};

export const hostName = nameOf("A-Za-z0-9");
export const hostDomain = nameOf("A-Za-z0-9_");

/** Names with values, as they stand in a file: `a:b,c:d`. */
export const dict = "(?:[^:,]*[^:,\\s]:[^,]*(?:,[^:,]*[^:,\\s]:[^,]*)*)?";

const authority = String.raw`(?:[^\s/?#@]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:[\]]+)(?::\d*)?`;
export const uri = String.raw`[A-Za-z][A-Za-z0-9+.-]*://${authority}(?:[/?#]\S*)?`;
