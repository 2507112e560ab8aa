import { constants } from "node:os";

const numbers: Readonly<Record<string, number>> = constants.signals;

/** The signals that have a name, without SIG. */
export const signalNames: readonly string[] = Object.keys(numbers).map((name) => name.slice("SIG".length));

/** Linux's real-time signals as glibc counts them (signal(7)): the first two are its own. */
const realTime = { RTMIN: 34, RTMAX: 64 } as const;
const lastNumber = 64;

/**
 * @param text as kill(1) takes it: a name in any case, with SIG or without, RTMIN+n and RTMAX-n, or a number.
 * @returns its number and its usual name, or undefined.
 */
export function signalNamed(text: string): { readonly number: number; readonly name: string } | undefined {
  const word = text.trim().toUpperCase().replace(/^SIG/, "");
  const number = /^\d{1,2}$/.test(word) ? Number(word) : (numbers[`SIG${word}`] ?? realTimeNumber(word));
  if (number === undefined || number < 1 || number > lastNumber) return undefined;
  const known = Object.keys(numbers).find((name) => numbers[name] === number);
  return { number, name: known ?? `signal ${number}` };
}

function realTimeNumber(word: string): number | undefined {
  const [, base, offset = "+0"] = /^(RTMIN|RTMAX)([+-]\d{1,2})?$/.exec(word) ?? [];
  if (base === undefined) return undefined;
  const number = realTime[base as keyof typeof realTime] + Number(offset);
  return number >= realTime.RTMIN && number <= realTime.RTMAX ? number : undefined;
}
