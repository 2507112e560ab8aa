/** @returns the lines of a text that are no wider than `width`, unless a single word is. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Words of a command line: blanks within single quotes belong to a word. */
const wordsOf = (command: string): readonly string[] => command.match(/(?:'[^']*'|\\.|[^\s'\\])+/g) ?? [];

/** @returns a command line as it can be typed in several lines: all but the last end with a backslash, the others are indented. */
export function wrapCommand(command: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of wordsOf(command)) {
    const last = lines.at(-1);
    // With room for the backslash.
    if (last !== undefined && last.length + 1 + word.length <= width - 2) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(lines.length === 0 ? word : `  ${word}`);
  }
  return lines.map((line, index) => (index === lines.length - 1 ? line : `${line} \\`));
}
