/**
 * Locks a release: `make lock VERSION=2026.1 [CONSTRAINTS=file-or-url] [COMPONENTS="nova heat"] [TRY=1]`.
 *
 * Resolves each component's row with upstream's constraints into images/locks/RELEASE/COMPONENT.txt, and keeps it only after it was
 * tried: trial.ts. Until then all is in build/lock; what was there stays where anything fails. With nothing new the files are
 * the same and nothing is tried; TRY=1 tries them all the same.
 */
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { lockDirectory } from "../../images/lock.ts";
import {
  buildLock,
  constraintsPath,
  headOf,
  type Locked,
  lockPath,
  locksDirectory,
  lockText,
  requirementsOf,
} from "../../images/locks.ts";
import { type Diagnostic, failure, type Result, success } from "../../src/diagnostics/diagnostic.ts";
import { statusOf } from "../../src/diagnostics/exit-status.ts";
import { pythonComponentsOf } from "../../src/openstack/python.ts";
import { type ReleaseRow, releases } from "../../src/openstack/releases.ts";
import { listFiles } from "../option-files.ts";
import { overridden, readConstraints } from "./constraints.ts";
import { build, endContainers, prepareSite, type Site, tailOf, uvProblem } from "./container.ts";
import { lockMessage } from "./messages.ts";
import { tryLock } from "./trial.ts";

const tell = (line: string): boolean => process.stderr.write(`${line}\n`);

type Request = {
  readonly release: string;
  readonly row: ReleaseRow;
  readonly components: readonly string[];
  readonly from: string;
};

function readRequest(environment: Readonly<Record<string, string | undefined>>): Result<Request> {
  const { VERSION: release = "", CONSTRAINTS, COMPONENTS = "" } = environment;
  const row = releases.find(({ name, sources }) => name === release && sources?.pypi);
  if (!row) {
    const known = releases.filter(({ sources }) => sources?.pypi).map(({ name }) => name);
    return failure([lockMessage("release-not-locked", { release, known })]);
  }
  const known = pythonComponentsOf(release);
  const asked = COMPONENTS.split(/\s+/).filter(Boolean);
  const unknown = asked.filter((component) => !known.includes(component));
  if (unknown.length > 0)
    return failure(unknown.map((component) => lockMessage("lock-component-unknown", { component, release, known })));
  if (CONSTRAINTS && asked.length > 0) {
    return failure([
      lockMessage("lock-words-wrong", {
        problem: "Other constraints are for all components: COMPONENTS cannot be chosen.",
      }),
    ]);
  }
  return success({
    release,
    row,
    components: asked.length > 0 ? asked : known,
    from: CONSTRAINTS || constraintsPath(release),
  });
}

/** Asks the base for its Python, which must be that of the row. */
async function checkPython(site: Site, { release, row }: Request): Promise<readonly Diagnostic[]> {
  const { base = "", python: wants = "" } = row.sources?.pypi ?? {};
  const asked = await build(site, "python3 -c 'import sys; print(\"%d.%d\" % sys.version_info[:2])'", {});
  if (asked.status !== 0) return [uvProblem("uv", asked)];
  const has = asked.stdout.trim();
  return has === wants ? [] : [lockMessage("base-python-wrong", { base, has, wants, release })];
}

type Resolved = Locked & { readonly built: boolean };

/** Writes the lock of a component into a directory that has constraints.txt, and build.txt where that is not what is locked. */
async function resolveInto(
  directory: string,
  site: Site,
  { release }: Request,
  component: string,
  constraints: string,
): Promise<Result<string>> {
  const head = headOf(release, component, constraints);
  const tools = component === buildLock ? "''" : "/locks/build.txt";
  const words = requirementsOf(release, component).map((one) => `'${one}'`);
  const script = `python3 /scripts/resolve.py ${head.python} /locks/constraints.txt ${tools} ${words.join(" ")}`;
  const ended = await build(site, script, { [resolve(directory)]: "/locks:ro" });
  if (ended.status !== 0) return failure([uvProblem(component, ended)]);
  const found = JSON.parse(ended.stdout) as readonly Resolved[];
  const built = found.filter((one) => one.built).map(({ name }) => name);
  const text = lockText(release, component, { ...head, packages: found, built });
  writeFileSync(join(directory, `${component}.txt`), text);
  return success(text);
}

/** Holds what the templates render for a release against the lists of options in a directory. */
function judgeTemplates(release: string, lists: string): readonly Diagnostic[] {
  const words = [
    "--test",
    `--test-name-pattern= of ${release.replace(".", "\\.")} has only options`,
    "test/render/options.test.ts",
  ];
  const { NODE_TEST_CONTEXT: _, ...environment } = process.env;
  const run = spawnSync("node", words, { encoding: "utf8", env: { ...environment, OPTION_LISTS: resolve(lists) } });
  const passed = Number(/^(?:#|ℹ) pass (\d+)$/m.exec(run.stdout)?.[1] ?? 0);
  return run.status === 0 && passed > 0
    ? []
    : [lockMessage("options-wrong", { release, tail: tailOf(run.stdout, 6000) })];
}

/** Puts files in their places when all of them are written, each whole. */
function place(files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) writeFileSync(`${path}.new`, text);
  for (const path of files.keys()) renameSync(`${path}.new`, path);
}

async function lock(request: Request, directory: string): Promise<readonly Diagnostic[]> {
  const { release, row, components, from } = request;
  const given = await readConstraints(from);
  if (!given.ok) return given.diagnostics;
  const limits = overridden(release, given.value);
  if (!limits.ok) return limits.diagnostics;
  writeFileSync(join(directory, "constraints.txt"), limits.value);
  const site = await prepareSite(row.sources?.pypi?.base ?? "");
  if (!site.ok) return site.diagnostics;
  const wrongPython = await checkPython(site.value, request);
  if (wrongPython.length > 0) return wrongPython;

  const texts = new Map<string, string>();
  const problems: Diagnostic[] = [];
  for (const component of [buildLock, ...components]) {
    const resolved = await resolveInto(directory, site.value, request, component, given.value);
    if (resolved.ok) texts.set(lockPath(release, component), resolved.value);
    else problems.push(...resolved.diagnostics);
    // Everything else is built with it.
    if (!resolved.ok && component === buildLock) return problems;
  }
  if (problems.length > 0) return problems;

  const isNew = (path: string): boolean => !existsSync(path) || readFileSync(path, "utf8") !== texts.get(path);
  const lists = join(directory, "options");
  cpSync("config-templates/options", lists, { recursive: true });
  const all = process.env["TRY"] === "1" || isNew(lockPath(release, buildLock));
  const tried = components.filter((component) => all || isNew(lockPath(release, component)));
  const read = new Map<string, string>();
  for (const component of tried) {
    const outcome = await tryLock(site.value, directory, component);
    if (!outcome.ok) problems.push(...outcome.diagnostics);
    else for (const line of outcome.value.seen) tell(`${component}: ${line}`);
    for (const [name, text] of outcome.ok && outcome.value.options ? listFiles(release, outcome.value.options) : []) {
      writeFileSync(join(lists, name), text);
      read.set(join("config-templates/options", name), text);
    }
  }
  if (problems.length > 0) return problems;
  const wrong = tried.length > 0 ? judgeTemplates(release, lists) : [];
  if (wrong.length > 0) return wrong;

  mkdirSync(join(locksDirectory, release), { recursive: true });
  // Where Debian has the release, too, the lists are of its packages: `make option-lists`.
  const kept = row.sources?.debian ? [] : read;
  place(new Map([...texts, ...kept, [constraintsPath(release), given.value]]));
  tell(tried.length > 0 ? `${release}: locked ${tried.join(", ")}` : `${release}: nothing new`);
  return [];
}

async function main(): Promise<number> {
  const request = readRequest(process.env);
  const say = (diagnostics: readonly Diagnostic[]): number => {
    for (const { code, what, fix } of diagnostics) tell(`error[${code}]: ${what}\n  fix: ${fix}`);
    return statusOf(diagnostics);
  };
  if (!request.ok) return say(request.diagnostics);
  mkdirSync("build/lock", { recursive: true });
  await lockDirectory(resolve("build/lock"), (pid) => tell(`waiting for process ${pid}, which locks here`));
  // Of a run that was killed.
  for (const name of readdirSync("build/lock")) {
    if (name.startsWith("run-")) rmSync(join("build/lock", name), { recursive: true, force: true });
  }
  const directory = mkdtempSync("build/lock/run-");
  for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15 })) {
    process.once(signal, () => {
      endContainers();
      rmSync(directory, { recursive: true, force: true });
      process.exit(128 + number);
    });
  }
  try {
    return say(await lock(request.value, directory));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

process.exitCode = await main();
