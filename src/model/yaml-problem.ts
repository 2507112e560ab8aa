type Problem = { readonly problem: string; readonly fix: string };

const token: Problem = {
  problem: "something stands here that cannot follow what is before it",
  fix: "check the indentation, and put quotes around a value with special characters ([ ] { } , # : & * ! | > ' \" % @ `)",
};

/**
 * Our own words for the parser's reasons, since its own quote the document (a tag, an alias), and a password that begins with
 * `!` or `*` is just that.
 */
const problems: readonly (readonly [reason: RegExp, problem: Problem])[] = [
  [
    /^tab characters|^deficient indentation$/,
    {
      problem: "the indentation does not fit the lines above, is a tab, or a quote or bracket is not closed",
      fix: "indent with spaces, align the keys of a mapping in one column, and close every quote, [ and {",
    },
  ],
  [
    /^bad indentation|^end of the stream or a document separator is expected$/,
    {
      problem: "the indentation does not fit the lines above, or a second `key: value` stands in the same line",
      fix: "align the keys of a mapping in one column, and put quotes around a value that holds a colon and a blank",
    },
  ],
  [
    /^unexpected end of the|^missed comma|^expected the node content|^a whitespace character is expected/,
    {
      problem: "a character is missing: a closing quote or bracket, a comma, or the blank after a colon",
      fix: "close what was opened, and write `key: value` with a blank",
    },
  ],
  [/^expected ':' after|multiline key/, { problem: "a colon is missing after this key", fix: "write `key: value`" }],
  [
    /escape sequence|^expected hexadecimal/,
    {
      problem: "a backslash in double quotes begins no known escape",
      fix: "use single quotes, or write the backslash twice",
    },
  ],
  [
    /anchor|alias node/,
    {
      problem: "an anchor (&) or alias (*) has no name, or stands where it cannot",
      fix: "put quotes around a value that begins with & or *",
    },
  ],
  [
    /^tag |tag property|tag handle|tag suffix/,
    {
      problem: "a tag (!name) is not known here",
      fix: "put quotes around a value that begins with !, or leave the tag out",
    },
  ],
  [/directive/i, { problem: "this directive (%) is not known", fix: "remove it" }],
  [
    /non-printable|null byte|valid JSON character/,
    {
      problem: "a control character stands here",
      fix: 'remove it, or write it as an escape in double quotes ("\\x01")',
    },
  ],
];

/** @returns what is wrong and how to put it right, for the YAML parser's reason. */
export const yamlProblem = (reason: string): Problem =>
  problems.find(([pattern]) => pattern.test(reason))?.[1] ?? token;
