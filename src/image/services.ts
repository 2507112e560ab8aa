import type { BakedDirectory, BakedFile, BakedImage, BakedService } from "../baked/baked.ts";
import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import type { AskRow, FileRow, HealthRow, ImageRow, NeedRow, ServiceRow } from "../openstack/component.ts";
import { inRange, type ReleaseRange } from "../openstack/releases.ts";
import { waitKey } from "../pillar/envelope.ts";
import { type Json, valueAt } from "../schema/json.ts";
import { holds } from "../settings/condition.ts";
import { namedBy, references } from "../settings/interpolate.ts";
import type { Settings } from "../settings/settings.ts";
import { imageMessage } from "./messages.ts";

type Values = { readonly [key: string]: Json };

/** A row without its range: nobody after the bake asks which releases it was for. */
function withoutRange<T extends ReleaseRange>(row: T): Omit<T, "since" | "until"> {
  const { since: _since, until: _until, ...rest } = row;
  return rest;
}

const bakedFile = ({ template, path, dialect }: FileRow): BakedFile => ({ template, path, dialect });

/** @returns whether the settings block that a need or a health question is about is there. */
const isThere = (values: Values, from: string): boolean => {
  const block = valueAt(values, from);
  return block !== undefined && block !== null && !(Array.isArray(block) && block.length === 0);
};

/** @returns the paths in a text that the pillar leaves out. A path that no schema has is a mistake of our tables. */
function open(text: string, values: Values, service: string): readonly string[] {
  return references(text).filter((path) => {
    const value = valueAt(values, path);
    if (value === undefined || (value !== null && typeof value === "object")) {
      throw new Error(`service ${service}: {${path}} names no scalar of the schema`);
    }
    return value === null;
  });
}

/** @returns every question of a service's health. */
const asksOf = (health: HealthRow | undefined): readonly AskRow[] =>
  health ? [...health.alive, ...(health.ready ?? []), ...(health.depends ?? [])] : [];

function textsOf(needs: readonly NeedRow[], health: HealthRow | undefined, ports: BakedService["ports"]) {
  const asked = asksOf(health).flatMap((row) => [
    ...("port" in row ? [row.port, ...(row.host === undefined ? [] : [row.host])] : []),
    ...("server" in row && row.server !== undefined ? [row.server] : []),
  ]);
  const awaited = needs.flatMap((need) => {
    if (need.probe === "file") return [need.path];
    return need.probe === "mysql" && need.row ? [need.row.is] : [];
  });
  return [...awaited, ...asked, ...Object.values(ports)];
}

/** @returns what is to be there on the volumes that a service writes to. */
function directoriesOf({ workload }: ServiceRow, release: string): Pick<BakedService, "directories"> {
  const directories = (workload?.keeps ?? []).flatMap((directory): readonly BakedDirectory[] => {
    if (!("volume" in directory) || !directory.writes || !inRange(directory, release)) return [];
    return (directory.holds ?? []).map(({ path, mode, owner }) => ({
      volume: directory.path,
      path,
      mode,
      ...(owner ? { owner: { uid: owner.uid, gid: owner.gid } } : {}),
    }));
  });
  return directories.length > 0 ? { directories } : {};
}

/**
 * The services that an image of `release` can become.
 *
 * @param release the component's own.
 * @param values the pillar with defaults; a need or health question about a block that is left out falls away.
 */
export function bakeServices(
  image: ImageRow,
  release: string,
  values: Values,
  secrets: readonly string[],
): Result<Readonly<Record<string, BakedService>>> {
  const diagnostics: Diagnostic[] = [];
  const services: Record<string, BakedService> = {};
  for (const [name, row] of Object.entries(image.services)) {
    const run = row.run.find((one) => inRange(one, release) && holds(one.where, values));
    if (!inRange(row, release) || !run) continue;
    const isDue = (one: ReleaseRange & { readonly from?: string }): boolean =>
      inRange(one, release) && (one.from === undefined || isThere(values, one.from));
    const needs = row.needs.filter(isDue).map((need) => withoutRange(need) as NeedRow);
    const ports = Object.fromEntries(
      Object.entries(row.ports ?? {}).flatMap(([key, one]) => (isDue(one) ? [[key, one.port]] : [])),
    );
    const due = (rows: readonly AskRow[] = []) => rows.filter(isDue).map((one) => withoutRange(one) as AskRow);
    const health: HealthRow | undefined = row.health && {
      alive: due(row.health.alive),
      ready: due(row.health.ready),
      depends: due(row.health.depends),
    };
    const report = (path: string, use: string) =>
      diagnostics.push(
        imageMessage("service-needs-value", { service: name, path, use }, { kind: "named", name: path }),
      );
    for (const path of run.command.flatMap((word) => open(word, values, name))) report(path, "its command");
    for (const path of textsOf(needs, health, ports).flatMap((text) => open(text, values, name))) {
      report(path, "its ports and what it waits for");
    }
    for (const path of run.command.flatMap(references).filter((one) => secrets.includes(one))) {
      diagnostics.push(imageMessage("service-shows-secret", { service: name, path }, { kind: "named", name: path }));
    }
    // A variable whose value is left out is left out, too: an empty one would be taken for an empty password.
    const environment = Object.entries({ ...image.environment, ...row.environment }).filter(
      ([, text]) => open(text, values, name).length === 0,
    );
    services[name] = {
      kind: row.kind,
      doc: row.doc,
      command: run.command,
      environment: Object.fromEntries(environment),
      files: [...image.files, ...(run.files ?? [])].filter((file) => inRange(file, release)).map(bakedFile),
      requiredPaths: [],
      needs,
      ...(row.lock === undefined ? {} : { lock: row.lock }),
      ...(row.privateFiles === undefined ? {} : { privateFiles: row.privateFiles }),
      ...directoriesOf(row, release),
      ...(row.workload?.host?.sysctls === undefined ? {} : { sysctls: row.workload.host.sysctls }),
      ...(row.changesKernel ? { changesKernel: true } : {}),
      ...(run.keepsRoot ? { keepsRoot: true } : {}),
      ...(row.makesNamespaces === undefined ? {} : { makesNamespaces: row.makesNamespaces }),
      ...(row.schemas === undefined ? {} : { schemas: row.schemas.filter(isDue).map(withoutRange) }),
      ...(health ? { health } : {}),
      ports,
    };
  }
  return diagnostics.length > 0 ? failure(diagnostics) : success(services);
}

/** What tells a file from the same file of another service, for which the model says other options. */
export const fileKey = ({ path, options, template }: BakedFile): string => `${path}\n${template}\n${options ?? ""}`;

/** @returns every file that some service of the image reads, each once; twice where the model says other options for a service. */
export function filesOf(services: Readonly<Record<string, BakedService>>): readonly BakedFile[] {
  const files = new Map(
    Object.values(services).flatMap((service) => service.files.map((file) => [fileKey(file), file])),
  );
  return [...files.values()];
}

/** @returns the files that can be rendered with these settings: of services that were given all that they want. */
export const filesAtHand = (image: BakedImage, { values }: Settings): readonly BakedFile[] =>
  filesOf(
    Object.fromEntries(
      Object.entries(image.services).filter(([, { requiredPaths }]) =>
        requiredPaths.every((path) => valueAt(values, path) !== null),
      ),
    ),
  );

/** Key of a rendered file (`fileKey`) to the paths of the settings that it is made of. */
export type ReadsByFile = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * @returns whether a service reads a path: in its files, its command and environment, what it waits for, its ports, its
 * health. What the pillar itself says to wait for, every service does.
 */
function readerOf(service: BakedService, reads: ReadsByFile): (path: string) => boolean {
  const { needs, health, lock, schemas = [], ports } = service;
  const named = new Set([
    ...namedBy(service),
    ...service.files.flatMap((file) => [...(reads.get(fileKey(file)) ?? [])]),
    ...needs.flatMap(({ where }) => where?.setting ?? []),
    ...[...textsOf(needs, health, ports), ...schemas.map(({ name = "" }) => name)].flatMap(references),
  ]);
  const rows = [...needs, ...schemas, ...asksOf(health)];
  const own = rows.flatMap((row) => ("from" in row ? [row.from] : []));
  const blocks = [waitKey, ...own, ...(lock === undefined ? [] : [lock])];
  // A list that is read as a whole, by its length for instance, is read with each of its items.
  const isNamed = (path: string): boolean => named.has(path) || named.has(path.replace(/\.\d+$/, ""));
  return (path) => isNamed(path) || blocks.some((block) => path === block || path.startsWith(`${block}.`));
}

/** @returns whether a service's waits or health questions read a path. */
export const askedBy = ({ files: _files, command: _command, environment: _environment, ...asks }: BakedService) =>
  readerOf({ ...asks, files: [], command: [], environment: {} }, new Map());

/**
 * Adds to each service the placeholders that it needs and others do not, such as the administrator's password of keystone's
 * bootstrap job: no other container should have to be given a secret for nothing. And which settings it takes as addresses only.
 *
 * @param paths of all placeholders.
 * @param addresses paths of all settings that are addresses only.
 * @returns the services, and the paths that not all of them need.
 */
export function withRequiredPaths(
  services: Readonly<Record<string, BakedService>>,
  paths: readonly string[],
  reads: ReadsByFile,
  addresses: readonly string[],
): { readonly services: Readonly<Record<string, BakedService>>; readonly serviceSpecificPaths: readonly string[] } {
  const readers = Object.entries(services).map(([name, service]) => [name, service, readerOf(service, reads)] as const);
  const serviceSpecificPaths = paths.filter((path) => !readers.every(([, , isRead]) => isRead(path)));
  const wanting = readers.map(([name, service, isRead]) => {
    const own = addresses.filter(isRead);
    return [
      name,
      { ...service, requiredPaths: serviceSpecificPaths.filter(isRead), ...(own.length > 0 ? { addresses: own } : {}) },
    ];
  });
  return { services: Object.fromEntries(wanting), serviceSpecificPaths };
}
