import { osloSection } from "../dialect/names.ts";
import type { Change as OptionChange } from "../options/diff.ts";
import type { ReleaseDiff } from "../release/diff.ts";
import type { Affected } from "./plan.ts";
import type { FileSide, LeftOut, Side } from "./side.ts";

const isThe = (one: { readonly section: string; readonly option: string }, section: string, option: string): boolean =>
  one.option === option && osloSection(one.section) === osloSection(section);

function ofFile(image: string, file: FileSide, changes: readonly OptionChange[]): readonly Affected[] {
  return file.options.flatMap((written) => {
    if (written.own.length === 0) return [];
    // What comes cannot have been set before, and a default counts only where nothing is set.
    const own = changes.filter(
      (change) =>
        change.kind !== "comes" && change.kind !== "default" && isThe(change, written.section, written.option),
    );
    return own.map((change): Affected => {
      const { section, option, value } = written;
      // What the model says as an option stays as it is said; what templates make of settings is theirs to change.
      const follows = !written.own.some(({ path }) => path.startsWith("_"));
      return { image, file: file.path, section, option, value, own: written.own, change, follows, refused: false };
    });
  });
}

/** What the new release refuses, whether a file of the older one has it or it was taken out there. */
function ofLeftOut(
  { image, file, section, option, own }: LeftOut,
  changes: readonly OptionChange[],
): readonly Affected[] {
  const change = changes.find((one) => (one.kind === "goes" || one.kind === "renamed") && isThe(one, section, option));
  if (!change) return [];
  return [{ image, file, section, option, value: null, own, change, follows: false, refused: true }];
}

/** @returns what of the model's own values an upgrade concerns: values of options that change, and settings that are no more. */
export function affectedOf(
  before: Side,
  after: Side,
  changes: Pick<ReleaseDiff, "options" | "settings">,
): readonly Affected[] {
  return before.images.flatMap((image) => {
    const options = image.files
      .filter(({ listed }) => listed)
      .flatMap((file) => ofFile(image.name, file, changes.options[image.component] ?? []));
    const gone = changes.settings.gone.flatMap((setting): readonly Affected[] => {
      const path = setting.startsWith(`${image.name} `) ? setting.slice(image.name.length + 1) : undefined;
      const place = path === undefined ? undefined : image.given.get(path);
      if (path === undefined || place === undefined) return [];
      return [
        {
          image: image.name,
          file: null,
          section: null,
          option: null,
          value: null,
          own: [{ path, place }],
          change: { kind: "setting" },
          follows: false,
          refused: false,
        },
      ];
    });
    const refused = after.leftOut
      .filter((one) => one.image === image.name)
      .flatMap((one) => ofLeftOut(one, changes.options[image.component] ?? []));
    const paths = new Map(refused.map((one) => [one.own[0]?.path, one] as const));
    const all = [
      ...refused.map((one) => {
        const written = options.find(({ own }) => own.some(({ path }) => path === one.own[0]?.path));
        return written ? { ...one, file: written.file, value: written.value } : one;
      }),
      // The same once more, as the older release's file has it.
      ...options.filter(({ own, change }) => !own.some(({ path }) => paths.get(path)?.change === change)),
      ...gone,
    ];
    // Where the model says more for some services an image has a file twice.
    const key = (one: Affected): string => JSON.stringify([one.file, one.section, one.option, one.own, one.change]);
    return [...new Map(all.map((one) => [key(one), one])).values()];
  });
}
