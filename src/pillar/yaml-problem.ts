import type { ErrorCode } from "yaml";

type Problem = { readonly problem: string; readonly fix: string };

const token: Problem = {
  problem: "something stands here that cannot follow what is before it",
  fix: "check the indentation, and put quotes around a value with special characters ([ ] { } , # : & * ! | > ' \" % @ `)",
};

/**
 * Our own words for the parser's errors, since its own quote the document (a tag, an alias, an escape), and a password
 * that begins with `!` or `*` is just that.
 */
const problems: Partial<Record<ErrorCode, Problem>> = {
  BAD_INDENT: {
    problem: "the indentation does not fit the lines above, or a bracket is not closed",
    fix: "align the keys of a mapping in one column, and close every [ and {",
  },
  TAB_AS_INDENT: { problem: "a tab indents this line", fix: "indent with spaces" },
  MISSING_CHAR: {
    problem: "a character is missing: a closing quote or bracket, a comma, or the blank after a colon",
    fix: "close what was opened, and write `key: value` with a blank",
  },
  BLOCK_AS_IMPLICIT_KEY: {
    problem: "a second `key: value` stands in the same line",
    fix: "put quotes around a value that holds a colon and a blank, or begin a new line",
  },
  MULTILINE_IMPLICIT_KEY: { problem: "a colon is missing after this key", fix: "write `key: value`" },
  BAD_SCALAR_START: { problem: "a value cannot begin with this character", fix: "put quotes around the value" },
  BAD_DQ_ESCAPE: {
    problem: "a backslash in double quotes begins no known escape",
    fix: "use single quotes, or write the backslash twice",
  },
  BAD_ALIAS: {
    problem: "an anchor (&) or alias (*) has no name",
    fix: "put quotes around a value that begins with & or *",
  },
  TAG_RESOLVE_FAILED: {
    problem: "a tag (!name) is not known here",
    fix: "put quotes around a value that begins with !, or leave the tag out",
  },
  MULTIPLE_DOCS: { problem: "a second document begins", fix: "keep one document: remove the line ---" },
  BAD_DIRECTIVE: { problem: "this directive (%) is not known", fix: "remove it" },
  RESOURCE_EXHAUSTION: { problem: "it is nested too deeply", fix: "close every [ and {" },
};

/** @returns what is wrong and how to put it right, for a code of the YAML parser. */
export const yamlProblem = (code: ErrorCode): Problem => problems[code] ?? token;
