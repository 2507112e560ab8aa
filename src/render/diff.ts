import { mask } from "../settings/settings.ts";
import { compareLines, type Step } from "./lines.ts";
import { maskFound } from "./mask.ts";
import type { TracedFile } from "./rendered.ts";

const around = 3;

const split = (text: string): readonly string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

/** Groups of steps that belong to one hunk: changes, with a few lines around them. */
function hunks(steps: readonly Step[]): readonly (readonly Step[])[] {
  const changed = steps.flatMap((step, index) => (step.old === undefined || step.new === undefined ? [index] : []));
  const groups: (readonly [number, number])[] = [];
  for (const index of changed) {
    const last = groups.at(-1);
    const end = Math.min(steps.length, index + around + 1);
    if (last && index - around <= last[1]) groups[groups.length - 1] = [last[0], end];
    else groups.push([Math.max(0, index - around), end]);
  }
  return groups.map(([from, to]) => steps.slice(from, to));
}

function range(steps: readonly Step[], side: "old" | "new"): string {
  const places = steps.flatMap((step) => step[side] ?? []);
  return places.length === 0 ? "0,0" : `${(places[0] as number) + 1},${places.length}`;
}

/**
 * What would change in a file, as a unified diff without any secret of the old text or the new one. A secret that
 * changes is marked so, since both its lines read alike.
 *
 * @param found the file's text as it is now; undefined when there is none.
 * @returns "" when nothing changes.
 */
export function diffFiles(found: string | undefined, file: TracedFile, secrets: Iterable<string> = []): string {
  if (found === file.text) return "";
  const before = split(found ?? "");
  const after = split(file.text);
  const shownBefore = split(maskFound(found ?? "", file, secrets));
  const shownAfter = split(file.masked);
  const lines = hunks(compareLines(before, after)).flatMap((hunk) => {
    const gone = new Set(hunk.flatMap((step) => (step.new === undefined ? (shownBefore[step.old ?? 0] ?? []) : [])));
    const body = hunk.map((step) => {
      if (step.new === undefined) return `-${shownBefore[step.old ?? 0] ?? ""}`;
      const line = shownAfter[step.new] ?? "";
      if (step.old !== undefined) return ` ${line}`;
      return line.includes(mask) && gone.has(line) ? `+${line} (changed)` : `+${line}`;
    });
    return [`@@ -${range(hunk, "old")} +${range(hunk, "new")} @@`, ...body];
  });
  if (lines.length === 0) return "";
  return `${[`--- ${found === undefined ? "/dev/null" : file.path}`, `+++ ${file.path}`, ...lines].join("\n")}\n`;
}
