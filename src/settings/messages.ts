import { catalog } from "../diagnostics/catalog.ts";

type Wanting = {
  readonly name: string;
  /** Pillar paths, each with its place where there is one. */
  readonly wanting: string;
  readonly wants: string;
};

type Missing = Wanting & {
  readonly image: string;
  /** What etcd's keys begin with, where it is asked. */
  readonly prefix?: string | undefined;
  readonly instead: string | undefined;
};

/** The ways to give a parameter, in words that complete "set ...". */
const ways = ({ name, image, prefix = "/plinth" }: Missing): string =>
  `${name} or ${name}_FILE (a path) in the environment, or etcd's key ${prefix}/${image}/${name} or ${prefix}/all/${name}`;

/** What can be wrong with what a container is given. Values are shown only where nothing that is secret uses them. */
export const settingsMessage = catalog({
  "parameter-missing": {
    failure: "configuration",
    what: ({ name, wanting, instead }: Missing) =>
      `${name} is not set${instead === undefined ? "" : ` (but ${instead} is)`}, required by ${wanting}`,
    fix: (missing: Missing) =>
      `${missing.instead === undefined ? "" : `did you mean ${missing.instead}? `}set ${ways(missing)}: ${missing.wants}`,
  },
  "parameter-empty": {
    failure: "configuration",
    what: ({ name, wanting }: Wanting) => `${name} is set but empty, required by ${wanting}`,
    fix: ({ name, wants }: Wanting) => `give ${name} ${wants}`,
  },
  "parameter-control": {
    failure: "configuration",
    what: ({ name, wanting }: Wanting) =>
      `${name} has a newline, a NUL or bytes that are not UTF-8, required by ${wanting}: in a file it would end the line and begin another option, or be read as different text`,
    fix: ({ name }: Wanting) =>
      `give ${name} as one line of UTF-8 (plinth removes one newline at the end of the file that ${name}_FILE names)`,
  },
  "parameter-wrong": {
    failure: "configuration",
    what: ({ name, wanting, shown }: Wanting & { shown: string | undefined }) =>
      `${name}${shown === undefined ? "" : ` is ${shown} and`} does not fit ${wanting}`,
    fix: ({ name, wants }: Wanting & { shown: string | undefined }) => `give ${name} ${wants}`,
  },
  "text-wrong": {
    failure: "configuration",
    what: ({ name, wanting }: Wanting) => `with ${name} filled in, the value does not fit ${wanting}`,
    fix: ({ name, wants }: Wanting) => `change ${name} so that the whole value is ${wants}`,
  },
  "explain-path-unknown": {
    failure: "usage",
    what: ({ path }: { path: string; nearest: string | undefined; known: string }) => `there is no setting ${path}`,
    fix: ({ nearest, known }: { path: string; nearest: string | undefined; known: string }) =>
      `${nearest ? `did you mean ${nearest}? ` : ""}known settings there: ${known}`,
  },
});
