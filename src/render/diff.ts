import { mask } from "../settings/settings.ts";
import { compareLines, hunks, type Step, split } from "../text/lines.ts";
import { maskFound } from "./mask.ts";
import type { TracedFile } from "./rendered.ts";

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
