import { readFileSync } from "node:fs";
import { type Diagnostic, failure, type Result, success } from "../../src/diagnostics/diagnostic.ts";
import { overrides } from "../../src/openstack/python.ts";
import { lockMessage } from "./messages.ts";

/** Names of packages as PyPI compares them (https://packaging.python.org/en/latest/specifications/name-normalization/). */
export const normalized = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-");

const pin = /^([A-Za-z0-9][\w.-]*)===([^\s;]+)(;.*)?$/;

/** An address is not shown: it may have a password in it, or name a host that nobody else need know. */
const shownOf = (from: string): string => (/^https?:/.test(from) ? "CONSTRAINTS" : from);

async function fetched(text: string): Promise<string> {
  const address = new URL(text);
  // fetch() takes no login in an address.
  const login = [address.username, address.password].map(decodeURIComponent).join(":");
  const headers = login === ":" ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` };
  [address.username, address.password] = ["", ""];
  const answer = await fetch(address, { headers, signal: AbortSignal.timeout(60_000) });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  return answer.text();
}

/** Node's words about a request may have the address in them. */
const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error & { cause?: { code?: string } };
  return cause?.code ?? message.replace(/\bhttps?:\/\/\S+/g, "CONSTRAINTS");
};

/**
 * Reads upstream's upper-constraints.
 *
 * @param from a file, or an address.
 */
export async function readConstraints(from: string): Promise<Result<string>> {
  const shown = shownOf(from);
  let text: string;
  try {
    text = /^https?:/.test(from) ? await fetched(from) : readFileSync(from, "utf8");
  } catch (error) {
    return failure([lockMessage("constraints-unreadable", { from: shown, reason: reasonOf(error) })]);
  }
  const lines = text.split("\n").map((line) => line.trim());
  const wrong = lines.findIndex((line) => line !== "" && !line.startsWith("#") && !pin.test(line));
  if (wrong >= 0 || !lines.some((line) => pin.test(line))) {
    const line = (lines[wrong] ?? "it is empty").slice(0, 80);
    return failure([lockMessage("constraints-wrong", { from: shown, line, number: Math.max(wrong, 0) + 1 })]);
  }
  return success(text);
}

/** @returns the constraints with the release's overrides in the place of what they pin. */
export function overridden(release: string, text: string): Result<string> {
  const own = overrides.filter((row) => row.release === release);
  const names = new Set(own.map(({ name }) => normalized(name)));
  const lines = text.split("\n");
  const nameOf = (line: string): string => normalized(pin.exec(line.trim())?.[1] ?? "");
  const pinned = new Set(lines.map(nameOf));
  const unneeded: readonly Diagnostic[] = own
    .filter(({ name }) => !pinned.has(normalized(name)))
    .map(({ name, version }) => lockMessage("override-unneeded", { release, override: `${name}${version}` }));
  if (unneeded.length > 0) return failure(unneeded);
  const kept = lines.filter((line) => !names.has(nameOf(line)));
  return success([...kept, ...own.map(({ name, version }) => `${name}${version}`), ""].join("\n"));
}
