import type { YamlReason } from "./yaml-cursor.ts";

/** What is wrong in a text that is no YAML and how to put it right; `start` where it is, if that is not where the parser gave up. */
export type Problem = { readonly problem: string; readonly fix: string; readonly start?: number };

const tag: Problem = {
  problem: "a tag (!name) is not known here",
  fix: "put quotes around a value that begins with !, or leave the tag out",
};

/** Our own words, none of which quotes the document: a password that begins with `!` or `*` is just that. */
const problems: Readonly<Record<Exclude<YamlReason, "nesting">, Problem>> = {
  anchor: {
    problem: "an anchor (&) or alias (*) has no name, or stands where it cannot",
    fix: "put quotes around a value that begins with & or *",
  },
  "block-header": {
    problem: "something follows a | or > in its line",
    fix: "begin the text in the next line, indented; put quotes around a value that begins with | or >",
  },
  bracket: {
    problem: "a character is missing: a comma, or the bracket that closes a list or mapping",
    fix: "put commas between what stands in [ ] or { }, and close what was opened",
  },
  "colon-in-brackets": {
    problem: "within brackets, a colon is followed at once by a bracket, a comma or a question mark",
    fix: "write `key: value` with a blank behind the colon, or put quotes around the text",
  },
  "colon-missing": { problem: "a colon is missing after this key", fix: "write `key: value`" },
  content: {
    problem: "something stands here that cannot follow what is before it",
    fix: "check the indentation, and put quotes around a value with special characters ([ ] { } , # : & * ! | > ' \" % @ `)",
  },
  "control-character": {
    problem: "a control character stands here, or a byte order mark that is not the file's first character",
    fix: 'remove it, or write it as an escape in double quotes ("\\x01")',
  },
  directive: {
    problem: "this directive (%) is not known, or stands here twice",
    fix: "remove it, or put quotes around a text that begins with %",
  },
  escape: {
    problem: "a backslash in double quotes begins no known escape",
    fix: "use single quotes, or write the backslash twice",
  },
  indentation: {
    problem: "the indentation does not fit the lines above",
    fix: "align the keys of a mapping, and the dashes of a list, in one column",
  },
  "quote-open": {
    problem: "the quote that opens here is not closed before the document ends",
    fix: "close it, and write '' or \\\" for a quote within",
  },
  "second-value": {
    problem: "the indentation does not fit the lines above, or a second `key: value` stands in the same line",
    fix: "align the keys of a mapping in one column, and put quotes around a value that holds a colon and a blank",
  },
  tab: { problem: "a tab stands where YAML allows only spaces", fix: "indent with spaces" },
  tag,
};

/** @returns what is wrong and how to put it right. */
export const yamlProblem = (reason: YamlReason): Problem =>
  reason === "nesting" ? problems.content : problems[reason];
