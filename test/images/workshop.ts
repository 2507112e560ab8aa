import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type FakeEngine, makeEngine } from "./fake-engine.ts";

export type Ran = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

export type ReportRow = {
  readonly image: string;
  readonly node: string;
  readonly result: string;
  readonly because?: string;
  readonly bytes: number | null;
  readonly packages: number | null;
  readonly python_packages: number | null;
  readonly installed_bytes: number | null;
  readonly seconds: number;
  readonly log: string | null;
  readonly sbom: string | null;
};

/** A directory as the repository is one to images/build.ts, with images of its own and an engine that only says that it builds. */
export type Workshop = {
  readonly directory: string;
  readonly engine: FakeEngine;
  readonly build: (...words: string[]) => Ran;
  /** Adds an image, or changes one: what its node's `_image` says beside its name. */
  readonly setImage: (name: string, own: string) => void;
  /** The report of the last run. */
  readonly report: () => {
    readonly deploy_name: string;
    readonly release: string;
    readonly engine: string;
    readonly images: readonly ReportRow[];
  };
};

/** `base` is below `shared` and `cache`; `shared` is below `api` and `client`. */
const nodes: Readonly<Record<string, string>> = {
  base: "base: debian:trixie",
  shared: "parent: base, packages: [python3]",
  cache: "parent: base, packages: [memcached]",
  api: "parent: shared, packages: [keystone]",
  client: "parent: shared",
};

export function makeWorkshop(directory: string): Workshop {
  const write = (path: string, text: string): void => {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  write("package.json", '{"version":"0.1.0"}\n');
  write("model/classes/all.yml", 'parameters: {_param: {release: "2025.1", deploy_name: plinth, registry: null}}\n');
  const setImage = (name: string, own: string): void => {
    const param = ["registry", "deploy_name"].map((key) => `${key}: "\${_param:${key}}"`).join(", ");
    const image = `{name: ${name}, tag: "\${_param:release}", ${param}, ${own}}`;
    const release = "{source: debian}";
    write(`model/nodes/${name}.yml`, `classes: [all]\nparameters: {_release: ${release}, _image: ${image}}\n`);
    write(`images/${name}/Dockerfile`, "ARG BASE\nFROM ${BASE}\n");
  };
  for (const [name, own] of Object.entries(nodes)) setImage(name, own);
  symlinkSync(resolve("config-templates"), join(directory, "config-templates"));
  const engine = makeEngine(join(directory, "engine"));
  const program = resolve("images/build.ts");
  return {
    directory,
    engine,
    setImage,
    build: (...words) =>
      spawnSync(process.execPath, [program, "--pause", "0", ...words], {
        encoding: "utf8",
        cwd: directory,
        env: { PATH: `${engine.bin}:${process.env["PATH"]}` },
      }),
    report: () => JSON.parse(readFileSync(join(directory, "build/images/2025.1.json"), "utf8")),
  };
}
