import { type Command, commands, purposeOf, statuses, takenBy } from "./commands.ts";

/** Writes a text so that roff shows it as it is: groff_char(7) on `-`, groff(7) on lines that begin with a dot or a quote. */
const plain = (text: string): string =>
  text
    .replaceAll("\\", "\\(rs")
    .replaceAll("-", "\\-")
    .replaceAll("'", "\\(aq")
    .replaceAll("`", "\\(ga")
    .replaceAll("^", "\\(ha")
    .replaceAll("~", "\\(ti")
    .replace(/^\./gm, "\\&.");

const pageName = (name: string): string => name.replaceAll(" ", "-");

// No date: the pages are part of the tree whose digest says whether an image has to be built again.
const title = (name: string, version: string): string =>
  `.TH ${plain(pageName(name)).toUpperCase()} 1 "" "plinth ${version}" "plinth"`;

function options({ options: rows }: Command): readonly string[] {
  if (rows.length === 0) return [];
  return [
    ".SH OPTIONS",
    ...rows.flatMap(([name, row]) => {
      const value = takenBy(row);
      return [".TP", `.B ${plain(`--${name}`)}${value && ` ${plain(value)}`}`, plain(`${purposeOf(row)}.`)];
    }),
  ];
}

const exits: readonly string[] = [
  ".SH EXIT STATUS",
  ...statuses.flatMap(([status, meaning]) => [".TP", `.B ${status}`, plain(`${meaning}.`)]),
];

function page(command: Command, version: string): string {
  const { name, summary, positional, examples } = command;
  return [
    title(name, version),
    ".SH NAME",
    `${plain(pageName(name))} \\- ${plain(summary)}`,
    ".SH SYNOPSIS",
    `.B ${plain(name)}`,
    plain(`${positional} [options]`.trim()),
    ...options(command),
    ".SH EXAMPLES",
    ...examples.flatMap(([example, what]) => [".TP", `.B ${plain(example)}`, plain(`${what}.`)]),
    ...exits,
    ".SH SEE ALSO",
    ".BR plinth (1)",
    "",
  ].join("\n");
}

function overview(version: string): string {
  return [
    title("plinth", version),
    ".SH NAME",
    "plinth \\- the entrypoint of OpenStack images",
    ".SH SYNOPSIS",
    ".B plinth",
    plain("<verb> [words..] [options]"),
    ".SH DESCRIPTION",
    plain(
      "plinth renders the configuration of a service, waits until what the service needs is there, and becomes the service.",
    ),
    ".SH COMMANDS",
    ...commands.flatMap(({ name, summary }) => [".TP", `.BR ${plain(pageName(name))} (1)`, plain(`${summary}.`)]),
    ...exits,
    "",
  ].join("\n");
}

/** @returns every manual page of plinth by its file's name: `plinth-model-explain.1`. */
export function manualPages(version: string): ReadonlyMap<string, string> {
  return new Map([
    ["plinth.1", overview(version)],
    ...commands.map((command): [string, string] => [`${pageName(command.name)}.1`, page(command, version)]),
  ]);
}
