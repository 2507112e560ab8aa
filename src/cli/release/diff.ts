import { nearest } from "../../diagnostics/nearest.ts";
import { visibleJson } from "../../diagnostics/visible.ts";
import { images } from "../../openstack/images.ts";
import { pythonComponents } from "../../openstack/python.ts";
import { refuseRelease } from "../../pillar/pillar.ts";
import { compareReleases } from "../../release/diff.ts";
import { releaseText } from "../../release/text.ts";
import { templatesBeside } from "../baking.ts";
import { cliMessage } from "../messages.ts";
import { listsIn } from "../option-lists.ts";
import { nodeOptions } from "../source.ts";
import { type Arguments, type Context, text, texts, type Verb } from "../verb.ts";

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
  const read = listsIn(text(args, "templates") ?? templatesBeside());
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
