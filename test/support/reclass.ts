import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import type { Files } from "./model.ts";

/** Debian's own interpreter: the one that has Debian's reclass. */
const interpreter = "/usr/bin/python3";

const script = new URL("../model/judge/reclass_judge.py", import.meta.url).pathname;

/** What reclass gave for a node. The model's directory reads `/model` in it. */
export type Judged =
  | { readonly ok: true; readonly json: string; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly error: string; readonly message: string; readonly warnings: readonly string[] };

export type Judge = {
  readonly ask: (files: Files, node: string) => Promise<Judged>;
  readonly stop: () => void;
};

const installed = (): boolean => spawnSync(interpreter, ["-c", "import reclass"]).status === 0;

function install(): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const apt = (...words: readonly string[]) =>
    spawnSync("apt-get", ["-qq", "-o", "DPkg::Lock::Timeout=300", ...words], { env, stdio: "ignore" });
  apt("update");
  apt("install", "-y", "--no-install-recommends", "reclass");
}

/** A reason to skip what reclass judges, where it is not installed and cannot be: that takes root and apt. */
export function withoutReclass(): string | false {
  if (installed()) return false;
  if (process.getuid?.() === 0) install();
  return installed() ? false : "needs Debian's package reclass";
}

/** Starts reclass; it answers one question at a time, in the order they were asked. */
export function startJudge(): Judge {
  const env = { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8" };
  const process = spawn(interpreter, ["-W", "ignore", script], { env, stdio: ["pipe", "pipe", "inherit"] });
  const waiting: PromiseWithResolvers<Judged>[] = [];
  createInterface(process.stdout).on("line", (line) => waiting.shift()?.resolve(JSON.parse(line) as Judged));
  process.on("close", (status) => {
    for (const each of waiting.splice(0)) each.reject(new Error(`the judge ended with ${status}`));
  });
  return {
    ask: (files, node) => {
      const answer = Promise.withResolvers<Judged>();
      waiting.push(answer);
      process.stdin.write(`${JSON.stringify({ files, node })}\n`);
      return answer.promise;
    },
    stop: () => process.stdin.end(),
  };
}

const token = /"(?:[^"\\]|\\.)*"|-?(?:Infinity|\d[\d.eE+-]*)|NaN/g;

/**
 * @returns what a JSON text holds, fit to be compared: numbers as they are written (`1.0` is not `1`, and no integer loses
 * digits), without the time at which reclass ran. NaN and Infinity, which Python prints and JSON has not, become the texts
 * that Python has for them, as we print them.
 */
export function comparable(json: string): Record<string, unknown> {
  const kept = json.replace(token, (found) => {
    if (found.startsWith('"')) return found;
    const text = found.includes("N") || found.includes("I") ? found.toLowerCase().replace("inity", "") : `#${found}`;
    return `"${text}"`;
  });
  const parsed = JSON.parse(kept) as Record<string, unknown>;
  const about = parsed["__reclass__"];
  if (typeof about === "object" && about !== null && "timestamp" in about) delete about.timestamp;
  return parsed;
}
