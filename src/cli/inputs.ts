import { join } from "node:path";
import { type Result, success } from "../diagnostics/diagnostic.ts";
import { readText } from "../host/files.ts";
import { type BakedDetails, type BakedImage, bakedPath } from "../image/baked.ts";
import { readBaked } from "../image/read.ts";
import { environmentLayer } from "../overlay/environment.ts";
import { etcdLayers } from "../overlay/etcd-keys.ts";
import { type EtcdSettings, etcdSettings } from "../overlay/etcd-settings.ts";
import type { Layer } from "../overlay/layer.ts";
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
  root: { type: "string", describe: "Put files below this folder instead of /" },
} as const satisfies Options;

export const underRoot = (path: string, root: string | undefined): string =>
  root === undefined ? path : join(root, path);

/** Opens the baked image that the words or the environment name. */
export function openImage(args: Arguments, context: Context): Result<Opened> {
  const path = text(args, "image") ?? context.environment["PLINTH_IMAGE"] ?? bakedPath;
  const read = readText(path, "bake one with plinth bake --output FILE, and name it with --image or PLINTH_IMAGE");
  return read.ok ? readBaked(read.value, path) : read;
}

/** The services of the image at hand, for completion; none when there is no image. */
export function imageServices(context: Context): readonly string[] {
  const opened = openImage({ _: [], "--": [] }, context);
  return opened.ok ? Object.keys(opened.value.image.services) : [];
}

/** The etcd that the environment names, if any. */
export const etcdFor = (context: Context): Result<EtcdSettings | undefined> =>
  etcdSettings(context.environment, readText);

/** What etcd holds for this image, as layers: none when no etcd is named. */
async function readEtcd(image: BakedImage, context: Context): Promise<Result<readonly Layer[]>> {
  const etcd = etcdFor(context);
  if (!etcd.ok) return etcd;
  if (etcd.value === undefined) return success([], etcd.warnings);
  const { readOnce } = await import("../host/etcd/gateway.ts");
  const { prefix, timeoutMs, optional } = etcd.value;
  const read = await readOnce(etcd.value, image.image.name, { deadline: performance.now() + timeoutMs });
  if (read.ok) return success(etcdLayers(read.value.entries, prefix, image.image.name), etcd.warnings);
  if (!optional) return read;
  const skipped = read.diagnostics.map(({ what }) => cliMessage("etcd-skipped", { reason: what }));
  return success([], [...etcd.warnings, ...skipped]);
}

/**
 * Resolves an image's settings from these layers and the environment. From then on no log line shows their secrets.
 *
 * @param needed paths that must be filled although not every service needs them: what the service at hand wants.
 */
export function settingsFrom(
  opened: Opened,
  layers: readonly Layer[],
  context: Context,
  needed: readonly string[] = [],
): Result<Settings> {
  const environment = environmentLayer(namesOf(opened.image.placeholders), context.environment, readText);
  if (!environment.ok) return environment;
  const resolved = resolve(opened.image, [...layers, environment.value], opened.details, needed);
  if (resolved.ok) context.protect(resolved.value);
  return resolved;
}

/** Reads environment and etcd, and resolves the settings of an image; see {@link settingsFrom}. */
export async function resolveSettings(
  opened: Opened,
  context: Context,
  needed: readonly string[] = [],
): Promise<Result<Settings>> {
  const etcd = await readEtcd(opened.image, context);
  if (!etcd.ok) return etcd;
  const resolved = settingsFrom(opened, etcd.value, context, needed);
  return resolved.ok ? success(resolved.value, [...etcd.warnings, ...resolved.warnings]) : resolved;
}
