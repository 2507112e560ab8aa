import type { Deployment } from "../../deployment/deployment.ts";
import type { Engine } from "../../deployment/engine.ts";
import type { ImageSource } from "../../deployment/requests.ts";
import { type Result, success } from "../../diagnostics/diagnostic.ts";
import { osloSection } from "../../dialect/names.ts";
import { imagesOf, type Row } from "../../image/catalog.ts";
import { sampleSettings } from "../../image/sample.ts";
import { filesOf } from "../../image/services.ts";
import type { Model } from "../../model/model.ts";
import type { ImageRow } from "../../openstack/component.ts";
import { imageName } from "../../openstack/images.ts";
import { releases } from "../../openstack/releases.ts";
import { compareLists } from "../../options/diff.ts";
import { filesOfImage, isNamed } from "../../options/places.ts";
import { withoutOptions } from "../../options/without.ts";
import type { Layer } from "../../overlay/layer.ts";
import { pointOf } from "../../pillar/place.ts";
import type { ReadOptions } from "../../release/diff.ts";
import { renderTraced } from "../../render/render.ts";
import type { TracedFile } from "../../render/rendered.ts";
import { valueAt } from "../../schema/json.ts";
import { interpolate } from "../../settings/interpolate.ts";
import { placeText } from "../../settings/places.ts";
import { resolve } from "../../settings/resolve.ts";
import type { Settings } from "../../settings/settings.ts";
import type { FileSide, ImageSide, LeftOut, Side } from "../../upgrade/side.ts";
import { describeImages } from "../describing.ts";

type Load = (template: string) => string | undefined;

/** What fits every secret's pattern; it is masked wherever it would be seen. */
const anySecret = "0".repeat(32);

/** The settings as the deployment's containers would have them; where one cannot be told, samples that fit. */
function settingsOf({ image, details, recipe }: ImageSource, { workloads }: Deployment): Settings {
  const layer: Layer = new Map(
    workloads
      .filter((workload) => workload.image === recipe.name)
      .flatMap(({ containers, secrets }) => [
        ...containers.toReversed().flatMap(({ parameters }) => Object.entries(parameters)),
        ...secrets.map(({ parameter }) => [parameter, anySecret] as const),
      ])
      .map(([name, text]) => [name, { text, origin: { from: "environment", place: name } }] as const),
  );
  const resolved = resolve(image, [layer], () => details);
  return resolved.ok ? resolved.value : sampleSettings(image);
}

function fileSide(file: TracedFile, services: readonly string[] | null, { details }: ImageSource): FileSide {
  return {
    path: file.path,
    services,
    listed: file.dialect === "oslo",
    text: file.masked,
    options: file.options.map(({ section, option, value, paths, model }) => ({
      section,
      option,
      value,
      own: [...new Set([...(model === undefined ? [] : [model]), ...paths])].flatMap((path) => {
        const place = placeText(details, details.positions[path]);
        return place === undefined ? [] : [{ path, place }];
      }),
    })),
  };
}

function filesSide(source: ImageSource, deployment: Deployment, settings: Settings): Result<readonly FileSide[]> {
  const { image, recipe } = source;
  const deployed = deployment.workloads.flatMap((one) => (one.image === recipe.name ? [one.service] : []));
  const services = Object.entries(image.services).filter(([name]) => deployed.includes(name));
  const files = filesOf(Object.fromEntries(services));
  const traced = renderTraced(image, settings, files);
  if (!traced.ok) return traced;
  return success(
    traced.value.map((file, index) => {
      const twice = traced.value.filter(({ path }) => path === file.path).length > 1;
      const readers = services.flatMap(([name, row]) =>
        row.files.some((one) => one.path === file.path && one.options === files[index]?.options) ? [name] : [],
      );
      return fileSide(file, twice ? readers : null, source);
    }),
  );
}

/** The databases whose schemas an image's jobs make. */
const databasesOf = ({ image }: ImageSource, { values }: Settings): readonly string[] =>
  Object.values(image.services).flatMap(({ schemas = [] }) =>
    schemas.map(({ from, name }) =>
      name === undefined ? String(valueAt(values, `${from}.name`)) : interpolate(name, values),
    ),
  );

/** Files of oslo.config that an image has in some release. */
const listed = (row: ImageRow): readonly string[] =>
  releases.flatMap(({ name }) =>
    filesOfImage(row, name).flatMap(({ path, dialect }) => (dialect === "oslo" ? [path] : [])),
  );

/** What an image's packages come from: the base below all, and the packages of each image up to it. */
function foundationOf(name: string, rows: readonly Row[]): string {
  const row = rows.find(({ recipe }) => recipe.node === name);
  if (!row) return "";
  const { base, archive, lock, packages, filesOnly, parent } = row.recipe;
  const below = parent === null ? "" : foundationOf(parent, rows);
  return JSON.stringify({ base, archive, lock, packages, filesOnly, below });
}

/** Whether an option of a component's files is one that the release does not know. */
export type Refused = (component: string, section: string, option: string) => boolean;

/** @returns what the later of two releases no longer knows, or by another name. */
export function refusedBetween(from: string, to: string, read: ReadOptions): Refused {
  const known = new Map<string, ReadonlySet<string>>();
  const refusedOf = (component: string): ReadonlySet<string> => {
    const [before, after] = [read(component, from), read(component, to)];
    const changes = before && after ? compareLists(before, after) : [];
    const gone = changes.filter(({ kind }) => kind === "goes" || kind === "renamed");
    return new Set(gone.map(({ section, option }) => `${osloSection(section)} ${option}`));
  };
  return (component, section, option) => {
    const own = known.get(component) ?? refusedOf(component);
    known.set(component, own);
    return own.has(`${osloSection(section)} ${option}`);
  };
}

/**
 * Describes a model's deployment in one release, with the files of all its services.
 *
 * @param refused options that are left out, so that there is a description although the release refuses them.
 */
export function describeSide(model: Model, load: Load, engine: Engine, refused: Refused = () => false): Result<Side> {
  const left: LeftOut[] = [];
  const described = describeImages(model, load, engine, (parameters, row) => {
    const isListed = (file: string): boolean => listed(row).some((path) => isNamed(path, file));
    const { parameters: kept, dropped } = withoutOptions(
      parameters,
      (file, section, option) => isListed(file) && refused(row.component, section, option),
    );
    const image = imageName(row);
    left.push(
      ...dropped.map(({ file, section, option, path, at }) => {
        const { file: document, line, column } = pointOf(at);
        return { image, file, section, option, own: [{ path, place: `${document}:${line}:${column}` }] };
      }),
    );
    return kept;
  });
  if (!described.ok) return described;
  const rows = imagesOf(model);
  if (!rows.ok) return rows;
  const { deployment, sources } = described.value;
  const used = sources.filter(({ recipe }) => deployment.workloads.some(({ image }) => image === recipe.name));
  const images: ImageSide[] = [];
  const databases: string[] = [];
  for (const source of used) {
    const settings = settingsOf(source, deployment);
    const files = filesSide(source, deployment, settings);
    if (!files.ok) return files;
    const { recipe, row, details } = source;
    databases.push(...databasesOf(source, settings));
    images.push({
      name: recipe.name,
      component: row.component,
      foundation: foundationOf(recipe.node, rows.value),
      files: files.value,
      parameters: details.contract.map(({ name, required, secret }) => ({ name, required, secret })),
      given: new Map(
        Object.entries(details.positions).flatMap(([path, position]) => {
          const place = placeText(details, position);
          return place === undefined ? [] : [[path, place] as const];
        }),
      ),
    });
  }
  return success({ deployment, images, databases: [...new Set(databases)], leftOut: left }, described.warnings);
}
