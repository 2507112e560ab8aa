import { execFileSync } from "node:child_process";

const words = [
  "compose",
  "--project-directory",
  ".",
  "--project-name",
  "p",
  "--file",
  "-",
  "config",
  "--format",
  "json",
];

/** What Docker Compose makes of a file. */
export function readByCompose<T>(text: string, environment: Readonly<Record<string, string>> = {}): T {
  const env = { PATH: process.env["PATH"], HOME: process.env["HOME"], ...environment };
  return JSON.parse(execFileSync("docker", words, { input: text, encoding: "utf8", env })) as T;
}
