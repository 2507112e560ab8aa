import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { supportedNames } from "../openstack/releases.ts";
import { nameText, type OptionList, type OptionRecord, readList } from "./list.ts";
import { optionMessage } from "./messages.ts";

/** The lists of one component: that of the release that counts, and those of others, to tell where an option went. */
export type Lists = {
  readonly release: string;
  readonly own: OptionList;
  readonly of: (release: string) => OptionList | undefined;
};

/** @returns undefined where there is no list of the release. */
export function listsOf(
  component: string,
  release: string,
  load: (path: string) => string | undefined,
): Lists | undefined {
  const known = new Map<string, OptionList | undefined>();
  const of = (name: string): OptionList | undefined => {
    if (!known.has(name)) known.set(name, readList(component, name, load));
    return known.get(name);
  };
  const own = of(release);
  return own && { release, own, of };
}

type Asked = { readonly file: string; readonly section: string; readonly option: string };

/** The releases other than one, nearest first: those before it count more, since options go rather than come. */
function others(release: string): readonly { readonly name: string; readonly later: boolean }[] {
  const at = supportedNames.indexOf(release);
  return [
    ...supportedNames
      .slice(0, at)
      .reverse()
      .map((name) => ({ name, later: false })),
    ...supportedNames.slice(at + 1).map((name) => ({ name, later: true })),
  ];
}

/** A slip within the section counts more than one in its name. */
const near = (list: OptionList, { section, option }: Asked): OptionRecord | undefined => {
  const own = list.of(section);
  const name = nearest(
    option,
    own.map((record) => record.name),
  );
  return own.find((record) => record.name === name);
};

/** Why a list has no such option; `section`: since it has no such section. */
export type Refused = { readonly make: (place: Place) => Diagnostic; readonly section?: true };

/** @returns why a list has no such option, in the words of a diagnostic. */
export function refuseOption({ release, own, of }: Lists, asked: Asked): Refused {
  const { section, option, file } = asked;
  // An older name that this release takes no longer, another one may still tell.
  const renamed =
    own.renamed(section, option) ??
    others(release)
      .flatMap(({ name }) => of(name)?.renamed(section, option) ?? [])
      .flatMap((then) => own.get(then.group, then.name) ?? [])[0];
  if (renamed)
    return {
      make: (place) =>
        optionMessage("option-renamed", { ...asked, release, now: nameText(renamed), help: renamed.help }, place),
    };
  for (const { name, later } of others(release)) {
    const record = of(name)?.get(section, option);
    // An older name there may be one that only that release still took.
    if (!record) continue;
    const message = { ...asked, release, had: name, later, help: record.help };
    return { make: (place) => optionMessage("option-gone", message, place) };
  }
  if (!own.hasSection(section)) {
    const like = nearest(section, own.sections);
    const elsewhere = own.named(option).slice(0, 3).map(nameText);
    const message = {
      section,
      file,
      release,
      near: like,
      elsewhere: elsewhere.length > 0 ? `There is ${elsewhere.join(", ")}` : undefined,
    };
    return { section: true, make: (place) => optionMessage("option-section-unknown", message, place) };
  }
  const like = near(own, asked);
  const elsewhere = own
    .named(option)
    .slice(0, 3)
    .map(({ group }) => group);
  const message = { ...asked, release, near: like?.name, help: like?.help, elsewhere };
  return { make: (place) => optionMessage("option-unknown", message, place) };
}
