import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { filesAtHand } from "../image/services.ts";
import { renderTraced } from "../render/render.ts";
import type { TracedFile, TracedOption } from "../render/rendered.ts";
import { type Explanation, explain as explainPath } from "../settings/explain.ts";
import type { Origin, Settings } from "../settings/settings.ts";
import { imageOption, type Opened, resolveSettings } from "./inputs.ts";
import { cliMessage } from "./messages.ts";
import { nodeOptions, openSource } from "./source.ts";
import { type Arguments, type Context, settle, type Verb } from "./verb.ts";

const sources: Readonly<Record<Origin["from"], string>> = {
  default: "default",
  pillar: "pillar",
  etcd: "etcd key",
  environment: "environment variable",
  file: "file",
};

const originText = ({ from, place }: Origin): string => `${sources[from]}: ${place}`;

/** One setting for people: its value, then where it came from and what that overrode. */
function settingText({ path, value, origin, parameters }: Explanation): string {
  const lines = parameters.flatMap(({ name, origin: counts, overrode }) => [
    `  $${name} from ${originText(counts)}`,
    ...overrode.map((weaker) => `    overrode ${originText(weaker)}`),
  ]);
  return [`${path} = ${value}`, ...(origin ? [`  from ${originText(origin)}`] : []), ...lines].join("\n");
}

/** A file may be named by its path, its end (`nova/nova.conf`) or its name. */
const isNamed = (path: string, word: string): boolean => path === word || path.endsWith(`/${word}`);

/** oslo.config takes group names in any case, except DEFAULT; so do we. */
const sameSection = (section: string, word: string): boolean => section.toLowerCase() === word.toLowerCase();

function findOptions(
  files: readonly TracedFile[],
  words: readonly string[],
): Result<readonly (TracedOption & { file: string })[]> {
  const [name = "", section = "", option = ""] = words;
  const named = files.filter((file) => isNamed(file.path, name));
  const missing = (what: string, wanted: string, known: readonly string[]) =>
    failure([cliMessage("not-rendered", { what, wanted, near: nearest(wanted, known), known: [...new Set(known)] })]);
  if (named.length === 0)
    return missing(
      "file",
      name,
      files.map((file) => file.path),
    );
  const options = named.flatMap((file) => file.options.map((each) => ({ ...each, file: file.path })));
  const inSection = options.filter((each) => sameSection(each.section, section));
  if (inSection.length === 0)
    return missing(
      `section of ${name}`,
      section,
      options.map((each) => each.section),
    );
  const found = inSection.filter((each) => each.option === option);
  if (found.length === 0)
    return missing(
      `option in [${section}] of ${name}`,
      option,
      inSection.map((each) => each.option),
    );
  return success(found);
}

type OptionExplained = {
  file: string;
  section: string;
  option: string;
  line: number;
  value: string;
  template: string;
  settings: readonly Explanation[];
};

function explainOption(
  opened: Opened,
  settings: Settings,
  words: readonly string[],
): Result<readonly OptionExplained[]> {
  const { image, details } = opened;
  const traced = renderTraced(image, settings, filesAtHand(image, settings));
  if (!traced.ok) return traced;
  const found = findOptions(traced.value, words);
  if (!found.ok) return found;
  return success(
    found.value.map(({ file, section, option, line, value, paths }) => {
      const explained = paths.flatMap((path) => {
        const each = explainPath(settings, details(), image.image, path);
        return each.ok ? each.value : [];
      });
      const template = traced.value.find((each) => each.path === file)?.template ?? "";
      return { file, section, option, line, value, template, settings: explained };
    }),
  );
}

const optionText = ({ file, section, option, line, value, template, settings }: OptionExplained): string =>
  [
    `${file}:${line} [${section}] ${option} = ${value}`,
    ...(settings.length > 0 ? settings.map(settingText) : [`fixed by the template ${template}`]),
  ].join("\n");

async function run(args: Arguments, context: Context): Promise<number> {
  if (args._.length !== 1 && args._.length !== 3) {
    const problem = "explain takes a pillar path, or a file, a section and an option";
    return context.report([cliMessage("usage", { problem, verb: "explain" })]);
  }
  const opened = settle(openSource(args, context), context);
  if ("status" in opened) return opened.status;
  const resolved = settle(await resolveSettings(opened.value, context), context);
  if ("status" in resolved) return resolved.status;
  const settings = resolved.value;
  const { image, details } = opened.value;
  const json = args["format"] === "json";

  if (args._.length === 3) {
    const options = settle(explainOption(opened.value, settings, args._), context);
    if ("status" in options) return options.status;
    context.print(json ? JSON.stringify(options.value) : options.value.map(optionText).join("\n"));
    return 0;
  }
  const explained = settle(explainPath(settings, details(), image.image, args._[0] ?? ""), context);
  if ("status" in explained) return explained.status;
  context.print(json ? JSON.stringify(explained.value) : explained.value.map(settingText).join("\n"));
  return 0;
}

export const explain: Verb = {
  name: "explain",
  summary: "Say where a rendered option or a pillar value came from, and what it overrode",
  positional: "[words..]",
  options: {
    ...imageOption,
    ...nodeOptions,
    format: { type: "string", choices: ["text", "json"], default: "text", describe: "For people or for programs" },
  },
  examples: [
    ["plinth explain nova.conf database connection", "a file, a section, an option"],
    ["plinth explain database.host", "a pillar path"],
  ],
  run,
};
