import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Starts a program that runs until it is stopped. @param line called with each line that it prints. */
export function eachLine(
  [program = "", ...words]: readonly string[],
  line: (text: string) => void,
): Pick<ChildProcess, "kill" | "once"> {
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "ignore"] });
  createInterface({ input: child.stdout }).on("line", line);
  child.once("error", () => {});
  return child;
}
