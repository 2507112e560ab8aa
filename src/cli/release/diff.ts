import { nearest } from "../../diagnostics/nearest.ts";
import { visibleJson } from "../../diagnostics/visible.ts";
import { images } from "../../openstack/images.ts";
import { pythonComponents } from "../../openstack/python.ts";
import { readList } from "../../options/list.ts";
import { refuseRelease } from "../../pillar/pillar.ts";
import { compareReleases, type ReadOptions } from "../../release/diff.ts";
import { releaseText } from "../../release/text.ts";
import { templatesBeside } from "../baking.ts";
import { templatesIn } from "../describing.ts";
import { cliMessage } from "../messages.ts";
import { nodeOptions } from "../source.ts";
import { type Arguments, type Context, text, texts, type Verb } from "../verb.ts";

/** Reads lists of options, each once. */
function readingFrom(folder: string): ReadOptions {
  const load = templatesIn(folder);
  const known = new Map<string, ReturnType<ReadOptions>>();
  return (component, release) => {
    const key = `${component} ${release}`;
    if (!known.has(key)) known.set(key, readList(component, release, load));
    return known.get(key);
  };
}

async function run(args: Arguments, context: Context): Promise<number> {
  const [from = "", to = ""] = args._;
  const place = { kind: "named", name: "plinth release diff" } as const;
  const components = [...new Set([...images.map(({ component }) => component), ...Object.keys(pythonComponents)])];
  const only = texts(args, "component");
  const problems = [
    ...[from, to].flatMap((release) => refuseRelease(release, place) ?? []),
    ...only
      .filter((name) => !components.includes(name))
      .map((name) =>
        cliMessage("component-unknown", { component: name, near: nearest(name, components), known: components }),
      ),
  ];
  if (problems.length > 0) return context.report(problems);
  const read = readingFrom(text(args, "templates") ?? templatesBeside());
  const found = compareReleases(from, to, read, only.length > 0 ? only : undefined);
  context.print(args["json"] === true ? visibleJson(found) : releaseText(found));
  return 0;
}

export const diff: Verb = {
  name: "diff",
  summary: "What changes from one release to another: components, services, jobs, options, settings, parameters",
  positional: "<from> <to>",
  options: {
    templates: nodeOptions.templates,
    component: { type: "string", describe: "Only this component (again for more)" },
    json: { type: "boolean", default: false, describe: "For programs" },
  },
  examples: [
    ["plinth release diff 2025.1 2026.1", "what an upgrade brings"],
    ["plinth release diff 2025.1 2026.1 --component nova --json", "of nova alone, for a program"],
  ],
  run,
  offers: () => [],
};
