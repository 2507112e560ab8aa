import { changeText } from "../options/diff.ts";
import type { Json } from "../schema/json.ts";
import type { Names, ReleaseDiff } from "./diff.ts";

export const sideText = (value: Json | undefined): string =>
  value === undefined ? "none" : typeof value === "string" ? value : JSON.stringify(value);

const namesText = (names: Names): readonly string[] => [
  ...names.gone.map((name) => `- ${name}`),
  ...names.new.map((name) => `+ ${name}`),
];

const block = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];

/** What differs between two releases, for people: `-` goes, `+` comes, `→` changes, `!` will go. */
export function releaseText({ from, to, ...diff }: ReleaseDiff): string {
  const lines = [
    `${from} → ${to}`,
    ...block(
      "components",
      diff.components.map(({ component, before, after }) => `${component} ${sideText(before)} → ${sideText(after)}`),
    ),
    ...block("images", namesText(diff.images)),
    ...block("services", namesText(diff.services)),
    ...block("jobs", namesText(diff.jobs)),
    ...block("dynamic parameters", namesText(diff.parameters)),
    ...block("settings", [
      ...namesText(diff.settings),
      ...diff.settings.defaults.map(
        ({ setting, before, after }) => `${setting}: ${sideText(before)} → ${sideText(after)}`,
      ),
    ]),
    ...block(
      "configuration files",
      diff.features.map(({ name, change, why }) => `${change === "new" ? "+" : "-"} ${name}: ${why}`),
    ),
    ...Object.entries(diff.options).flatMap(([component, changes]) =>
      block(`options of ${component}`, changes.map(changeText)),
    ),
  ];
  return `${lines.length === 1 ? `${from} → ${to}\n\nnothing that plinth knows of` : lines.join("\n")}\n`;
}
