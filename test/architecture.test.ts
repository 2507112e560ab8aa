import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { test } from "node:test";

/**
 * Which directory of src may import which, and why. Data flows one way: model, pillar, settings, files, waits, hand-over; a stage
 * knows the value before it and no other stage. `types` may be imported as types only.
 */
const layers: Readonly<Record<string, { may: readonly string[]; types?: readonly string[]; why: string }>> = {
  diagnostics: { may: [], why: "every stage reports mistakes, so mistakes know no stage" },
  schema: { may: ["diagnostics"], why: "what a field is does not depend on which fields there are" },
  openstack: { may: ["schema"], why: "tables of releases, images and services hold no behaviour" },
  model: { may: ["diagnostics"], why: "the model is compiled without knowing what an image is" },
  pillar: {
    may: ["diagnostics", "schema", "openstack"],
    types: ["model"],
    why: "a pillar is checked without a container",
  },
  overlay: { may: ["diagnostics"], types: ["settings"], why: "sources of values do not know what the values are for" },
  settings: {
    may: ["diagnostics", "schema"],
    types: ["openstack", "overlay", "pillar"],
    why: "on the start path: nothing of pillar or tables is loaded to resolve what was baked",
  },
  render: {
    may: ["diagnostics", "dialect", "schema", "settings", "text"],
    types: ["baked", "openstack"],
    why: "a template sees settings, never the pillar",
  },
  wait: {
    may: ["diagnostics", "schema", "settings"],
    types: ["openstack"],
    why: "scheduling is tested without a network",
  },
  text: { may: [], why: "how words are laid out does not depend on what they say" },
  timeline: { may: ["text"], why: "a log is read without the machine that wrote it" },
  catalog: { may: ["schema"], why: "what a catalog lacks is told without a keystone" },
  handover: { may: ["settings"], types: ["baked"], why: "planning the service's process is tested without one" },
  dialect: { may: [], why: "who writes a file, and who checks what it is to hold, know names by the same rules" },
  options: {
    may: ["diagnostics", "dialect", "schema", "openstack", "pillar"],
    types: ["model"],
    why: "an option is checked against its release's list without a template",
  },
  baked: {
    may: ["diagnostics", "schema"],
    types: ["openstack", "pillar", "settings"],
    why: "the start path reads it, and nothing of how it is made",
  },
  image: {
    may: ["baked", "diagnostics", "schema", "openstack", "pillar", "options", "settings", "render", "wait", "yaml"],
    types: ["model"],
    why: "baking composes the stages, and leaves its result in baked",
  },
  deployment: {
    may: ["diagnostics", "schema", "openstack", "pillar", "settings"],
    types: ["model", "image", "baked"],
    why: "what a deployment is does not depend on the engine that runs it",
  },
  graph: {
    may: ["diagnostics"],
    types: ["deployment"],
    why: "a picture is drawn of a deployment, whatever engine runs it",
  },
  release: {
    may: ["schema", "openstack", "options"],
    why: "releases are compared by their tables, without a model or a container",
  },
  upgrade: {
    may: ["diagnostics", "dialect", "schema", "openstack", "options", "release", "text"],
    types: ["deployment"],
    why: "a plan is computed from tables and two descriptions, and carried out by nobody in here",
  },
  yaml: { may: [], why: "a value is written without knowing what it says" },
  compose: {
    may: ["yaml"],
    types: ["deployment"],
    why: "a writer knows the description, and nothing of where it comes from",
  },
  manifest: {
    may: ["yaml"],
    types: ["deployment"],
    why: "a writer knows the description, and nothing of the other writer",
  },
  secrets: {
    may: ["diagnostics"],
    types: ["deployment"],
    why: "which Secrets a deployment lacks is told without a cluster",
  },
  host: {
    may: ["diagnostics", "schema", "settings", "wait", "overlay", "secrets"],
    types: ["catalog", "handover", "openstack", "render", "model", "manifest", "upgrade"],
    why: "effects live at the edge, and know of values only",
  },
  cli: {
    may: [
      "diagnostics",
      "dialect",
      "schema",
      "openstack",
      "model",
      "pillar",
      "options",
      "overlay",
      "settings",
      "render",
      "wait",
      "catalog",
      "timeline",
      "handover",
      "baked",
      "image",
      "deployment",
      "compose",
      "manifest",
      "graph",
      "release",
      "upgrade",
      "secrets",
      "text",
      "host",
    ],
    why: "verbs put the stages together",
  },
};

/** Packages and parts of Node that only these places may import: effects at the edge, heavy libraries behind one door. */
const doors: Readonly<Record<string, readonly string[]>> = {
  // node:vm compiles templates and ends what takes too long, which touches nothing.
  "node:": ["host/", "cli/", "main.ts", "render/engine.ts", "model/deadline.ts"],
  nunjucks: ["render/"],
  etcd3: ["host/etcd/"],
  yargs: ["cli/words.ts"],
  pino: ["host/log.ts"],
  ini: ["render/words.ts"],
  mysql2: ["host/probe/mysql.ts"],
  "@noble/ed25519": ["host/probe/ed25519.ts"],
};

type Import = { readonly file: string; readonly target: string; readonly typesOnly: boolean };

const source = resolve("src");
const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
  (file) => /\.ts$/.test(file) && !file.endsWith(".d.ts"),
);

function importsOf(file: string): readonly Import[] {
  const text = readFileSync(join(source, file), "utf8");
  const statements = text.matchAll(/^(import|export)\s+(type\s+)?([^;]*?from\s+)?"([^"]+)";|import\("([^"]+)"\)/gm);
  return [...statements].map(([, , types, names = "", direct, dynamic]) => ({
    file,
    target: direct ?? dynamic ?? "",
    typesOnly:
      types !== undefined ||
      (/^\{[^}]*\}/.test(names) && names.match(/[\w$]+(?=\s*[,}])/g)?.length === names.match(/\btype\s+\w+/g)?.length),
  }));
}

const directoryOf = (path: string): string => path.split("/")[0] ?? "";
const imports = files.flatMap(importsOf);

test("every directory of src is in the table of layers", () => {
  const directories = new Set(files.filter((file) => file.includes("/")).map(directoryOf));
  assert.deepEqual(
    [...directories].filter((directory) => !(directory in layers)),
    [],
  );
});

test("directories of src import only what the table of layers allows", () => {
  const wrong = imports.flatMap(({ file, target, typesOnly }) => {
    if (!target.startsWith(".") || !file.includes("/")) return [];
    const from = directoryOf(file);
    const to = directoryOf(relative(source, resolve(dirname(join(source, file)), target)));
    const layer = layers[from];
    if (from === to || !layer || layer.may.includes(to) || (typesOnly && layer.types?.includes(to))) return [];
    return [`${file} imports ${to}${typesOnly ? " (types)" : ""}; ${from}: ${layer.why}`];
  });
  assert.deepEqual(wrong, []);
});

for (const [module, places] of Object.entries(doors)) {
  test(`${module} is imported only in ${places.join(", ")}`, () => {
    const wrong = imports
      .filter(
        ({ target, typesOnly }) =>
          !typesOnly && (target === module || target.startsWith(`${module}${module.endsWith(":") ? "" : "/"}`)),
      )
      .filter(({ file }) => !places.some((place) => file.startsWith(place)))
      .map(({ file }) => file);
    assert.deepEqual(wrong, []);
  });
}

test("no release is named outside the tables of releases and what they are the rows for", () => {
  const { releases } = {
    releases: readFileSync(join(source, "openstack/releases.ts"), "utf8").match(/(?<=name: ")[^"]+/g) ?? [],
  };
  const pattern = new RegExp(`["'\`](${releases.map((name) => name.replace(".", "\\.")).join("|")})["'\`]`);
  const wrong = files.filter(
    (file) => !file.startsWith("openstack/") && pattern.test(readFileSync(join(source, file), "utf8")),
  );
  assert.deepEqual(wrong, []);
});

test("no source reads process.env, which is empty in the binary: see host/environment.ts", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts"));
  const others = files.filter((path) => path !== "host/environment.ts");
  const readers = others.filter((path) =>
    /process\.env\b(?!\["SHELL"\] =)/.test(
      readFileSync(join("src", path), "utf8").replace(/^\s*(\*|\/\/|\/\*).*$/gm, ""),
    ),
  );
  assert.deepEqual(readers, []);
});
