import { type BakedDetails, type BakedFile, type BakedImage, bakedFormat, type Parameter } from "../baked/baked.ts";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { featuresOf } from "../openstack/features.ts";
import { imageName } from "../openstack/images.ts";
import { listPath } from "../options/list.ts";
import { readOptions } from "../options/read.ts";
import { compilePillar, type Pillar } from "../pillar/compile.ts";
import { waitKey } from "../pillar/envelope.ts";
import { type PillarChoice, type PillarNode, readPillar } from "../pillar/pillar.ts";
import type { Part } from "../pillar/placeholder.ts";
import { compileTemplates } from "../render/compile.ts";
import { renderTraced, warmTemplates } from "../render/render.ts";
import type { TracedFile } from "../render/rendered.ts";
import type { SectionField } from "../schema/field.ts";
import { type Places, placeAt } from "../settings/places.ts";
import { resolve } from "../settings/resolve.ts";
import type { Settings } from "../settings/settings.ts";
import { probeFromUrl } from "../wait/url.ts";
import { addressPaths } from "./addresses.ts";
import { contractOf, type OptionsByPath } from "./contract.ts";
import { mutableOptions } from "./options.ts";
import { placesOf } from "./places.ts";
import { besideOf, placeSaid } from "./said.ts";
import { checkSaid } from "./said-check.ts";
import { otherSettings, sampleSettings } from "./sample.ts";
import { repeatedSections } from "./sections.ts";
import { bakeServices, fileKey, filesOf, type ReadsByFile, withRequiredPaths } from "./services.ts";

export type Baked = { readonly image: BakedImage; readonly details: BakedDetails };

/** A compiled node, and which of its blocks and releases is meant when the node leaves that open. */
export type PillarSource = PillarChoice & {
  readonly node: PillarNode;
  /** Gives the text of a file by its path below config-templates/: of a template, of a release's options. */
  readonly load?: (path: string) => string | undefined;
};

/** What baking needs of templates. */
export type Templates = {
  readonly compile: (
    asked: Pick<BakedImage, "image" | "has"> & { readonly files: readonly BakedFile[]; readonly schema: SectionField },
  ) => Result<{ readonly templates: BakedImage["templates"]; readonly sources: BakedDetails["sources"] }>;
  readonly trace: (image: BakedImage, settings: Settings, files: readonly BakedFile[]) => Result<readonly TracedFile[]>;
};

/** Checks the pillar's own parameters as a start would: what it gives must fit, what it leaves open is no mistake here. */
function tryParameters(image: BakedImage, places: Places): readonly Diagnostic[] {
  const resolved = resolve(image, [], () => places);
  return resolved.ok ? [] : resolved.diagnostics.filter(({ code }) => code !== "parameter-missing");
}

/** `$NAME` and `$$` as the reader of URLs knows them; what would run into a name is percent-encoded. */
const urlText = (parts: readonly Part[]): string =>
  parts
    .map((part, index) => {
      if (typeof part === "object") return `$${part.name}`;
      const literal = part.replaceAll("$", "$$$$");
      return typeof parts[index - 1] === "object"
        ? literal.replace(/^\w/, (first) => `%${first.charCodeAt(0).toString(16)}`)
        : literal;
    })
    .join("");

function bakeWait(pillar: Pillar, places: Places): Result<BakedImage["wait"]> {
  const parts = new Map(pillar.placeholders.map((placeholder) => [placeholder.path, placeholder.parts]));
  const urls = pillar.wait.for.map((url, index) => urlText(parts.get(`${waitKey}.for.${index}`) ?? [url]));
  const diagnostics = urls.flatMap((url, index): readonly Diagnostic[] => {
    // Any part of a URL may be dynamic, and 1 is good for every part.
    const read = probeFromUrl(url, () => "1");
    // A list may stand there as one text with commas.
    const position = places.positions[`${waitKey}.for.${index}`] ?? places.positions[`${waitKey}.for`];
    const place = placeAt(places, position);
    return (read.ok ? read.warnings : read.diagnostics).map((diagnostic) => ({
      ...diagnostic,
      ...(place && { place }),
    }));
  });
  if (diagnostics.some(({ severity }) => severity === "error")) return failure(diagnostics);
  return success({ timeout: pillar.wait.timeout, for: urls }, diagnostics);
}

function optionsByPath(files: readonly TracedFile[]): OptionsByPath {
  const options = new Map<string, Parameter["options"]>();
  for (const { path: file, options: traced } of files) {
    for (const { section, option, paths } of traced) {
      for (const path of paths) options.set(path, [...(options.get(path) ?? []), { file, section, option }]);
    }
  }
  return options;
}

/** @returns which settings each file is made of, whatever dynamic parameters choose. */
function readsOf(traces: readonly (readonly TracedFile[])[], files: readonly BakedFile[]): ReadsByFile {
  const reads = new Map<string, Set<string>>();
  for (const trace of traces) {
    for (const [index, { reads: own }] of trace.entries()) {
      const key = fileKey(files[index] as BakedFile);
      const known = reads.get(key) ?? new Set();
      for (const one of own) known.add(one);
      reads.set(key, known);
    }
  }
  return reads;
}

const isError = ({ severity }: Diagnostic): boolean => severity === "error";

/**
 * Makes all that a start reads out of a node's pillar: its values with defaults, the services of its release, precompiled
 * templates. Everything that can be known wrong now is an error now; the templates are tried with sample values.
 *
 * @param version of this plinth.
 */
export function bakeWith(source: PillarSource, templates: Templates, version: string): Result<Baked> {
  const read = readPillar(source.node, source);
  if (!read.ok) return read;
  const { release } = read.value;
  const { component, role, account } = read.value.image;
  const subject = { image: read.value.image, release, load: source.load ?? (() => undefined) };
  const { said, diagnostics: told } = readOptions(source.node.parameters, subject);
  const compiled = compilePillar(read.value, besideOf(said));
  if (!compiled.ok) return failure([...compiled.diagnostics, ...told]);
  if (told.some(isError)) return failure([...compiled.warnings, ...told]);
  const pillar = compiled.value;

  const name = { name: imageName(pillar.image), component, role, release };
  const has = featuresOf(release);
  const services = bakeServices(pillar.image, release, pillar.values, pillar.secrets);
  const places = placesOf(pillar);
  const wait = bakeWait(pillar, places);
  const placed = services.ok ? placeSaid(services.value, said) : undefined;
  const files = placed ? filesOf(placed.services) : [];
  const fromTemplates = files.filter(({ template }) => placed?.parts.contents?.[template] === undefined);
  const prepared = templates.compile({ files: fromTemplates, schema: pillar.image.schema, image: name, has });
  const failed = [services, wait, prepared].flatMap((result) => (result.ok ? [] : result.diagnostics));
  const unplaced = placed?.diagnostics ?? [];
  if (!placed || !wait.ok || !prepared.ok || unplaced.some(isError))
    return failure([...compiled.warnings, ...told, ...failed, ...unplaced]);

  const image: BakedImage = {
    format: bakedFormat,
    plinth: version,
    image: name,
    account,
    has,
    pillar: pillar.values,
    placeholders: pillar.placeholders,
    serviceSpecificPaths: [],
    secrets: pillar.secrets,
    secretNames: pillar.secretNames,
    parameters: pillar.parameters.values,
    wait: wait.value,
    services: placed.services,
    templates: prepared.value.templates,
    ...placed.parts,
  };
  const traced = templates.trace(image, sampleSettings(image), files);
  // A choice for which the pillar lacks something is no mistake here: whoever makes it is told.
  const others = otherSettings(image).map((settings) => templates.trace(image, settings, files));
  const traces = [traced, ...others].flatMap((one) => (one.ok ? [one.value] : []));
  const late = traced.ok ? checkSaid(said, placed.services, traces, release) : [];
  const wrong = [
    ...tryParameters(image, places),
    ...(traced.ok ? repeatedSections(traced.value, files) : traced.diagnostics),
    ...late.filter(isError),
  ];
  if (!traced.ok || wrong.length > 0) return failure([...compiled.warnings, ...told, ...wrong]);
  const options = optionsByPath(traced.value);
  const paths = pillar.placeholders.map(({ path }) => path);
  const reads = readsOf(traces, files);
  const { services: wanting, serviceSpecificPaths } = withRequiredPaths(
    placed.services,
    paths,
    reads,
    addressPaths(pillar.image.schema, pillar.values),
  );
  const contract = contractOf(pillar, places, options, wanting, serviceSpecificPaths);
  const details: BakedDetails = { ...places, sources: prepared.value.sources, contract, mutable: [] };
  return success({ image: { ...image, services: wanting, serviceSpecificPaths }, details }, [
    ...compiled.warnings,
    ...told,
    ...wait.warnings,
    ...prepared.warnings,
    ...late,
  ]);
}

/**
 * Bakes with plinth's own templates.
 *
 * @param source.load gives the text of a template by its path below config-templates/.
 */
export function bake(
  source: PillarSource & { readonly load: (path: string) => string | undefined },
  version: string,
): Result<Baked> {
  const compile: Templates["compile"] = (asked) => compileTemplates({ ...asked, load: source.load });
  const baked = bakeWith(source, { compile, trace: renderTraced }, version);
  if (!baked.ok) return baked;
  const { image, details } = baked.value;
  const known = source.load(listPath(image.image.component, image.image.release));
  const mutable = known === undefined ? [] : mutableOptions(known);
  const templateCache = warmTemplates(image, sampleSettings(image), filesOf(image.services));
  return success({ image: { ...image, templateCache }, details: { ...details, mutable } }, baked.warnings);
}
