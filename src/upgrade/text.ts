import { changeText, type Change as OptionChange } from "../options/diff.ts";
import { sideText } from "../release/text.ts";
import { columns } from "../text/columns.ts";
import { wrap, wrapCommand } from "../text/wrap.ts";
import { wordsOf } from "./commands.ts";
import type { Affected, FileDiff, OptionChanges, Phase, Plan } from "./plan.ts";

/** A terminal that is not wide, and a quotation in a mail. */
const width = 96;

const block = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", title, "", ...lines.map((line) => (line === "" ? "" : `  ${line}`))];

/** Text behind a label, as wide as the page. */
const labelled = (label: string, text: string, indent: string): readonly string[] => {
  const [first = "", ...rest] = wrap(text, width - indent.length - 7);
  return [`${indent}${label.padEnd(7)}${first}`, ...rest.map((line) => `${indent}${" ".repeat(7)}${line}`)];
};

const typed = (commands: readonly string[], indent: string): readonly string[] =>
  commands.flatMap((command) =>
    wrapCommand(command, width - indent.length - 2).map(
      (line, index) => `${indent}${index === 0 ? "$ " : "  "}${line}`,
    ),
  );

/** @returns a clause as a sentence. */
export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function phaseText(phase: Phase, number: number): readonly string[] {
  const { back } = phase;
  const indent = "     ";
  return [
    ...wrap(`${phase.title}  [${phase.id}]`, width - indent.length).map((line, index) =>
      index === 0 ? `${String(number).padStart(3)}  ${line}` : `${indent}${line}`,
    ),
    ...wrap(sentence(phase.why), width - indent.length).map((line) => `${indent}${line}`),
    ...phase.settings.flatMap(({ file, section, option, value, why }) =>
      labelled("needs", `[${section}] ${option} = ${value} in ${file}: ${why}`, indent),
    ),
    ...typed(phase.commands, indent),
    ...labelled("waits", phase.waits.map(({ text }) => text).join("; "), indent),
    ...labelled("back", `${back.possible ? "" : "no: "}${back.how}`, indent),
    ...typed(back.commands, `${indent}       `),
    "",
  ];
}

/** @returns the first phase that cannot be undone; undefined where all can. */
export const pointOfNoReturn = ({ phases }: Plan): Phase | undefined => phases.find(({ back }) => !back.possible);

function headText(plan: Plan): readonly string[] {
  const { from, to, deployment, engine, phases } = plan;
  const last = pointOfNoReturn(plan);
  const number = last ? phases.indexOf(last) + 1 : 0;
  const refused = plan.affected.filter((one) => one.refused).length;
  const first =
    refused === 0
      ? ""
      : `First the model: ${refused} of its values ${refused === 1 ? "is" : "are"} refused by ${to} (see below). `;
  const back = last
    ? `It can be undone up to phase ${number - 1}. From phase ${number} on, ${last.id}, only the backup leads back.`
    : "It can be undone at any time.";
  return [
    `${deployment}: ${from} → ${to}, ${phases.length} phases`,
    "",
    ...wrap(
      `${first}${back} ${wordsOf[engine].where} Services of one phase may be replaced side by side, containers of one service one after the other.`,
      width,
    ),
  ];
}

const signs = { new: "+", gone: "-" } as const;

const names = (
  kind: string,
  { new: come, gone }: { readonly new: readonly string[]; readonly gone: readonly string[] },
) => [...gone.map((name) => `${signs.gone} ${kind} ${name}`), ...come.map((name) => `${signs.new} ${kind} ${name}`)];

const parameterText = ({ name, images, required, secret }: Plan["parameters"]["new"][number]): string =>
  `${name}${secret ? " (secret)" : ""}${required ? ", required" : ""}: ${images.join(", ")}`;

/** New options are many and concern nobody yet: a line for each section. */
function comingText(changes: readonly OptionChange[]): readonly string[] {
  const bySection = new Map<string, string[]>();
  for (const { kind, section, option } of changes) {
    if (kind === "comes") bySection.set(section, [...(bySection.get(section) ?? []), option]);
  }
  return [...bySection].flatMap(([section, options]) =>
    wrap(`+ [${section}] ${options.join(", ")}`, width - 8).map((line, index) => (index === 0 ? line : `    ${line}`)),
  );
}

const optionsText = ({ component, files, changes }: OptionChanges): readonly string[] => [
  `${component}: ${files.map((file) => file.slice(file.lastIndexOf("/") + 1)).join(", ")}`,
  ...[
    ...changes.filter(({ kind }) => kind !== "comes").flatMap((change) => wrap(changeText(change), width - 8)),
    ...comingText(changes),
  ].map((line) => `  ${line}`),
  "",
];

/** @returns what a person has to do about a value. */
export function todoOf({ change, follows, refused }: Affected, { from, to }: Pick<Plan, "from" | "to">): string {
  if (follows) return "nothing to do: plinth's templates follow";
  const moved = `before the upgrade, move it to a class of ${from} alone: the model of ${to} is refused with it`;
  switch (change.kind) {
    case "renamed":
      return refused ? `${moved}; one of ${to} says ${change.to}` : `write ${change.to}`;
    case "goes":
      return refused ? moved : "take it out";
    case "deprecated":
      return "it still works; upstream means to remove it";
    case "setting":
      return "it has no effect any more: take it out, unless another cloud of the model needs it";
    default:
      return "look whether the value is still meant so";
  }
}

function affectedText(affected: Affected, plan: Plan): readonly string[] {
  const { image, file, own, change, value } = affected;
  const what =
    change.kind === "setting" ? `- ${own[0]?.path}: a setting without a meaning from now on` : changeText(change);
  const [first = "", ...more] = wrap(`${what} (${file === null ? image : `${image}, ${file}`})`, width - 6);
  return [
    first,
    ...more.map((line) => `    ${line}`),
    ...(value === null ? [] : [`    now ${value}`]),
    ...own.map(({ path, place }) => `    ${path}  ${place}`),
    ...wrap(todoOf(affected, plan), width - 8).map((line) => `    ${line}`),
    "",
  ];
}

const fileText = ({ image, path, services, change, added, removed }: FileDiff): readonly string[] => [
  image,
  `${path}${services ? ` (${services.join(", ")})` : ""}`,
  change,
  `+${added}`,
  `-${removed}`,
];

/** @returns a plan as a person reads it on a terminal. */
export function planText(plan: Plan): string {
  const { components, services, jobs, parameters, settings, features, options, affected, files, kept, restore } = plan;
  const changed = files.filter(({ change }) => change !== "same");
  const keptNames = wrap(kept.map(({ workload }) => workload).join(", "), width - 2);
  const lines = [
    ...headText(plan),
    ...block(
      "Components",
      columns(components.map(({ component, before, after }) => [component, sideText(before), "→", sideText(after)])),
    ),
    "",
    "Phases",
    "",
    ...plan.phases.flatMap((phase, index) => phaseText(phase, index + 1)),
    "The last way back (what was made since the backup is lost)",
    "",
    ...typed(restore.commands, "  "),
    ...block("Left as it is, with the images of the older release", [
      ...keptNames,
      "",
      ...wrap(wordsOf[plan.engine].never, width - 2),
    ]),
    ...block("Services and jobs of the deployment", [
      ...names("service", services),
      ...names("job", jobs),
      ...(services.new.length + services.gone.length + jobs.new.length + jobs.gone.length === 0 ? ["the same"] : []),
    ]),
    ...block("Dynamic parameters", [
      ...parameters.gone.map((one) => `- ${parameterText(one)}`),
      ...parameters.new.map((one) => `+ ${parameterText(one)}`),
      ...(parameters.new.length + parameters.gone.length === 0 ? ["the same"] : []),
    ]),
    ...block("Settings of the pillar", [
      ...names("setting", settings),
      ...settings.defaults.map(
        ({ setting, before, after }) => `~ ${setting}: default ${sideText(before)} → ${sideText(after)}`,
      ),
    ]),
    ...block(
      "Values of the model that are affected",
      affected.length === 0 ? ["none"] : affected.flatMap((one) => affectedText(one, plan)),
    ),
    ...block("Configuration files, as rendered: lines more, lines less", columns(changed.map(fileText), 3)),
    ...block(
      "What plinth's templates write otherwise",
      features.flatMap(({ change, why }) => wrap(`${signs[change]} ${why}`, width - 2)),
    ),
    ...block("Options: + new, - gone, > renamed, ~ default or type, ! to be removed", options.flatMap(optionsText)),
  ];
  return `${lines.join("\n").trimEnd()}\n`;
}
