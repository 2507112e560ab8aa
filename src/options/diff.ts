import { typeText } from "./kinds.ts";
import { nameText, type OptionList, type OptionRecord } from "./list.ts";

/** What became of one option between two releases. */
export type Change = { readonly section: string; readonly option: string } & (
  | { readonly kind: "comes" | "goes" }
  | { readonly kind: "renamed"; readonly to: string }
  | { readonly kind: "default" | "type"; readonly before: string; readonly after: string }
  | { readonly kind: "deprecated" }
);

const itemText = (item: unknown): string =>
  item !== null && typeof item === "object"
    ? Object.entries(item)
        .map(([key, one]) => `${key}:${one}`)
        .join(",")
    : String(item);

export const shownDefault = ({ default: value, type }: OptionRecord): string => {
  if (value === undefined || value === null) return "(none)";
  if (value === "") return '""';
  if (Array.isArray(value))
    return value.length === 0 ? "(empty)" : value.map(itemText).join(type === "List" ? "," : "; ");
  return itemText(value) || "(empty)";
};

/** Lists that were read from sources have no defaults, so none changed there. */
const hasDefaults = (list: OptionList): boolean => list.records.some((record) => record.default !== undefined);

/** @returns what differs between a service's options in two releases, by section and name. */
export function compareLists(from: OptionList, to: OptionList): readonly Change[] {
  const comparable = hasDefaults(from) && hasDefaults(to);
  const changes: Change[] = [];
  const renamed = new Set<OptionRecord>();
  for (const before of from.records) {
    const [section, option] = [before.group, before.name];
    const after = to.get(section, option);
    if (!after) {
      const now = to.renamed(section, option);
      if (now && !from.get(now.group, now.name)) renamed.add(now);
      changes.push(now ? { section, option, kind: "renamed", to: nameText(now) } : { section, option, kind: "goes" });
      continue;
    }
    const [old, fresh] = [shownDefault(before), shownDefault(after)];
    if (comparable && old !== fresh) changes.push({ section, option, kind: "default", before: old, after: fresh });
    // What one way of reading knew of bounds, the other may not have.
    const [type, now] = comparable ? [typeText(before), typeText(after)] : [before.type, after.type];
    if (type !== now) changes.push({ section, option, kind: "type", before: type, after: now });
    if (after.deprecated_for_removal && !before.deprecated_for_removal)
      changes.push({ section, option, kind: "deprecated" });
  }
  for (const after of to.records) {
    if (from.get(after.group, after.name) || renamed.has(after)) continue;
    changes.push({ section: after.group, option: after.name, kind: "comes" });
  }
  const key = ({ section, option }: Change): string => `${section === "DEFAULT" ? "" : section}\n${option}`;
  return changes.toSorted((one, other) => (key(one) < key(other) ? -1 : key(one) > key(other) ? 1 : 0));
}

const signs: Readonly<Record<Change["kind"], string>> = {
  comes: "+",
  goes: "-",
  renamed: ">",
  default: "~",
  type: "~",
  deprecated: "!",
};

/** From this many items on, a list that changed is told by the items that differ. */
const manyItems = 4;

/**
 * @returns what became of a text: both forms, or of a long list the items that it lost and got. oslo's default_log_levels has twenty items,
 *   and a release changes one.
 */
function differenceText(before: string, after: string): string {
  const [old, fresh] = [before, after].map((text) => text.split(/, ?/));
  if (!old || !fresh || Math.min(old.length, fresh.length) < manyItems) return `${before} -> ${after}`;
  const gone = old.filter((item) => !fresh.includes(item));
  const added = fresh.filter((item) => !old.includes(item));
  const told = [
    ...(gone.length > 0 ? [`without ${gone.join(", ")}`] : []),
    ...(added.length > 0 ? [`with ${added.join(", ")}`] : []),
  ];
  return told.length > 0 ? told.join("; ") : `${before} -> ${after}`;
}

/** @returns a change in a line. */
export function changeText(change: Change): string {
  const name = `${signs[change.kind]} [${change.section}] ${change.option}`;
  switch (change.kind) {
    case "renamed":
      return `${name} is called ${change.to}`;
    case "default":
      return `${name}: default ${differenceText(change.before, change.after)}`;
    case "type":
      return `${name}: ${differenceText(change.before, change.after)}`;
    case "deprecated":
      return `${name} is to be removed`;
    default:
      return name;
  }
}
