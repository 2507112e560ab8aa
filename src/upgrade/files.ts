import { compareLines, hunks, split } from "../text/lines.ts";
import type { FileDiff, Hunk } from "./plan.ts";
import type { FileSide, Side } from "./side.ts";

const keyOf = (image: string, { path, services }: FileSide): string => `${image}\n${path}\n${services?.join() ?? ""}`;

/** What differs, with a few lines around it. */
function hunksOf(before: string, after: string): readonly Hunk[] {
  const [old, now] = [split(before), split(after)];
  return hunks(compareLines(old, now)).map((steps) => ({
    before: (steps.find((step) => step.old !== undefined)?.old ?? -1) + 1,
    after: (steps.find((step) => step.new !== undefined)?.new ?? -1) + 1,
    lines: steps.map((step) => {
      if (step.new === undefined) return { sign: "-", text: old[step.old ?? 0] ?? "" };
      return { sign: step.old === undefined ? "+" : " ", text: now[step.new] ?? "" };
    }),
  }));
}

/** Compares every file of the deployed services as it is rendered for either release. */
export function diffFiles(before: Side, after: Side): readonly FileDiff[] {
  const filesOf = ({ images }: Side): ReadonlyMap<string, { readonly image: string; readonly file: FileSide }> =>
    new Map(
      images.flatMap(({ name, files }) => files.map((file) => [keyOf(name, file), { image: name, file }] as const)),
    );
  const [old, now] = [filesOf(before), filesOf(after)];
  // In the order of the later release; what goes comes after what is left of its image.
  const keys = [...new Set([...now.keys(), ...old.keys()])];
  const images = [...new Set([...after.images, ...before.images].map(({ name }) => name))];
  return images.flatMap((image) =>
    keys
      .filter((key) => (now.get(key) ?? old.get(key))?.image === image)
      .map((key): FileDiff => {
        const [was, is] = [old.get(key)?.file, now.get(key)?.file];
        const { path, services } = (is ?? was) as FileSide;
        const lines = hunksOf(was?.text ?? "", is?.text ?? "");
        const count = (sign: string): number =>
          lines.flatMap((hunk) => hunk.lines.filter((line) => line.sign === sign)).length;
        const change = !was ? "appears" : !is ? "goes" : lines.length > 0 ? "changed" : "same";
        return { image, path, services, change, added: count("+"), removed: count("-"), hunks: lines };
      }),
  );
}
