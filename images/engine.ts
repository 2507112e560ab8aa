import { execFileSync, spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { type Diagnostic, failure, type Result, success } from "../src/diagnostics/diagnostic.ts";
import { buildMessage } from "./messages.ts";

/** Lines of a failed build's log that are shown. */
const tailLines = 30;

/** @returns the reason that no image can be built with this machine's Docker, if there is one. */
export function engineProblem(): Diagnostic | undefined {
  try {
    execFileSync("docker", ["version", "--format", "{{.Server.Version}}"], { stdio: ["ignore", "pipe", "pipe"] });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: Buffer };
    if (code === "ENOENT") return buildMessage("docker-missing", {});
    return buildMessage("engine-silent", { reason: stderr?.toString().trim() ?? String(error) });
  }
}

export type Built = { readonly seconds: number; readonly bytes: number };

/** Runs docker, its output added to `log`. @returns its exit status. */
async function runLogged(words: readonly string[], log: string, flags: "w" | "a"): Promise<number | null> {
  const output = createWriteStream(log, { flags });
  await new Promise((opened) => output.once("open", opened));
  const docker = spawn("docker", words, {
    stdio: ["ignore", output, output],
    env: { ...process.env, BUILDKIT_PROGRESS: "plain" },
  });
  const status = await new Promise<number | null>((ended) => docker.once("close", ended));
  output.close();
  return status;
}

const tailOf = (log: string): string => readFileSync(log, "utf8").trimEnd().split("\n").slice(-tailLines).join("\n");

/** Runs one `docker build`, its output in `log`. */
export async function runBuild(image: string, words: readonly string[], log: string): Promise<Result<Built>> {
  const began = performance.now();
  const status = await runLogged(words, log, "w");
  if (status !== 0) return failure([buildMessage("build-failed", { image, log, tail: tailOf(log) })]);
  const size = execFileSync("docker", ["image", "inspect", "--format", "{{.Size}}", image], { encoding: "utf8" });
  return success({ seconds: (performance.now() - began) / 1000, bytes: Number(size) });
}

export const pushWords = (image: string): readonly string[] => ["push", image];

/** Uploads an image to the registry that its name begins with. */
export async function runPush(image: string, log: string): Promise<Result<undefined>> {
  const status = await runLogged(pushWords(image), log, "a");
  return status === 0 ? success(undefined) : failure([buildMessage("push-failed", { image, log, tail: tailOf(log) })]);
}
