import type { BakedService } from "../baked/baked.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { optionMessage } from "../options/messages.ts";
import { baseName } from "../options/places.ts";
import type { Said, SaidOption } from "../options/said.ts";
import { placeOfKey } from "../pillar/place.ts";
import type { TracedFile } from "../render/rendered.ts";
import { askedBy } from "./services.ts";

const named = ({ file, section, option }: SaidOption) => ({ file: baseName(file.path), section, option });

/** Sections that the template or `enabled_backends` of a file names: cinder's `lvm,ceph`, glance's `file1:file`. */
function sectionsOf(files: readonly TracedFile[], path: string): readonly string[] {
  const own = files.filter((file) => file.path === path).flatMap(({ options }) => options);
  const written = own.filter(({ model }) => model === undefined).map(({ section }) => section);
  const enabled = own.filter(({ option }) => option === "enabled_backends").flatMap(({ value }) => value.split(","));
  return [...new Set([...written, ...enabled.map((name) => name.trim().replace(/:.*/, ""))])];
}

/**
 * Tells of the model's options what only the rendered files show: a back end's section that no back end has, an option to remove that
 * is not there, and what a wait or a health question goes by although the file now says otherwise.
 *
 * @param traces every rendering that was tried.
 */
export function checkSaid(
  { options }: Said,
  services: Readonly<Record<string, BakedService>>,
  traces: readonly (readonly TracedFile[])[],
  release: string,
): readonly Diagnostic[] {
  const [first = []] = traces;
  const replaced = traces.flat().flatMap((file) => file.replaced.map((one) => ({ ...one, path: file.path })));
  return options.flatMap((said): readonly Diagnostic[] => {
    const place = placeOfKey(said.at, said.option);
    const own = replaced.filter(({ by }) => by === said.path);
    const known = said.ofBackEnd ? sectionsOf(first, said.file.path) : [];
    if (said.ofBackEnd && !known.includes(said.section)) {
      const message = { ...named(said), release, near: nearest(said.section, known), elsewhere: undefined };
      return [optionMessage("option-section-unknown", message, place)];
    }
    if (said.value.lines.length === 0 && own.length === 0) return [optionMessage("option-removal", named(said), place)];
    const paths = new Set(own.flatMap((one) => one.paths));
    const readers = Object.entries(services).flatMap(([name, service]) =>
      (said.service ?? name) === name && service.files.some(({ path }) => path === said.file.path) ? [service] : [],
    );
    const asked = [...paths].filter((path) => readers.some((service) => askedBy(service)(path)));
    return asked.length > 0 ? [optionMessage("option-awaited", { ...named(said), settings: asked }, place)] : [];
  });
}
