/**
 * The directory of a component's drop-in files, as oslo.config itself calls it (cfg.py, find_config_dirs): what is mounted there is
 * read after all other files.
 */
export const dropInDirectory = (component: string): string => `/etc/${component}/${component}.conf.d`;

/** A program of OpenStack's: plinth's own scripts take no further words. */
const program = /^\/usr\/bin\//;

/** @returns the words with the directory behind the last `--config-file`: the last file that says an option counts. */
function inWords(words: readonly string[], directory: string): readonly string[] {
  const last = words.lastIndexOf("--config-file");
  return last < 0 ? words : [...words.slice(0, last + 2), "--config-dir", directory, ...words.slice(last + 2)];
}

/** The lines of a script, each of which is a command. */
const inLine = (line: string, directory: string): string =>
  program.test(line) ? inWords(line.split(" "), directory).join(" ") : line;

/**
 * @returns a service's command so that it reads the drop-in directory last. oslo.config reads it by itself, but before the files that
 * `--config-file` names (cfg.py, _parse_config_files), which would then count more; what is served by uWSGI is given no such words.
 */
export function withDropIns(command: readonly string[], directory: string): readonly string[] {
  const [first = "", flag = "", script = "", ...rest] = command;
  if (program.test(first)) return inWords(command, directory);
  if (first !== "/bin/sh") return command;
  if (rest.length === 0)
    return [
      first,
      flag,
      script
        .split("\n")
        .map((line) => inLine(line, directory))
        .join("\n"),
    ];
  return rest.some((word) => program.test(word)) ? inWords(command, directory) : command;
}
