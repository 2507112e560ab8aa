import { isDistinctive } from "../settings/redact.ts";
import { mask } from "../settings/settings.ts";
import { dialects } from "./dialects.ts";
import type { TracedFile } from "./rendered.ts";

/** Names that hold a secret wherever they are found: an old file may have options that no template writes. */
const secretName = /passw(or)?d|passphrase|secret|token$|credential|private_key|encryption_key|(^|_)pass$/i;
const urlName = /^(connection|slave_connection|transport_url|.*_connection)$/i;

// With the stars of what is masked already.
const spare = "[\\w.~%*-]";
const login = `${spare}*:${spare}+@[^,@/\\s]+`;
/** A URL whose users and passwords are percent-encoded as they should be. */
const proper = new RegExp(`^([\\w+.-]+://)(${login}(?:,${login})*)((?:/[^@]*)?)$`);

/** Takes the passwords out of URLs. Where a URL is not well-formed, nothing tells where a password ends: all goes. */
function maskUrls(text: string): string {
  const urls = text.replace(/[\w+.-]+:\/\/\S*@\S*/g, (url) => {
    const [, scheme = "", logins = "", rest = ""] = proper.exec(url) ?? [];
    return scheme + logins.replace(new RegExp(`:${spare}+@`, "g"), `:${mask}@`) + rest || url;
  });
  const others = text.replace(/[\w+.-]+:\/\/\S*@\S*/g, (url) => (proper.test(url) ? "" : url));
  return /:\/\/.*@/.test(others) ? text.replace(/:\/\/.*@/, `://${mask}@`) : urls;
}

/** @returns an option's value as it may be shown. */
export const maskOption = (option: string, value: string, secret: boolean): string =>
  secret || secretName.test(option) ? mask : maskUrls(value);

/** An account's password in SQL: all that is left of the line (https://mariadb.com/kb/en/create-user/, "Authentication Options"). */
const sqlPassword = /\b(IDENTIFIED\b.*?\b(?:BY|AS|USING)\s+).*?(;?\s*)$/i;

/**
 * Masks a text that plinth did not render just now: what an older start wrote, or what a package brought. Secret is what
 * the new file's options of the same name are, what has the name of a secret, the password of any URL, and every value
 * in `secrets` but those that stand openly in the new file.
 */
export function maskFound(text: string, file: TracedFile, secrets: Iterable<string> = []): string {
  const known = new Set(
    file.options.filter(({ secret }) => secret).map(({ section, option }) => `${section.toLowerCase()} ${option}`),
  );
  const lines = text.split("\n");
  const hidden = (index: number, from: number): void => {
    lines[index] = `${(lines[index] ?? "").slice(0, from)}${mask}`;
  };
  for (const { section, option, line, lastLine, column: start } of dialects[file.dialect].read(text)) {
    const isKnown = known.has(`${section.toLowerCase()} ${option}`);
    const raw = lines[line - 1] ?? "";
    const url = urlName.test(option) || /^\S+:\/\//.test(raw.slice(start));
    if (secretName.test(option) || (isKnown && !url)) hidden(line - 1, start);
    else if (url) lines[line - 1] = raw.slice(0, start) + maskUrls(raw.slice(start));
    if (isKnown || secretName.test(option)) for (let index = line; index < lastLine; index++) hidden(index, 0);
  }
  // What stands openly in the new file, too, is there by chance, and taking it out would tell it.
  const values = [...secrets].filter(
    (value) => isDistinctive(value) || (value.length >= 4 && !file.masked.includes(value)),
  );
  return lines
    .map((line) => {
      const comment = /^([#;]\s*([\w.-]+)\s*[=:]\s*)\S/.exec(line);
      const shown =
        comment && secretName.test(comment[2] ?? "")
          ? `${comment[1]}${mask}`
          : maskUrls(line.replace(sqlPassword, `$1${mask}$2`));
      return values.reduce((rest, value) => rest.replaceAll(value, () => mask), shown);
    })
    .join("\n");
}
