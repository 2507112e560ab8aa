import type { BakedFile } from "../baked/baked.ts";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { fileKey, filesAtHand } from "../image/services.ts";
import { renderTraced } from "../render/render.ts";
import type { TracedFile, TracedOption } from "../render/rendered.ts";
import { type Explanation, explain as explainPath } from "../settings/explain.ts";
import { placeText } from "../settings/places.ts";
import type { Origin, Settings } from "../settings/settings.ts";
import { droppedIn } from "./drop-ins.ts";
import { imageOption, type Opened, resolveSettings } from "./inputs.ts";
import { cliMessage } from "./messages.ts";
import { nodeOptions, openSource } from "./source.ts";
import { type Arguments, type Context, text, type Verb, valueOrStatus } from "./verb.ts";

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

/** HAProxy's keywords are words, of which fewer may be told. */
const sameOption = (option: string, word: string): boolean => option === word || option.startsWith(`${word} `);

/** oslo.config takes group names in any case, except DEFAULT; so do we. */
const sameSection = (section: string, word: string): boolean => section.toLowerCase() === word.toLowerCase();

type Found = { readonly file: ServiceFile; readonly option: TracedOption };

/** A rendered file, and the services that read it so: not all of the image's, where the model says more for some. */
type ServiceFile = TracedFile & { readonly services: readonly string[] | undefined };

/** @param words a file, a section and an option; of a file without sections, a file and an option. */
function findOptions(files: readonly ServiceFile[], words: readonly string[]): Result<readonly Found[]> {
  const [name = "", section = "", option = ""] = words.length === 2 ? [words[0], "", words[1]] : words;
  const named = files.filter((file) => isNamed(file.path, name));
  const missing = (what: string, wanted: string, known: readonly string[]) =>
    failure([cliMessage("not-rendered", { what, wanted, near: nearest(wanted, known), known: [...new Set(known)] })]);
  if (named.length === 0)
    return missing(
      "file",
      name,
      files.map((file) => file.path),
    );
  const options = named.flatMap((file) => file.options.map((each): Found => ({ file, option: each })));
  const inSection = options.filter((each) => sameSection(each.option.section, section));
  const taken = named
    .flatMap((file) => file.replaced)
    .find((one) => sameSection(one.section, section) && one.option === option);
  const found = inSection.filter((each) => sameOption(each.option.option, option));
  if (found.length > 0) return success(found);
  if (taken) return failure([cliMessage("option-taken-out", { option, section, file: name, by: taken.by })]);
  if (inSection.length === 0)
    return missing(
      `section of ${name}`,
      section,
      options.map((each) => each.option.section),
    );
  return missing(
    section === "" ? `option in ${name}` : `option in [${section}] of ${name}`,
    option,
    inSection.map((each) => each.option.option),
  );
}

type OptionExplained = {
  file: string;
  /** Left out: all services of the image that read the file. */
  services?: readonly string[];
  section: string;
  option: string;
  line: number;
  value: string;
  template: string;
  /** Where the model says it, if it does, and what of the template that took the place of. */
  model?: { readonly path: string; readonly place: string | undefined; readonly instead: readonly string[] };
  settings: readonly Explanation[];
  /** A drop-in file that says another value: that one counts. */
  dropIn?: { readonly place: string; readonly value: string };
};

/** @returns the rendered files, each with its services where not all that read the file read it so. */
function withServices(
  { image }: Opened,
  files: readonly BakedFile[],
  traced: readonly TracedFile[],
): readonly ServiceFile[] {
  return traced.map((one, index) => {
    const key = fileKey(files[index] as BakedFile);
    const others = Object.entries(image.services).filter(([, service]) =>
      service.files.some(({ path }) => path === one.path),
    );
    const own = others.filter(([, service]) => service.files.some((file) => fileKey(file) === key));
    return { ...one, services: own.length < others.length ? own.map(([name]) => name) : undefined };
  });
}

function explainOption(
  opened: Opened,
  settings: Settings,
  words: readonly string[],
  root: string | undefined,
): Result<readonly OptionExplained[]> {
  const { image, details } = opened;
  const files = filesAtHand(image, settings);
  const traced = renderTraced(image, settings, files);
  if (!traced.ok) return traced;
  const dropped = droppedIn(image, root, traced.value);
  const [name = "", section = "", option = ""] = words;
  const last = dropped.findLast(
    (one) =>
      sameSection(one.section, section) &&
      one.option === option &&
      traced.value.some(({ path, dialect }) => isNamed(path, name) && dialect === "oslo"),
  );
  const dropIn = last && { place: `${last.file}:${last.line}`, value: last.value };
  const found = findOptions(withServices(opened, files, traced.value), words);
  if (!found.ok && dropIn) {
    const none = { template: "", settings: [] };
    return success([{ file: last.file, section, option, line: last.line, value: last.value, ...none, dropIn }]);
  }
  if (!found.ok) return found;
  return success(
    found.value.map(({ file, option: { section, option, line, value, paths, model } }) => {
      const explained = paths.flatMap((path) => {
        const each = explainPath(settings, details(), image.image, path);
        return each.ok ? each.value : [];
      });
      const places = details();
      const said = model && {
        path: model,
        place: placeText(places, places.positions[model]),
        instead: file.replaced.filter(({ by }) => by === model).map((one) => one.value),
      };
      return {
        file: file.path,
        ...(file.services ? { services: file.services } : {}),
        section,
        option,
        line,
        value,
        template: file.template,
        ...(said ? { model: said } : {}),
        settings: explained,
        ...(dropIn ? { dropIn } : {}),
      };
    }),
  );
}

function optionText(explained: OptionExplained): string {
  const { file, services, section, option, line, value, template, model, settings, dropIn } = explained;
  const name = section === "" ? option : `[${section}] ${option}`;
  if (template === "" && dropIn)
    return `${dropIn.place} ${name} = ${dropIn.value}\na drop-in file says it, and nothing else does`;
  const origin = model
    ? [
        `the model says it: ${model.path}${model.place ? ` (${model.place})` : ""}`,
        ...model.instead.map((one) => `  in place of the template's ${one === "" ? "line" : one}`),
      ]
    : settings.length > 0
      ? []
      : [`fixed by the template ${template}`];
  return [
    ...(dropIn ? [`${dropIn.place} ${name} = ${dropIn.value}\na drop-in file says it, and counts more than`] : []),
    `${file}:${line} ${name} = ${value}${services ? `  (${services.join(", ")})` : ""}`,
    ...origin,
    ...settings.map(settingText),
  ].join("\n");
}

async function run(args: Arguments, context: Context): Promise<number> {
  if (args._.length < 1 || args._.length > 3) {
    const problem =
      "explain takes a pillar path, or a file, a section and an option (without the section where a file has none)";
    return context.report([cliMessage("usage", { problem, verb: "explain" })]);
  }
  const opened = valueOrStatus(openSource(args, context), context);
  if ("status" in opened) return opened.status;
  const resolved = valueOrStatus(await resolveSettings(opened.value, context), context);
  if ("status" in resolved) return resolved.status;
  const settings = resolved.value;
  const { image, details } = opened.value;
  const json = args["format"] === "json";

  if (args._.length > 1) {
    const options = valueOrStatus(explainOption(opened.value, settings, args._, text(args, "root")), context);
    if ("status" in options) return options.status;
    context.print(json ? JSON.stringify(options.value) : options.value.map(optionText).join("\n"));
    return 0;
  }
  const explained = valueOrStatus(explainPath(settings, details(), image.image, args._[0] ?? ""), context);
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
    root: { type: "string", describe: "Look for drop-in files below this directory instead of /" },
    ...nodeOptions,
    format: { type: "string", choices: ["text", "json"], default: "text", describe: "For people or for programs" },
  },
  examples: [
    ["plinth explain nova.conf database connection", "a file, a section, an option"],
    ["plinth explain database.host", "a pillar path"],
  ],
  run,
};
