import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { osloSection } from "../dialect/names.ts";
import { isDirectory } from "../host/files.ts";
import type { Model } from "../model/model.ts";
import { images } from "../openstack/images.ts";
import { inRange, releases, supportedNames } from "../openstack/releases.ts";
import { type Change, changeText, compareLists, shownDefault } from "../options/diff.ts";
import { typeText } from "../options/kinds.ts";
import { nameText, type OptionList, type OptionRecord, readList } from "../options/list.ts";
import { baseName, filesOfImage, isNamed } from "../options/places.ts";
import { readOptions } from "../options/read.ts";
import type { SaidOption } from "../options/said.ts";
import { readPillar } from "../pillar/pillar.ts";
import { pointOf } from "../pillar/place.ts";
import { openWith, templatesBeside } from "./baking.ts";
import { templatesIn } from "./describing.ts";
import { cliMessage } from "./messages.ts";
import { modelDirectory, modelOption } from "./model-directory.ts";
import { releaseOfModel } from "./model-release.ts";
import { type Arguments, type Context, text, type Verb, valueOrStatus } from "./verb.ts";

type Load = (path: string) => string | undefined;

/** The model at hand, if there is one: its release is the usual one, and its own options are compared. */
function modelAtHand(args: Arguments, context: Context): Result<Model | undefined> {
  const directory = modelDirectory(args, context);
  if (text(args, "model") === undefined && !isDirectory(directory)) return success(undefined);
  return openWith(directory, undefined);
}

const components = [...new Set(images.map(({ component }) => component))];

/** Files of oslo.config in a release, by the component whose list they go by. */
const filesIn = (release: string): readonly { readonly path: string; readonly component: string }[] =>
  images
    .filter((image) => inRange(image, release))
    .flatMap((image) =>
      filesOfImage(image, release)
        .filter(({ dialect }) => dialect === "oslo")
        .map(({ path }) => ({ path, component: image.component })),
    );

function fileUnknown(file: string, files: readonly { readonly path: string }[], release: string): Diagnostic {
  const known = [...new Set(files.map(({ path }) => baseName(path)))];
  return cliMessage("options-file-unknown", { file, near: nearest(file, known), known, release });
}

function known(release: string): Result<string> {
  if (releases.some(({ name }) => name === release)) return success(release);
  const message = { release, near: nearest(release, supportedNames), known: supportedNames };
  return failure([cliMessage("options-release-unknown", message)]);
}

function effectOf({ mutable }: OptionRecord): string {
  return mutable ? "taken over with a SIGHUP" : "needs a restart";
}

/** All that a list has of an option, a line each. */
function detailText(record: OptionRecord): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["type", typeText(record)],
    ["default", shownDefault(record)],
    ["a change", effectOf(record)],
    ["secret", record.secret ? "yes: in the model it is a dynamic parameter" : undefined],
    ["going", record.deprecated_for_removal ? "upstream means to remove it" : undefined],
    ["older names", record.deprecated?.map(nameText).join(", ")],
    ["exists with", record.auth_types?.map((name) => `auth_type = ${name}`).join(", ")],
    ["sections", record.backend_section ? "that of any back end, too" : undefined],
    ["help", record.help],
  ];
  const lines = facts.flatMap(([name, value]) => (value === undefined || value === "" ? [] : [`  ${name}: ${value}`]));
  return [nameText(record), ...lines].join("\n");
}

const lineText = (record: OptionRecord): string =>
  `${nameText(record)}  ${record.type}, default ${record.secret ? "(secret)" : shownDefault(record)}`;

const longest = 60;

/** Finds what is asked for: all sections, the options of one, one option, or what has a word in its name or help. */
function answer(
  list: OptionList,
  file: string,
  release: string,
  words: readonly string[],
): Result<readonly OptionRecord[] | string> {
  const [first, second] = words;
  if (first === undefined) {
    const sections = list.sections.toSorted().map((section) => `[${section}]  ${list.of(section).length} options`);
    return success(
      [`${file} of ${release}: ${list.records.length} options in ${sections.length} sections`, ...sections].join("\n"),
    );
  }
  const isSection = list.hasSection(first);
  const among = isSection ? list.of(first) : list.records;
  const word = isSection ? second : (second ?? first);
  if (!isSection && second !== undefined) {
    const message = { file, section: first, near: nearest(first, list.sections), release };
    return failure([cliMessage("options-section-unknown", message)]);
  }
  if (word === undefined) return success(among);
  const own = among.filter(({ name }) => name === word);
  if (own.length > 0) return success(own);
  const sought = word.toLowerCase();
  const byName = among.filter(({ name }) => name.includes(sought.replaceAll("-", "_")));
  const found = byName.length > 0 ? byName : among.filter(({ help = "" }) => help.toLowerCase().includes(sought));
  if (found.length > 0) return success(found);
  const near = nearest(
    word,
    among.map(({ name }) => name),
  );
  return failure([cliMessage("options-none", { word, file, section: isSection ? first : undefined, near, release })]);
}

function show(args: Arguments, context: Context, load: Load, model: Model | undefined): number {
  const [name = "", ...words] = args._;
  const given = text(args, "release") ?? (model && releaseOfModel(model)) ?? (supportedNames.at(-1) as string);
  const release = valueOrStatus(known(given), context);
  if ("status" in release) return release.status;
  const files = filesIn(release.value);
  const file = files.find(({ path }) => isNamed(path, name));
  if (!file) {
    return context.report([fileUnknown(name, files, release.value)]);
  }
  const list = readList(file.component, release.value, load);
  if (!list)
    return context.report([cliMessage("options-no-list", { component: file.component, release: release.value })]);
  const found = valueOrStatus(answer(list, baseName(file.path), release.value, words), context);
  if ("status" in found) return found.status;
  if (args["format"] === "json") {
    context.print(JSON.stringify(typeof found.value === "string" ? list.records : found.value));
    return 0;
  }
  if (typeof found.value === "string") context.print(found.value);
  else if (found.value.length === 1 || (words.length > 1 && found.value.length < 4))
    context.print(found.value.map(detailText).join("\n\n"));
  else {
    const shown = words.length > 0 && list.hasSection(words[0] ?? "") ? found.value : found.value.slice(0, longest);
    const left = found.value.length - shown.length;
    context.print([...shown.map(lineText), ...(left > 0 ? [`... and ${left} more: name the section`] : [])].join("\n"));
  }
  return 0;
}

/** What the model says of an option that differs between two releases. */
type Affected = { readonly node: string; readonly place: string; readonly option: string; readonly change: Change };

function affectedIn(
  model: Model,
  from: string,
  changes: ReadonlyMap<string, readonly Change[]>,
  load: Load,
): readonly Affected[] {
  return model.nodes.flatMap((name) => {
    const node = model.compile(name);
    const document = node.ok ? readPillar(node.value, { release: from }) : undefined;
    if (!node.ok || !document?.ok) return [];
    const { image } = document.value;
    const subject = { image, release: from, load };
    const { options } = readOptions(node.value.parameters, subject).said;
    return options.flatMap((said: SaidOption) => {
      if (said.file.dialect !== "oslo") return [];
      const own = (changes.get(image.component) ?? []).filter(
        ({ section, option, kind }) =>
          kind !== "comes" && option === said.option && osloSection(section) === osloSection(said.section),
      );
      const { file, line, column } = pointOf(said.at);
      return own.map((change) => ({ node: name, place: `${file}:${line}:${column}`, option: said.path, change }));
    });
  });
}

function diff(args: Arguments, context: Context, load: Load, model: Model | undefined): number {
  const asked = args._.slice(1);
  const [from, to] = [text(args, "from") ?? (model && releaseOfModel(model)), text(args, "to")];
  if (from === undefined || to === undefined || asked.length > 1) {
    const problem = "options diff wants --from RELEASE and --to RELEASE, and a file at most";
    return context.report([cliMessage("usage", { problem, verb: "options" })]);
  }
  for (const release of [from, to]) {
    const checked = valueOrStatus(known(release), context);
    if ("status" in checked) return checked.status;
  }
  const [name] = asked;
  const files = [...filesIn(from), ...filesIn(to)];
  const wanted =
    name === undefined ? components : files.filter(({ path }) => isNamed(path, name)).map(({ component }) => component);
  if (wanted.length === 0) {
    return context.report([fileUnknown(name ?? "", files, from)]);
  }
  const changes = new Map<string, readonly Change[]>();
  for (const component of new Set(wanted)) {
    const [before, after] = [readList(component, from, load), readList(component, to, load)];
    if (before && after) changes.set(component, compareLists(before, after));
  }
  if (changes.size === 0)
    return context.report([
      cliMessage("options-no-list", { component: [...new Set(wanted)].join(", "), release: `${from} and ${to}` }),
    ]);
  const affected = model ? affectedIn(model, from, changes, load) : [];
  if (args["format"] === "json") {
    context.print(JSON.stringify({ from, to, changes: Object.fromEntries(changes), ...(model ? { affected } : {}) }));
    return 0;
  }
  const told = [...changes].flatMap(([component, own]) => [
    `${component}: ${own.length === 0 ? "the same options" : `${own.length} changes`}`,
    ...own.map((change) => `  ${changeText(change)}`),
  ]);
  const mine = affected.map(({ node, place, change }) => `  ${changeText(change)}  (${node}, ${place})`);
  const end = model
    ? [mine.length === 0 ? "of the model's own options: none is affected" : "of the model's own options:", ...mine]
    : [];
  context.print([...told, ...end].join("\n"));
  return 0;
}

async function run(args: Arguments, context: Context): Promise<number> {
  const load = templatesIn(text(args, "templates") ?? templatesBeside());
  const model = valueOrStatus(modelAtHand(args, context), context);
  if ("status" in model) return model.status;
  return args._[0] === "diff" ? diff(args, context, load, model.value) : show(args, context, load, model.value);
}

export const options: Verb = {
  name: "options",
  summary: "Show the options that a file of a release may have, or what differs between two releases (options diff)",
  positional: "<file> [section] [word]",
  options: {
    ...modelOption,
    release: { type: "string", describe: "The OpenStack release; the model's is the default" },
    from: { type: "string", describe: "With diff: the release before; the model's is the default" },
    to: { type: "string", describe: "With diff: the release after" },
    templates: {
      type: "string",
      describe: "Directory of the templates, with options/ in it; those that came with plinth are the default",
    },
    format: { type: "string", choices: ["text", "json"], default: "text", describe: "For people or for programs" },
  },
  examples: [
    ["plinth options nova.conf DEFAULT debug", "its type, its default, what it is for"],
    ["plinth options nova.conf scheduler", "a section, or what has this word in its name"],
    [
      "plinth options diff --from 2025.1 --to 2026.1 nova.conf",
      "what comes, goes, is renamed, and what of the model that concerns",
    ],
  ],
  run,
};
