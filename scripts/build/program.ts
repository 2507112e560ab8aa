/** Makes the parts of the program, each one JavaScript file with a code cache beside it, in build/stage. */
import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { build } from "esbuild";
import { embedEtcdProtos } from "./etcd3-protos.ts";
import { later, parts } from "./parts.ts";
import { lightPino } from "./pino.ts";

export const stage = "build/stage";

async function makePart(part: string, entry: string, define: Readonly<Record<string, string>>): Promise<void> {
  const outfile = join(stage, `${part}.cjs`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    // A script that is run through node:vm has no import(): what is left of them (Node's own modules) becomes require.
    supported: { "dynamic-import": false },
    // Names stay, so that the stack in a bug report can be read; white space goes, V8 reads it at every start.
    minifyWhitespace: true,
    minifySyntax: true,
    // One byte a character: V8 then takes the source as it is.
    charset: "ascii",
    legalComments: "none",
    define: { ...define },
    // Its module for bundlers: the other one looks for itself on disk.
    alias: { yargs: "./node_modules/yargs/index.cjs" },
    plugins: [embedEtcdProtos, lightPino, later(part)],
    logLevel: "warning",
  });
  const text = readFileSync(outfile, "latin1");
  // yargs asks where it is, to look for its locales beside it; there is nothing.
  const opening =
    '(function(require,later){var module={exports:{}},exports=module.exports,__dirname="/",__filename="/plinth";';
  writeFileSync(outfile, `${opening}${text}\nreturn module.exports})`, "latin1");
}

/** The environment of images/sample.env. */
function sampleEnvironment(): Record<string, string> {
  const lines = readFileSync("images/sample.env", "utf8")
    .split("\n")
    .filter((line) => /^\w+=/.test(line));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
}

const run = (words: readonly string[], env: NodeJS.ProcessEnv, cwd = "."): void => {
  execFileSync(process.execPath, [...words], { cwd, env, stdio: ["ignore", "ignore", "inherit"] });
};

/** What a node may say of its files: a start that puts options in their lines is warmed, too. */
const said = `
parameters:
  _options:
    nova.conf:
      DEFAULT: {report_interval: 7, host: $SERVICE_DATABASE_HOST}
      filter_scheduler: {enabled_filters: [ComputeFilter]}
`;

/** Bakes an image and starts it once, as a container would; loads each other part once. */
function makeCaches(): void {
  rmSync(join(stage, "warm"), { recursive: true, force: true });
  mkdirSync(join(stage, "warm"), { recursive: true });
  const model = join(stage, "warm/model");
  cpSync("model", model, { recursive: true });
  appendFileSync(join(model, "nodes/nova-controller.yml"), said);
  const quiet = { ...process.env, PLINTH_LOG_LEVEL: "error" };
  const given = [
    "--node",
    "nova-controller",
    "--model",
    model,
    "--release",
    "2025.1",
    "--templates",
    "config-templates",
  ];
  // From source: the parts are still cold, and baking is not what is warmed.
  run(["src/main.ts", "bake", ...given, "--output", join(stage, "warm/image.json")], quiet);
  const start = ["start", "conductor", "--image", "warm/image.json", "--root", "warm/root"];
  const own = ["--no-wait", "--user", `${process.getuid?.()}:${process.getgid?.()}`, "--", "/bin/true"];
  // The longest-running verb; the others share most of its way.
  const verb = ["model", "show", "--all", "--json", "--model", resolve("model")];
  const health = ["healthcheck", "warm", "--root", "warm/root"];
  const runs: Readonly<Record<string, readonly string[]>> = { start: [...start, ...own], verbs: verb, health };
  const script = resolve("scripts/build/warm.cjs");
  for (const part of Object.keys(parts)) {
    const words = runs[part] ?? [];
    // To a file, so that writing the log is warmed as it is in a container.
    const environment = { ...process.env, ...sampleEnvironment(), PLINTH_LOG_FORMAT: "json" };
    execFileSync("sh", ["-c", 'exec "$@" 2>warm/log', "sh", process.execPath, script, part, ...words], {
      cwd: stage,
      env: environment,
      stdio: "ignore",
    });
  }
}

/** @param define constants of the program (`PLINTH_VERSION`), as JavaScript text. */
export async function makeProgram(define: Readonly<Record<string, string>>): Promise<void> {
  mkdirSync(stage, { recursive: true });
  for (const [part, entry] of Object.entries(parts)) await makePart(part, entry, define);
  makeCaches();
}
