import type { BakedImage } from "../baked/baked.ts";
import { dropInDirectory } from "../handover/drop-ins.ts";
import { dropInsIn, dropInText } from "../host/drop-ins.ts";
import { filesOf } from "../image/services.ts";
import { type DroppedIn, readDropIns } from "../render/drop-ins.ts";
import type { TracedFile } from "../render/rendered.ts";
import { underRoot } from "./inputs.ts";

/** @returns what drop-in files say where plinth runs. What is secret in a rendered file is so in them, too. */
export function droppedIn(
  { image, services }: Pick<BakedImage, "image" | "services">,
  root: string | undefined,
  rendered: readonly TracedFile[],
): readonly DroppedIn[] {
  if (!filesOf(services).some(({ dialect }) => dialect === "oslo")) return [];
  const paths = dropInsIn(underRoot(dropInDirectory(image.component), root));
  const secrets = new Set(
    rendered.flatMap(({ options }) =>
      options.filter(({ secret }) => secret).map(({ section, option }) => `${section}\n${option}`),
    ),
  );
  const files = paths.map((path) => ({ path, text: dropInText(path) }));
  return readDropIns(files, (section, option) => secrets.has(`${section}\n${option}`));
}
