import { osloSection } from "../dialect/names.ts";
import type { Change as OptionChange } from "../options/diff.ts";
import type { ReleaseDiff } from "../release/diff.ts";
import type { Affected } from "./plan.ts";
import type { FileSide, ImageSide, Side, WrittenOption } from "./side.ts";

const isThe = (one: { readonly section: string; readonly option: string }, section: string, option: string): boolean =>
  one.option === option && osloSection(one.section) === osloSection(section);

/** Whether the later release's file still has the option under the name that changed. */
function remains(file: FileSide | undefined, { section, option }: WrittenOption): boolean {
  return file?.options.some((one) => isThe(one, section, option)) ?? false;
}

function ofFile(
  image: string,
  file: FileSide,
  later: FileSide | undefined,
  changes: readonly OptionChange[],
): readonly Affected[] {
  return file.options.flatMap((written) => {
    if (written.own.length === 0) return [];
    // What comes cannot have been set before, and a default counts only where nothing is set.
    const own = changes.filter(
      (change) =>
        change.kind !== "comes" && change.kind !== "default" && isThe(change, written.section, written.option),
    );
    return own.map((change): Affected => {
      const { section, option, value } = written;
      const follows = (change.kind === "goes" || change.kind === "renamed") && !remains(later, written);
      return { image, file: file.path, section, option, value, own: written.own, change, follows };
    });
  });
}

const laterOf = (image: ImageSide | undefined, { path, services }: FileSide): FileSide | undefined =>
  image?.files.find((one) => one.path === path && one.services?.join() === services?.join()) ??
  image?.files.find((one) => one.path === path);

/** @returns what of the model's own values an upgrade concerns: values of options that change, and settings that are no more. */
export function affectedOf(
  before: Side,
  after: Side,
  changes: Pick<ReleaseDiff, "options" | "settings">,
): readonly Affected[] {
  return before.images.flatMap((image) => {
    const later = after.images.find(({ name }) => name === image.name);
    const options = image.files
      .filter(({ listed }) => listed)
      .flatMap((file) => ofFile(image.name, file, laterOf(later, file), changes.options[image.component] ?? []));
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
        },
      ];
    });
    const all = [...options, ...gone];
    // Where the model says more for some services an image has a file twice.
    const key = (one: Affected): string => JSON.stringify([one.file, one.section, one.option, one.own, one.change]);
    return [...new Map(all.map((one) => [key(one), one])).values()];
  });
}
