import { safe } from "ini";
import type { Json } from "../schema/json.ts";
import { type Encode, type Position, Unusable } from "./value.ts";

/**
 * Files whose values are words: each reader with its own quotes, comments and escapes, or with none. What it takes as it
 * stands is written so; else it is quoted in that reader's way; and what it has no way to write is refused.
 * test/render/hostile.test.ts reads everything back with the readers themselves.
 */

/** One value as a text without control characters, which no reader here has a use for. */
function single(value: Json): string | Unusable {
  if (value === null) return new Unusable("it is not set");
  if (typeof value === "object") return new Unusable("it is a list or section, and this file has single values");
  const text = String(value);
  if (typeof value === "number" && !/^-?\d+(?:\.\d+)?$/.test(text))
    return new Unusable("it is no number that can be written in plain digits");
  if (!text.isWellFormed()) return new Unusable("it is no valid Unicode text (half a surrogate pair)");
  return /\p{Cc}/u.test(text) ? new Unusable("it holds a control character, such as a line break or a tab") : text;
}

/** A dialect in which texts of `bare` stand as they are, and `quote` writes all others. */
const dialect =
  (bare: RegExp, quote: (text: string, position: Position, value: Json) => string | Unusable): Encode =>
  (value, position) => {
    const text = single(value);
    return text instanceof Unusable || bare.test(text) ? text : quote(text, position, value);
  };

/** A file that a POSIX shell reads: single quotes hold everything but themselves (XCU 2.2.2). */
export const encodeSh = dialect(/^[\w@%+=:,./-]+$/, (text) => `'${text.replaceAll("'", `'\\''`)}'`);

/**
 * MariaDB's option files (mysys/my_default.c): `#` begins a comment anywhere outside of quotes, one pair of quotes around
 * a whole value goes, a backslash escapes, and a line has 4096 bytes at most.
 */
const mysqlWord = dialect(/^[\w.:/,+*@=[\]-]+$/, (text, position) =>
  position === "whole"
    ? `"${text.replace(/[\\"]/g, "\\$&")}"`
    : new Unusable("MariaDB's option files quote a whole value only"),
);
export const encodeMysql: Encode = (value, position) => {
  // event_scheduler and others are lists of words to MariaDB, which has no `true` in them.
  if (typeof value === "boolean") return value ? "ON" : "OFF";
  return Buffer.byteLength(String(value)) > 1000
    ? new Unusable("it is too long for a line of MariaDB's option files")
    : mysqlWord(value, position);
};

/**
 * RabbitMQ's sysctl format (cuttlefish): no quotes before RabbitMQ 4, `#` begins a comment anywhere, `$(a.b)` stands for
 * another option, `encrypted:` for what is decrypted first.
 */
export const encodeRabbitmq = dialect(
  /^(?!encrypted:)[\w.:/+*@=~[\]-]+$/,
  () => new Unusable("rabbitmq.conf has no quotes, and takes letters, digits and . _ : / + * @ = ~ - [ ] only"),
);

/** HAProxy's words (configuration.txt, 2.2 "Quoting and escaping"): single quotes hold everything but themselves. */
export const encodeHaproxy = dialect(/^[\w.:/+*@=%[\],-]+$/, (text) => `'${text.replaceAll("'", `'\\''`)}'`);

/** libvirt's files (src/util/virconf.c): numbers are bare, texts quoted, and there are no escapes. */
export const encodeLibvirt: Encode = (value, position) => {
  const text = single(value);
  if (text instanceof Unusable) return text;
  if (position !== "whole") return new Unusable("libvirt's files quote a whole value, so it must stand alone");
  if (typeof value === "boolean") return value ? "1" : "0";
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? text : new Unusable("libvirt's numbers are whole ones");
  const quote = [`"`, `'`].find((one) => !text.includes(one));
  return quote === undefined
    ? new Unusable("it holds both kinds of quotes, and libvirt has no third")
    : quote + text + quote;
};

/**
 * uWSGI's INI files (core/ini.c, core/config.c): a value is all behind the `=`, less the blanks around it, and `%x`,
 * `$(NAME)` and `@(file)` are expanded in it. There are no quotes, and `%%` is one only in some versions. A value for which
 * the common dialect (npm's `ini`) has quotes or escapes is refused, so that other readers of such files agree on the rest.
 */
export const encodeUwsgi = dialect(/^[\w.:/,+*@=[\]-]+$/, (text) => {
  if (text !== text.trim()) return new Unusable("it begins or ends with a blank, which uWSGI drops");
  // An equals sign in a value is none that a reader minds: the first one of a line divides it.
  const others = text.replaceAll("=", "-");
  if (safe(others) !== others)
    return new Unusable("a plain INI file needs quotes or escapes for it, and readers disagree on them");
  if (/%|[$@]\(/.test(text)) return new Unusable("it holds `%`, `$(` or `@(`, which uWSGI would expand");
  return text;
});

/** A file of which nothing is known: a value stands as it is, in one line. */
export const encodeText = dialect(/^/, (text) => text);
