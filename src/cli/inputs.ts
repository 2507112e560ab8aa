import { join } from "node:path";
import { type BakedDetails, type BakedImage, bakedPath } from "../baked/baked.ts";
import { readBaked } from "../baked/read.ts";
import { failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { now } from "../host/clock.ts";
import { readText } from "../host/files.ts";
import { readSecretFile } from "../host/secret-file.ts";
import { environmentLayer } from "../overlay/environment.ts";
import { etcdLayers } from "../overlay/etcd-keys.ts";
import { type EtcdSettings, type EtcdState, etcdSettings } from "../overlay/etcd-settings.ts";
import { setInstead, unreadKeys } from "../overlay/near-names.ts";
import { linksLayer } from "../overlay/service-links.ts";
import { own } from "../overlay/variables.ts";
import { namesOf } from "../settings/fill.ts";
import { resolve } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import { cliMessage } from "./messages.ts";
import { type Arguments, type Context, type Options, text } from "./verb.ts";

/** An image as it was baked, and what only errors and explanations need of it. */
export type Opened = { readonly image: BakedImage; readonly details: () => BakedDetails };

export const imageOption = {
  image: { type: "string", describe: `The baked image file; PLINTH_IMAGE, then ${bakedPath}, are the defaults` },
} as const satisfies Options;

export const rootOption = {
  root: { type: "string", describe: "Put files below this directory instead of /" },
} as const satisfies Options;

export const underRoot = (path: string, root: string | undefined): string =>
  root === undefined ? path : join(root, path);

/** The baked image that the words or the environment name. */
export const imagePath = (args: Arguments, context: Context): string =>
  text(args, "image") ?? own(context.environment, "PLINTH_IMAGE") ?? bakedPath;

/** Opens the baked image that the words or the environment name. */
export function openImage(args: Arguments, context: Context): Result<Opened> {
  const path = imagePath(args, context);
  const read = readText(path, "bake one with plinth bake --output FILE, and name it with --image or PLINTH_IMAGE");
  return read.ok ? readBaked(read.value, path) : read;
}

/** The services of the image at hand, for completion; none when there is no image. */
export function imageServices(context: Context): readonly string[] {
  const opened = openImage({ _: [], "--": [] }, context);
  return opened.ok ? Object.keys(opened.value.image.services) : [];
}

/** The etcd that the environment names, if any. From then on no log line shows its password. */
export function etcdFor(context: Context): Result<EtcdSettings | undefined> {
  const etcd = etcdSettings(context.environment, readSecretFile);
  if (etcd.ok && etcd.value?.login) context.protect([etcd.value.login.password]);
  return etcd;
}

/** What etcd gave for an image, and below which prefix. */
export type FromEtcd = Pick<EtcdSettings, "prefix"> & Pick<EtcdState, "entries">;

/** @returns what etcd holds for this image; undefined when no etcd is named, or it may be done without. */
async function readEtcd(image: BakedImage, context: Context): Promise<Result<FromEtcd | undefined>> {
  const etcd = etcdFor(context);
  if (!etcd.ok) return etcd;
  if (etcd.value === undefined) return success(undefined, etcd.warnings);
  const { readOnce } = await import("../host/etcd/gateway.ts");
  const { prefix, timeoutMs, optional } = etcd.value;
  const read = await readOnce(etcd.value, image.image.name, { deadline: now() + timeoutMs });
  if (read.ok) return success({ entries: read.value.entries, prefix }, etcd.warnings);
  if (!optional) return read;
  const skipped = read.diagnostics.map(({ what }) => cliMessage("etcd-skipped", { reason: what }));
  return success(undefined, [...etcd.warnings, ...skipped]);
}

/**
 * Resolves an image's settings from what etcd gave and the environment. From then on no log line shows their secrets.
 *
 * @param requiredPaths paths that the service at hand needs, although not every service of the image does.
 */
export function settingsFrom(
  opened: Opened,
  etcd: FromEtcd | undefined,
  context: Context,
  requiredPaths: readonly string[] = [],
): Result<Settings> {
  const { environment } = context;
  const { name } = opened.image.image;
  const names = namesOf(opened.image.placeholders);
  const given = environmentLayer(names, environment, readSecretFile);
  if (!given.ok) return given;
  const { entries, prefix } = etcd ?? { entries: [], prefix: "" };
  const fromEtcd = etcdLayers(entries, prefix, name);
  const strong = [...fromEtcd, given.value];
  const warnings = [
    ...given.warnings,
    ...unreadKeys(entries, prefix, name, names, (one) => strong.some((layer) => layer.has(one))),
  ];
  const layers = [linksLayer(names, environment), ...strong];
  const instead = (one: string) => setInstead(one, names, environment, entries);
  const resolved = resolve(opened.image, layers, opened.details, requiredPaths, instead, etcd?.prefix);
  if (!resolved.ok) return failure([...resolved.diagnostics, ...warnings]);
  context.protect(resolved.value);
  return success(resolved.value, [...warnings, ...resolved.warnings]);
}

/** Reads environment and etcd, and resolves the settings of an image; see {@link settingsFrom}. */
export async function resolveSettings(
  opened: Opened,
  context: Context,
  requiredPaths: readonly string[] = [],
): Promise<Result<Settings>> {
  const etcd = await readEtcd(opened.image, context);
  if (!etcd.ok) return etcd;
  const resolved = settingsFrom(opened, etcd.value, context, requiredPaths);
  return resolved.ok ? success(resolved.value, [...etcd.warnings, ...resolved.warnings]) : resolved;
}
