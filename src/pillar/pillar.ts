import { type Diagnostic, failure, type Place, type Result, success } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import type { At, Value } from "../model/value.ts";
import type { ImageRow } from "../openstack/component.ts";
import { imageName, images } from "../openstack/images.ts";
import { releases, supportedNames, supportedRelease } from "../openstack/releases.ts";
import { parametersKey, waitKey } from "./envelope.ts";
import { pillarMessage } from "./messages.ts";
import { placeOf } from "./place.ts";
import { namesIn, parseParts } from "./placeholder.ts";
import { diagnosticsOf, notMapping, type Report, unknownKey } from "./report.ts";
import { type Entry, type MappingValue, textOf } from "./value.ts";

/** What of a compiled node of the model makes a pillar. */
export type PillarNode = { readonly name: string; readonly parameters: Value };

/** A pillar whose image and release are known; its keys are not checked yet. */
export type PillarDocument = {
  readonly node: string;
  readonly image: ImageRow;
  /** Supported. */
  readonly release: string;
  readonly role: MappingValue;
  /** Where the role's key stands: the place of what is missing in it. */
  readonly roleAt: At;
  readonly wait: Entry | undefined;
  readonly parameters: Entry | undefined;
};

export type PillarChoice = {
  /** Which block counts, when the pillar has several: `nova-controller`. Without it, the one that the node is called by. */
  readonly imageName?: string | undefined;
  /** Takes the place of the pillar's `version`. */
  readonly release?: string | undefined;
};

const reserved: readonly string[] = [parametersKey, waitKey];

/** `_param`, `_reclass_`: what the model says to itself, and no image gets. */
const isModels = (key: string): boolean => key.startsWith("_");

export const placeOfNode = (name: string): Place => ({ kind: "named", name: `node ${name}` });

const components = [...new Set(images.map((image) => image.component))];
const rolesOf = (component: string): readonly string[] =>
  images.filter((image) => image.component === component).map((image) => image.role);

type Block = { readonly image: ImageRow; readonly entry: Entry };
type Found = { readonly blocks: readonly Block[]; readonly mistakes: readonly Report[] };

function findBlocks(root: Value): Found {
  const blocks: Block[] = [];
  const mistakes: Report[] = [];
  for (const [component, entry] of root.kind === "mapping" ? root.entries : []) {
    if (reserved.includes(component) || isModels(component)) continue;
    if (!components.includes(component)) {
      mistakes.push(unknownKey(component, entry, "the pillar", [...components, ...reserved]));
    } else if (entry.value.kind !== "mapping") {
      mistakes.push(notMapping(component, entry));
    } else {
      for (const [role, roleEntry] of entry.value.entries) {
        const image = images.find((row) => row.component === component && row.role === role);
        if (image) blocks.push({ image, entry: roleEntry });
        else mistakes.push(unknownKey(role, roleEntry, component, rolesOf(component)));
      }
    }
  }
  return { blocks, mistakes };
}

/** @returns the one block that counts, or why none does. */
function choose(node: string, blocks: readonly Block[], wanted: string | undefined): Result<Block> {
  const here = placeOfNode(node);
  const known = images.map(imageName);
  const found = blocks.map((block) => imageName(block.image)).join(", ");
  if (wanted !== undefined && !known.includes(wanted)) {
    const message = { image: wanted, nearest: nearest(wanted, known), known: known.join(", ") };
    return failure([pillarMessage("image-unknown", message, here)]);
  }
  const [first, ...others] = blocks;
  if (!first) return failure([pillarMessage("pillar-empty", { images: known.join(", ") }, here)]);
  if (wanted === undefined && others.length === 0) return success(first);
  // A node may be called by its image, below whatever groups it: `nova-controller`, `lab.nova-controller`.
  const names = wanted === undefined ? [node, node.slice(node.lastIndexOf(".") + 1)] : [wanted];
  const block = blocks.find(({ image }) => names.includes(imageName(image)));
  if (block) return success(block);
  return failure([
    wanted === undefined
      ? pillarMessage("image-ambiguous", { found, first: imageName(first.image) }, here)
      : pillarMessage("image-not-in-pillar", { image: wanted, found }, here),
  ]);
}

/** @returns what is wrong with a release that is asked for: nothing when plinth can build it. */
export function refuseRelease(written: string, place: Place): Diagnostic | undefined {
  if (supportedRelease(written)) return undefined;
  const message = {
    release: written,
    known: releases.some((row) => row.name === written),
    supported: supportedNames.join(", "),
    nearest: nearest(written, supportedNames),
  };
  return pillarMessage("release-unknown", message, place);
}

/** @returns the release: the caller's, or the pillar's `version`, which must be a plain text. */
function chooseRelease(role: Entry & { value: MappingValue }, path: string, given?: string): Result<string> {
  const entry = role.value.entries.get("version");
  const at = given === undefined && entry ? placeOf(entry.value.at) : placeOf(role.keyAt);
  const written = given ?? (entry?.value.kind === "scalar" ? textOf(entry.value) : "");
  if (written === "") {
    const supported = supportedNames.join(", ");
    return failure([pillarMessage("release-missing", { path: `${path}.version`, supported }, at)]);
  }
  const parts = parseParts(written);
  if (!("malformedAt" in parts) && namesIn(parts).length > 0) {
    const why = "the release decides what is baked: write it out, or give it to plinth bake with --release";
    return failure([pillarMessage("placeholder-not-here", { path: `${path}.version`, why }, at)]);
  }
  const refused = refuseRelease(written, given === undefined ? at : { kind: "named", name: "--release" });
  return refused ? failure([refused]) : success(written);
}

/**
 * @param given the caller's release: then the place is that of the key, since no file says the value.
 * @returns the role with the release that counts as its version, whether the pillar wrote one or not.
 */
function withVersion(role: Entry & { value: MappingValue }, release: string, given?: string): MappingValue {
  const { keyAt, value } = role.value.entries.get("version") ?? role;
  const at = given === undefined ? value.at : keyAt;
  const version: Entry = { key: "version", keyAt, value: { kind: "scalar", value: release, at } };
  return { ...role.value, entries: new Map([...role.value.entries, ["version", version]]) };
}

const holdsMapping = (entry: Entry): entry is Entry & { value: MappingValue } => entry.value.kind === "mapping";

/** Reads a node's parameters as far as image and release: the one component with the one role that count. */
export function readPillar({ name, parameters: root }: PillarNode, choice: PillarChoice = {}): Result<PillarDocument> {
  const { blocks, mistakes } = findBlocks(root);
  if (mistakes.length > 0) return failure(diagnosticsOf(mistakes));
  const chosen = choose(name, blocks, choice.imageName);
  if (!chosen.ok) return chosen;
  const { image, entry } = chosen.value;
  const path = `${image.component}.${image.role}`;
  if (!holdsMapping(entry)) return failure(diagnosticsOf([notMapping(path, entry)]));
  const release = chooseRelease(entry, path, choice.release);
  if (!release.ok) return release;
  const named = (key: string) => (root.kind === "mapping" ? root.entries.get(key) : undefined);
  return success({
    node: name,
    image,
    release: release.value,
    role: withVersion(entry, release.value, choice.release),
    roleAt: entry.keyAt,
    wait: named(waitKey),
    parameters: named(parametersKey),
  });
}
