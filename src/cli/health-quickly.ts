import { readdirSync, readFileSync } from "node:fs";
import type { Result } from "../diagnostics/diagnostic.ts";
import { failure } from "../diagnostics/diagnostic.ts";
import { endHung } from "../host/health/hang.ts";
import { healthMessage } from "../host/health/messages.ts";
import type { Question } from "../host/health/question.ts";
import { type Aspect, judge, judgeTarget, usualTimeout } from "../host/health/verdict.ts";
import { probeFromUrl } from "../wait/url.ts";

const directory = "/run/plinth/health";

/** The words of the usual check. */
type Words = {
  readonly aspect: Aspect;
  readonly word?: string;
  readonly root: string;
  readonly timeoutMs: number;
  readonly ends: boolean;
};

/** @returns undefined where anything is out of the ordinary: then yargs reads the words, and explains what is wrong. */
function parse(words: readonly string[]): Words | undefined {
  const read = {
    aspect: "alive" as Aspect,
    root: "",
    timeoutMs: usualTimeout * 1000,
    word: undefined as string | undefined,
    ends: false,
  };
  const aspects = new Set<Aspect>();
  for (let at = 0; at < words.length; at++) {
    const [name = "", joined] = (words[at] as string).split(/=(.*)/s);
    if (name === "--alive" || name === "--ready") aspects.add(name.slice(2) as Aspect);
    else if (name === "--end-hung" && joined === undefined) read.ends = true;
    else if (name === "--timeout" || name === "--root") {
      const value = joined ?? words[++at];
      if (value === undefined) return undefined;
      if (name === "--root") read.root = value;
      else read.timeoutMs = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Number.NaN;
    } else if (name.startsWith("-") || read.word !== undefined) return undefined;
    else read.word = words[at];
  }
  if (aspects.size > 1 || !(read.timeoutMs > 0)) return undefined;
  const { word, ...rest } = read;
  return { ...rest, aspect: [...aspects][0] ?? "alive", ...(word === undefined ? {} : { word }) };
}

/** @returns the one question that a start has left behind here. */
function questionFile(path: string, word: string | undefined): string | undefined {
  try {
    const files = readdirSync(path).filter((name) => name.endsWith(".json") && !name.startsWith("."));
    const [only] = word === undefined ? files : files.filter((name) => name === `${word}.json`);
    return only !== undefined && (word !== undefined || files.length === 1) ? `${path}/${only}` : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The usual health check, without yargs, the log or the image: the question that a start left behind, or a URL. Thirty
 * containers ask it every few seconds.
 *
 * @param words after `healthcheck`.
 * @returns what was found; undefined where the verb itself has to look.
 */
export async function askQuickly(words: readonly string[]): Promise<Result<string> | undefined> {
  const read = parse(words);
  if (!read) return undefined;
  const { aspect, word, root, timeoutMs, ends } = read;
  if (word !== undefined && /^[a-z][a-z0-9+.-]*:/i.test(word)) {
    if (ends) return undefined;
    // A $NAME in it is filled from the environment, by the verb.
    const target = word.includes("$") ? undefined : probeFromUrl(word, () => undefined);
    return target?.ok && target.warnings.length === 0 ? judgeTarget(target.value, timeoutMs) : undefined;
  }
  const path = questionFile(`${root}${directory}`, word);
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    return failure([healthMessage("question-unreadable", { path, reason: (error as Error).message })]);
  }
  const question = JSON.parse(text) as Question;
  return ends ? endHung(question, path, aspect, timeoutMs) : judge(question, aspect, timeoutMs);
}
