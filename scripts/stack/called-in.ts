import { readFileSync, realpathSync } from "node:fs";
import { resolve } from "node:path";

/** The directories that words of make go to before make does anything: -C DIR, -CDIR, --directory=DIR, --directory DIR. */
export function directoriesOf(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    const [, attached] = /^(?:-[a-zA-Z]*C|--directory=)(.*)$/s.exec(word) ?? [];
    if (attached === undefined && word !== "--directory") return [];
    const directory = attached || words[index + 1];
    return directory === undefined ? [] : [directory];
  });
}

const same = (one: string, other: string): boolean => {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
};

/**
 * The directory that somebody called make in. make tells only where it is itself, after `-C`; PWD is where the caller's shell was,
 * but a program that starts make elsewhere than where it is need not have changed it. So PWD counts if make's own words lead
 * from there to where it is.
 *
 * @param here where make is (CURDIR). @param pwd PWD as make was given it. @param words make's own.
 */
export function calledIn(here: string, pwd: string, words: readonly string[]): string {
  const directories = directoriesOf(words);
  return pwd.startsWith("/") && same(resolve(pwd, ...directories), here) ? pwd : here;
}

/** @returns the words that a process was started with; none where it cannot be looked at. */
export function wordsOf(process: string): readonly string[] {
  try {
    return readFileSync(`/proc/${process}/cmdline`, "utf8").split("\0").slice(0, -1);
  } catch {
    return [];
  }
}
