import { catalog } from "../diagnostics/catalog.ts";

/** An option as messages call it: `[DEFAULT] debug of nova.conf`. */
type Named = { readonly file: string; readonly section: string; readonly option: string };

const nameOf = ({ file, section, option }: Named): string =>
  `${section === "" ? "" : `[${section}] `}${option} of ${file}`;

/** What the list says an option is for, behind advice. */
const helpOf = (help: string | undefined): string => (help === undefined ? "" : `. It is: ${help}`);

/** What can be wrong with the options and files that a node's `_options`, `_service_options` and `_files` give an image. */
export const optionMessage = catalog({
  "option-file-unknown": {
    failure: "configuration",
    what: ({ file, image }: { file: string; image: string; near: string | undefined; known: readonly string[] }) =>
      `${image} has no file ${file} in which an option could be set`,
    fix: ({ near, known }) => `${near ? `did you mean ${near}? ` : ""}it has: ${known.join(", ") || "none"}`,
  },
  "option-file-closed": {
    failure: "configuration",
    what: ({ file }: { file: string; dialect: string; known: readonly string[] }) =>
      `options cannot be set in ${file} one by one`,
    fix: ({ dialect, known }) =>
      `it is written in ${dialect}, which has no options; options can be set in: ${known.join(", ") || "no file of this image"}`,
  },
  "option-shape-wrong": {
    failure: "configuration",
    what: ({ path, found }: { path: string; found: string; wants: string }) => `${path} is ${found}`,
    fix: ({ wants }) => `give it ${wants}`,
  },
  "option-service-unknown": {
    failure: "configuration",
    what: ({
      service,
      image,
    }: {
      service: string;
      image: string;
      near: string | undefined;
      known: readonly string[];
    }) => `${image} has no service ${service}`,
    fix: ({ near, known }) => `${near ? `did you mean ${near}? ` : ""}it has: ${known.join(", ")}`,
  },
  "option-name-wrong": {
    failure: "configuration",
    what: ({ name, file }: { name: string; file: string; wants: string }) =>
      `${name} cannot name a section or an option of ${file}`,
    fix: ({ wants }) => `give it a name that is ${wants}`,
  },
  "option-section-unknown": {
    failure: "configuration",
    what: ({
      section,
      file,
      release,
    }: {
      section: string;
      file: string;
      release: string;
      near: string | undefined;
      elsewhere: string | undefined;
    }) => `${file} of ${release} has no section [${section}]`,
    fix: ({ near, elsewhere, file }) =>
      [
        near === undefined ? "" : `did you mean [${near}]? `,
        elsewhere === undefined ? "" : `${elsewhere}. `,
        `plinth options ${file} lists the sections`,
      ].join(""),
  },
  "option-unknown": {
    failure: "configuration",
    what: (
      named: Named & {
        release: string;
        near: string | undefined;
        help: string | undefined;
        elsewhere: readonly string[];
      },
    ) => `${named.release} has no option ${nameOf(named)}`,
    fix: ({ near, help, elsewhere, file, section }) =>
      near !== undefined
        ? `did you mean ${near}?${help === undefined ? "" : ` It is: ${help}`}`
        : elsewhere.length > 0
          ? `there is one of this name in ${elsewhere.map((one: string) => `[${one}]`).join(", ")}`
          : `plinth options ${file} ${section} lists what there is; what a plugin of your own reads is named in _unlisted_options`,
  },
  "option-gone": {
    failure: "configuration",
    what: (named: Named & { release: string; had: string; later: boolean; help: string | undefined }) =>
      named.later
        ? `${named.release} does not know ${nameOf(named)} yet: ${named.had} has it`
        : `${named.release} no longer has ${nameOf(named)}: ${named.had} had it`,
    fix: ({ help, had, release }) =>
      `remove it where the release is ${release}; plinth options diff --from ${had} --to ${release} shows what else changed${helpOf(help)}`,
  },
  "option-renamed": {
    failure: "configuration",
    what: (named: Named & { release: string; now: string; help: string | undefined }) =>
      `in ${named.release} ${nameOf(named)} is called ${named.now}`,
    fix: ({ now, help }) => `write ${now}${helpOf(help)}`,
  },
  "option-value-wrong": {
    failure: "configuration",
    what: (named: Named & { shown: string | undefined; wants: string; help: string | undefined }) =>
      `${named.shown === undefined ? "the value" : named.shown} does not fit ${nameOf(named)}`,
    fix: ({ wants, help }) => `give it ${wants}${helpOf(help)}`,
  },
  "option-secret-open": {
    failure: "configuration",
    what: (named: Named & { parameter: string }) =>
      `${nameOf(named)} is a secret, and the model contains it in plain text: a layer of the image would contain it, too`,
    fix: ({ parameter }) => `make it a dynamic parameter, such as $${parameter}, and set that where the container runs`,
  },
  "option-placeholder-malformed": {
    failure: "configuration",
    what: (named: Named) => `the value of ${nameOf(named)} contains a \${ without the name of a parameter`,
    fix: () => "write $NAME, or $$ for a dollar",
  },
  "option-twice": {
    failure: "configuration",
    what: (named: Named & { other: string; path: string }) =>
      `${nameOf(named)} is set twice: at ${named.other} and at ${named.path}`,
    fix: () => "keep one of them: they name the file, or the section, in two ways",
  },
  "option-unwritable": {
    failure: "configuration",
    what: (named: Named & { reason: string }) => `the value of ${nameOf(named)} cannot be written: ${named.reason}`,
    fix: () => "write a value that the file's format can express",
  },
  "option-awaited": {
    failure: "configuration",
    severity: "warning",
    what: (named: Named & { settings: readonly string[] }) =>
      `${nameOf(named)} comes from the model now, but plinth waits for, and checks, what ${named.settings.join(", ")} of the pillar name`,
    fix: ({ settings }) => `give both the same address and account, or change ${settings.join(", ")} instead`,
  },
  "option-reference": {
    failure: "configuration",
    severity: "warning",
    what: (named: Named & { name: string }) =>
      `$${named.name} in ${nameOf(named)} is a dynamic parameter, and not the option ${named.name} of the file`,
    fix: () =>
      "write the option's value if you mean the option; otherwise rename the parameter, for example in capitals",
  },
  "option-unread": {
    failure: "configuration",
    what: (named: Named & { service: string | undefined; readers: readonly string[] }) =>
      `${nameOf(named)} is set${named.service ? ` for ${named.service}` : ""}, but ${named.service ? "it does not read the file" : "no service of the image reads the file"} as the pillar has it`,
    fix: ({ readers }) =>
      `remove it, or ${readers.length > 0 ? `set it for one that does: ${readers.join(", ")}` : "change the setting of the pillar that chooses the file"}`,
  },
  "option-removal": {
    failure: "configuration",
    severity: "warning",
    what: (named: Named) => `${nameOf(named)} cannot be removed: plinth does not write it`,
    fix: () => "remove the line from the model; services use the option's default already",
  },
  "options-unlisted": {
    failure: "configuration",
    severity: "warning",
    what: ({ list }: { list: string }) => `options were not checked: there is no ${list}`,
    fix: () => "bake with the templates that came with plinth, which have the lists beside them",
  },
  "file-path-wrong": {
    failure: "configuration",
    what: ({ path }: { path: string; why: string }) => `_files cannot contain ${path}`,
    fix: ({ why }) => why,
  },
  "file-content-wrong": {
    failure: "configuration",
    what: ({ path, reason }: { path: string; reason: string; wants: string }) =>
      `the content of ${path} cannot be written: ${reason}`,
    fix: ({ wants }) => wants,
  },
});
