/** What the readers of files take for the same name, and for the beginning of a section. */

/** oslo.config takes sections in any case, but DEFAULT's (cfg.py, _normalize_group_name). */
export const osloSection = (name: string): string => (name === "DEFAULT" ? name : name.toLowerCase());

/** MariaDB takes - and _ in the name of an option for the same (https://mariadb.com/kb/en/configuring-mariadb-with-option-files/). */
export const mysqlOption = (name: string): string => name.replaceAll("-", "_");

/** The keywords that begin a section of HAProxy's (configuration.txt, "Global parameters", "Proxies", ...), as an expression. */
export const haproxySections =
  "(?:global|defaults|frontend|backend|listen|peers|resolvers|mailers|userlist|program|cache|ring|http-errors|fcgi-app|log-forward|crt-store)";

const haproxySection = new RegExp(`^${haproxySections}(?:\\s|$)`);

/** @returns the name of the section that a line of HAProxy's begins; undefined where it begins none. */
export const haproxyHeader = (line: string): string | undefined =>
  haproxySection.test(line) ? line.replace(/\s+/g, " ") : undefined;
