import { shownKey } from "../diagnostics/source-line.ts";
import { haproxySections } from "../dialect/names.ts";
import type { Dialect, FileRow, ImageRow } from "../openstack/component.ts";
import { inRange } from "../openstack/releases.ts";
import type { OptionFile } from "./said.ts";

/** The keys of a node beside its role's pillar. */
export const optionKeys = {
  options: "_options",
  service: "_service_options",
  files: "_files",
  unlisted: "_unlisted_options",
} as const;

/** How a file's names look, by its dialect; `undefined`: it has no options that could be set one by one. */
type Form = {
  /** Left out: the file has no sections. */
  readonly section?: readonly [expression: RegExp, words: string];
  readonly option: readonly [expression: RegExp, words: string];
  /** Values are words (see `readWords`). */
  readonly words?: true;
  /** A repeated key would count once. */
  readonly single?: true;
};

const name = [/^\w[\w.-]*$/, "letters, digits, _ . and -"] as const;
const ini: Form = { section: [/^\w[\w.:@-]*$/, "letters, digits, _ . : @ and -"], option: name };

export const forms: Readonly<Partial<Record<Dialect, Form>>> = {
  oslo: ini,
  uwsgi: ini,
  mysql: ini,
  rabbitmq: { option: [/^\w[\w.$-]*$/, "letters, digits, _ . $ and -"], single: true },
  libvirt: { option: [/^\w+$/, "letters, digits and _"], single: true },
  haproxy: {
    section: [
      // Other first words would be a line of the section before.
      new RegExp(`^${haproxySections}(?: [\\w.:-]+)*$`),
      "a keyword of a section, such as defaults, with its name behind it, such as backend nova",
    ],
    option: [/^[a-z][\w.-]*(?: [\w.-]+)*$/, "one keyword or several, such as timeout client"],
    words: true,
  },
};

/** @returns every file that some service of the image may read in a release. */
export function filesOfImage(image: ImageRow, release: string): readonly OptionFile[] {
  const services = Object.values(image.services).filter((service) => inRange(service, release));
  const rows: readonly FileRow[] = [
    ...image.files,
    ...services.flatMap((service) => service.run.flatMap((run) => (inRange(run, release) ? (run.files ?? []) : []))),
  ].filter((file) => inRange(file, release));
  return [...new Map(rows.map(({ path, dialect }) => [path, { path, dialect }])).values()];
}

/** A file may be named by its path, its end (`nova/nova.conf`) or its name. */
export const isNamed = (path: string, word: string): boolean => path === word || path.endsWith(`/${word}`);

export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** @returns a name as messages show it: what is none may be anything, a secret too, and is not shown. */
export const shownName = (text: string): string =>
  /^[\w./:@ ~-]{1,100}$/.test(text) ? text : `a key ${shownKey(text)}`;
