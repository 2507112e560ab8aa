/** Compiles one node in a process of its own: {files or directory, node} on standard input, what came of it on standard output. */
import { readFileSync } from "node:fs";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { openDirectory } from "../../src/host/inventory/inventory.ts";
import { nodeInfoJson } from "../../src/model/json.ts";
import { openModel } from "../../src/model/model.ts";
import { type Files, memorySource } from "../support/model.ts";

type Question = { readonly files?: Files; readonly directory?: string; readonly node: string };

const { files, directory, node } = JSON.parse(readFileSync(0, "utf8")) as Question;

function compiled(): { readonly json: string } | { readonly diagnostics: readonly Diagnostic[] } {
  const source = directory === undefined ? undefined : openDirectory(directory);
  if (source && !source.ok) return source;
  const model = openModel(source ? source.value : memorySource(files ?? {}));
  if (!model.ok) return model;
  const made = model.value.compile(node);
  return made.ok ? { json: nodeInfoJson(made.value) } : made;
}

const begin = performance.now();
const given = compiled();
const answer = "json" in given ? given : { diagnostics: given.diagnostics };
const { maxRSS } = process.resourceUsage();
process.stdout.write(JSON.stringify({ ...answer, milliseconds: performance.now() - begin, mebibytes: maxRSS / 1024 }));
