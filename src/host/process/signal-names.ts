import { constants } from "node:os";
import { firstRealTime, lastRealTime } from "./signals.ts";

const numbers: Readonly<Record<string, number>> = constants.signals;

/** The signals that have a name, without SIG. */
export const signalNames: readonly string[] = Object.keys(numbers).map((name) => name.slice("SIG".length));

const realTime = { RTMIN: firstRealTime, RTMAX: lastRealTime } as const;

/**
 * @param text as kill(1) takes it: a name in any case, with SIG or without, RTMIN+n and RTMAX-n, or a number.
 * @returns its number and its usual name, or undefined.
 */
export function signalNamed(text: string): { readonly number: number; readonly name: string } | undefined {
  const word = text.trim().toUpperCase().replace(/^SIG/, "");
  const number = /^\d{1,2}$/.test(word) ? Number(word) : (numbers[`SIG${word}`] ?? realTimeNumber(word));
  if (number === undefined || number < 1 || number > lastRealTime) return undefined;
  const known = Object.keys(numbers).find((name) => numbers[name] === number);
  return { number, name: known ?? `signal ${number}` };
}

function realTimeNumber(word: string): number | undefined {
  const [, base, offset = "+0"] = /^(RTMIN|RTMAX)([+-]\d{1,2})?$/.exec(word) ?? [];
  if (base === undefined) return undefined;
  const number = realTime[base as keyof typeof realTime] + Number(offset);
  return number >= realTime.RTMIN && number <= realTime.RTMAX ? number : undefined;
}
