import { failure, type Place, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { ImageRow } from "../openstack/component.ts";
import { imageName, images } from "../openstack/images.ts";
import { releases, supportedNames, supportedRelease } from "../openstack/releases.ts";
import { type PillarText, readDocument } from "./document.ts";
import { parametersKey, waitKey } from "./envelope.ts";
import { pillarMessage } from "./messages.ts";
import { namesIn, parseParts } from "./placeholder.ts";
import { lineOfKey, shownKey, shownLine } from "./source-line.ts";
import type { Entry, MappingTree, Span, Tree } from "./tree.ts";

/** A pillar whose image and release are known; its keys are not checked yet. */
export type PillarDocument = Omit<PillarText, "tree"> & {
  readonly image: ImageRow;
  /** Supported. */
  readonly release: string;
  readonly role: MappingTree;
  /** Where the role's key stands: the place of what is missing in it. */
  readonly roleAt: Span;
  readonly wait: Entry | undefined;
  readonly parameters: Entry | undefined;
};

export type PillarChoice = {
  /** Which block counts, when the pillar has several: `nova-controller`. */
  readonly imageName?: string | undefined;
  /** Takes the place of the pillar's `version`. */
  readonly release?: string | undefined;
};

/** @returns the place of a key or value in a document, with its source line where that shows no secret. */
export function placeOf(
  text: Pick<PillarText, "file" | "lines">,
  at: Span,
  source: string | undefined = shownLine(text.lines, at.line),
): Place {
  const place = { kind: "document", file: text.file, line: at.line, column: at.column } as const;
  return source === undefined ? place : { ...place, source };
}

const reserved: readonly string[] = [parametersKey, waitKey];
const components = [...new Set(images.map((image) => image.component))];
const rolesOf = (component: string): readonly string[] =>
  images.filter((image) => image.component === component).map((image) => image.role);

type Block = { readonly image: ImageRow; readonly entry: Entry };
type Found = { readonly blocks: readonly Block[]; readonly diagnostics: readonly ReturnType<typeof pillarMessage>[] };

function unknownKey(text: PillarText, key: string, entry: Entry, section: string, known: readonly string[]) {
  const message = { key: shownKey(key), section, nearest: nearest(key, known), known: known.join(", ") };
  const { line, column } = entry.keyAt;
  return pillarMessage("key-unknown", message, placeOf(text, entry.keyAt, lineOfKey(text.lines, line, column, key)));
}

export function notMapping(text: Pick<PillarText, "file" | "lines">, path: string, tree: Tree, at: Span) {
  const found =
    tree.kind === "sequence" ? "a list" : tree.kind === "scalar" && tree.isNull ? "empty" : "a single value";
  return pillarMessage("kind-wrong", { path, found, wants: "a mapping" }, placeOf(text, at));
}

function findBlocks(text: PillarText, root: MappingTree): Found {
  const blocks: Block[] = [];
  const diagnostics: ReturnType<typeof pillarMessage>[] = [];
  for (const [component, entry] of root.entries) {
    if (reserved.includes(component)) continue;
    if (!components.includes(component)) {
      diagnostics.push(unknownKey(text, component, entry, "the pillar", [...components, ...reserved]));
    } else if (entry.value.kind !== "mapping") {
      diagnostics.push(notMapping(text, component, entry.value, entry.keyAt));
    } else {
      for (const [role, roleEntry] of entry.value.entries) {
        const image = images.find((row) => row.component === component && row.role === role);
        if (image) blocks.push({ image, entry: roleEntry });
        else diagnostics.push(unknownKey(text, role, roleEntry, component, rolesOf(component)));
      }
    }
  }
  return { blocks, diagnostics };
}

/** @returns the one block that counts, or why none does. */
function choose(text: PillarText, blocks: readonly Block[], wanted: string | undefined): Result<Block> {
  const here: Place = { kind: "named", name: text.file };
  const known = images.map(imageName);
  const found = blocks.map((block) => imageName(block.image)).join(", ");
  if (wanted !== undefined && !known.includes(wanted)) {
    const message = { image: wanted, nearest: nearest(wanted, known), known: known.join(", ") };
    return failure([pillarMessage("image-unknown", message, here)]);
  }
  if (blocks.length === 0) return failure([pillarMessage("pillar-empty", { images: known.join(", ") }, here)]);
  const block = wanted === undefined ? blocks[0] : blocks.find(({ image }) => imageName(image) === wanted);
  if (!block) return failure([pillarMessage("image-not-in-pillar", { image: wanted as string, found }, here)]);
  if (wanted === undefined && blocks.length > 1) {
    return failure([pillarMessage("image-ambiguous", { found, first: imageName(block.image) }, here)]);
  }
  return success(block);
}

/** @returns the release: the caller's, or the pillar's `version`, which must be a plain text. */
function chooseRelease(
  text: PillarText,
  role: MappingTree,
  roleAt: Span,
  path: string,
  given?: string,
): Result<string> {
  const entry = role.entries.get("version");
  const at = given === undefined && entry ? placeOf(text, entry.value.at) : placeOf(text, roleAt);
  const written = given ?? (entry?.value.kind === "scalar" ? entry.value.text : "");
  const supported = supportedNames.join(", ");
  if (written === "") return failure([pillarMessage("release-missing", { path: `${path}.version`, supported }, at)]);
  const parts = parseParts(written);
  if (!("malformedAt" in parts) && namesIn(parts).length > 0) {
    const why = "the release decides what is baked: write it out, or give it to plinth bake with --release";
    return failure([pillarMessage("placeholder-not-here", { path: `${path}.version`, why }, at)]);
  }
  if (supportedRelease(written)) return success(written);
  const message = {
    release: written,
    known: releases.some((row) => row.name === written),
    supported,
    nearest: nearest(written, supportedNames),
  };
  return failure([
    pillarMessage("release-unknown", message, given === undefined ? at : { kind: "named", name: "--release" }),
  ]);
}

/** @returns the role with the release that counts as its version, whether the pillar wrote one or not. */
function withVersion(role: MappingTree, release: string, roleAt: Span): MappingTree {
  const { keyAt = roleAt, value: { at } = { at: roleAt } } = role.entries.get("version") ?? {};
  const version: Entry = { keyAt, value: { kind: "scalar", text: release, isNull: false, at } };
  return { ...role, entries: new Map([...role.entries, ["version", version]]) };
}

/** Reads a pillar as far as its image and release: YAML, then the one component with the one role that count. */
export function readPillar(source: string, file: string, choice: PillarChoice = {}): Result<PillarDocument> {
  const read = readDocument(source, file);
  if (!read.ok) return read;
  const text = read.value;
  const root = text.tree;
  if (root.kind !== "mapping") {
    return failure([
      pillarMessage("pillar-empty", { images: images.map(imageName).join(", ") }, { kind: "named", name: file }),
    ]);
  }
  const { blocks, diagnostics } = findBlocks(text, root);
  if (diagnostics.length > 0) return failure(diagnostics);
  const chosen = choose(text, blocks, choice.imageName);
  if (!chosen.ok) return chosen;
  const { image, entry } = chosen.value;
  const path = `${image.component}.${image.role}`;
  if (entry.value.kind !== "mapping") return failure([notMapping(text, path, entry.value, entry.keyAt)]);
  const release = chooseRelease(text, entry.value, entry.keyAt, path, choice.release);
  if (!release.ok) return release;
  return success({
    file,
    lines: text.lines,
    image,
    release: release.value,
    role: withVersion(entry.value, release.value, entry.keyAt),
    roleAt: entry.keyAt,
    wait: root.entries.get(waitKey),
    parameters: root.entries.get(parametersKey),
  });
}
