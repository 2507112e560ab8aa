import type { BakedContent, BakedFile, BakedImage, BakedOption, BakedOptions, BakedService } from "../baked/baked.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { At } from "../model/value.ts";
import { optionMessage } from "../options/messages.ts";
import { baseName } from "../options/places.ts";
import type { Leaf, Said, SaidFile, SaidOption, Tree } from "../options/said.ts";
import { placeOfKey } from "../pillar/place.ts";
import type { Placeholder } from "../pillar/placeholder.ts";
import { linesOf } from "../render/splice.ts";
import { Unusable } from "../render/value.ts";
import type { Json } from "../schema/json.ts";
import { documentText, type Yaml } from "../yaml/write.ts";

const isPlace = (piece: string | Placeholder): piece is Placeholder => typeof piece !== "string";

function leavesOf(tree: Tree): readonly Leaf[] {
  if ("written" in tree) return [];
  if ("items" in tree) return tree.items.flatMap(leavesOf);
  return "members" in tree ? tree.members.flatMap(([, value]) => leavesOf(value)) : [tree];
}

const optionPlaces = ({ value }: SaidOption): readonly Placeholder[] =>
  value.lines.flat().flatMap((leaf) => ("at" in leaf ? [leaf.at] : []));

function filePlaces({ content }: SaidFile): readonly Placeholder[] {
  if ("text" in content) return content.text.filter(isPlace);
  if ("options" in content) return content.options.flatMap(optionPlaces);
  return leavesOf(content.tree).flatMap((leaf) => ("at" in leaf ? [leaf.at] : []));
}

/** @returns the dynamic parameters in what the model says of files, and where each thing stands. */
export function besideOf({ options, files }: Said): {
  readonly placeholders: readonly Placeholder[];
  readonly positions: Readonly<Record<string, At>>;
} {
  const all = [...options, ...files.flatMap(({ content }) => ("options" in content ? content.options : []))];
  const places: (readonly [string, At])[] = [
    ...all.flatMap((said) =>
      [said.path, ...optionPlaces(said).map(({ path }) => path)].map((path) => [path, said.at] as const),
    ),
    ...files.flatMap((file) =>
      [file.path, ...filePlaces(file).map(({ path }) => path)].map((path) => [path, file.at] as const),
    ),
  ];
  return {
    placeholders: [...options.flatMap(optionPlaces), ...files.flatMap(filePlaces)],
    positions: Object.fromEntries(places),
  };
}

function placeOfLeaf({ path, parts: [first] }: Placeholder) {
  return typeof first === "string" ? { at: path, begins: first } : { at: path };
}

/** @returns an option as a start takes it, or why it cannot be written. */
function bakeOption(said: SaidOption): BakedOption | Diagnostic {
  const { file, section, option, path, value } = said;
  const lines = value.lines.map((line) => line.map((leaf) => ("is" in leaf ? leaf : placeOfLeaf(leaf.at))));
  const baked: BakedOption = {
    name: option,
    path,
    lines,
    ...(value.list ? { list: true } : {}),
    ...(value.bounds ? { bounds: true } : {}),
    ...(value.repeats ? { repeats: true } : {}),
  };
  if (lines.flat().some((leaf) => "at" in leaf)) return baked;
  const texts = linesOf(baked, file.dialect, {});
  if (texts instanceof Unusable) {
    const message = { file: baseName(file.path), section, option, reason: texts.reason };
    return optionMessage("option-unwritable", message, placeOfKey(said.at, option));
  }
  return { name: option, path, text: texts.map(({ head, text }) => (text === "" ? head.trimEnd() : head + text)) };
}

/** @returns options by their sections, in their order. */
function bySection(options: readonly SaidOption[], told: Diagnostic[]): BakedOptions {
  const sections = new Map<string, BakedOption[]>();
  for (const said of options) {
    const baked = bakeOption(said);
    if ("code" in baked) told.push(baked);
    else sections.set(said.section, [...(sections.get(said.section) ?? []), baked]);
  }
  return [...sections].map(([section, own]) => ({ section, options: own }));
}

/** A tree as plain data in which `token` stands, with its number, for each dynamic value. */
function withTokens(tree: Tree, token: string, places: (Placeholder | string)[]): Yaml {
  if ("items" in tree) return tree.items.map((item) => withTokens(item, token, places));
  if ("members" in tree)
    return Object.fromEntries(tree.members.map(([key, value]) => [key, withTokens(value, token, places)]));
  if ("is" in tree) return tree.is as Yaml;
  places.push("written" in tree ? tree.written : tree.at);
  return `${token}${places.length - 1}@`;
}

const texts = (tree: Tree): readonly string[] => {
  if ("items" in tree) return tree.items.flatMap(texts);
  if ("members" in tree) return tree.members.flatMap(([key, value]) => [key, ...texts(value)]);
  return "is" in tree && typeof tree.is === "string" ? [tree.is] : [];
};

/** Writes a tree as JSON or YAML, with a gap for each dynamic value, which is written with its quotes at start. */
function contentOfTree(tree: Tree, dialect: "json" | "yaml"): BakedContent {
  let token = "@plinth";
  while (texts(tree).some((text) => text.includes(token))) token = `@${token}`;
  const places: (Placeholder | string)[] = [];
  const plain = withTokens(tree, token, places);
  const isMapping = plain !== null && typeof plain === "object" && !Array.isArray(plain);
  const written =
    dialect === "yaml" && isMapping && Object.keys(plain).length > 0
      ? documentText(plain as { readonly [key: string]: Yaml })
      : `${JSON.stringify(plain as Json, null, 2)}\n`;
  const pieces = written.split(new RegExp(`"${token}(\\d+)@"`));
  return pieces
    .map((piece, index) => {
      const place = index % 2 === 0 ? piece : (places[Number(piece)] ?? "");
      return typeof place === "string" ? place : { at: place.path };
    })
    .filter((piece) => piece !== "");
}

function contentOf({ content, file }: SaidFile): BakedContent {
  if ("text" in content) return content.text.map((piece) => (isPlace(piece) ? { at: piece.path } : piece));
  return "tree" in content ? contentOfTree(content.tree, file.dialect === "yaml" ? "yaml" : "json") : [];
}

type Placed = {
  readonly services: Readonly<Record<string, BakedService>>;
  readonly parts: Pick<BakedImage, "options" | "contents">;
  readonly diagnostics: readonly Diagnostic[];
};

/**
 * Puts what the model says of files into the services that read them. What is said of one service comes over what is said of all;
 * services for which the same is said share it.
 */
export function placeSaid(services: Readonly<Record<string, BakedService>>, { options, files }: Said): Placed {
  if (options.length + files.length === 0) return { services, parts: {}, diagnostics: [] };
  const told: Diagnostic[] = [];
  const baked: BakedOptions[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (said: readonly SaidOption[]): number => {
    const key = said.map(({ path }) => path).join("\n");
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, baked.length);
    // What is wrong with an option is told once, however many services have it.
    const own: Diagnostic[] = [];
    baked.push(bySection(said, own));
    told.push(...own.filter(({ what }) => !told.some((before) => before.what === what)));
    return baked.length - 1;
  };
  const contents: Record<string, BakedContent> = {};
  const extra = files.map((said): BakedFile => {
    contents[said.path] = contentOf(said);
    const { path, dialect } = said.file;
    const own = "options" in said.content ? { options: numberOf(said.content.options) } : {};
    return { template: said.path, path, dialect, mode: said.mode, ...own };
  });
  const placed = Object.entries(services).map(([name, service]) => {
    const own = service.files.map((file) => {
      const all = options.filter((one) => one.file.path === file.path && (one.service ?? name) === name);
      const mine = all.filter((one) => one.service !== undefined);
      const said = all.filter((one) => one.service !== undefined || !mine.some((other) => isSame(other, one)));
      return said.length > 0 ? { ...file, options: numberOf(said) } : file;
    });
    const given = extra.filter((_, index) => files[index]?.services?.includes(name) ?? true);
    return [name, { ...service, files: [...own, ...given] }] as const;
  });
  for (const { file, section, option, at, service } of options) {
    const readers = Object.entries(services).filter(([, { files: own }]) => own.some(({ path }) => path === file.path));
    if (readers.some(([name]) => (service ?? name) === name)) continue;
    const message = { file: file.path, section, option, service, readers: readers.map(([name]) => name) };
    told.push(optionMessage("option-unread", message, placeOfKey(at, option)));
  }
  return {
    services: Object.fromEntries(placed),
    parts: { ...(baked.length > 0 ? { options: baked } : {}), ...(extra.length > 0 ? { contents } : {}) },
    diagnostics: told,
  };
}

const isSame = (one: SaidOption, other: SaidOption): boolean =>
  one.section.toLowerCase() === other.section.toLowerCase() && one.option === other.option;
