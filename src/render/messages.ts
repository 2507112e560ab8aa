import { catalog } from "../diagnostics/catalog.ts";

const quote = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");

/** Where the settings that an expression read can be changed: paths, each with what filled it. */
type From = readonly { readonly path: string; readonly places: readonly string[] }[];

const sources = (from: From): string =>
  from
    .map(({ path, places }) => (places.length > 0 ? `\`${path}\` (from ${places.join(", ")})` : `\`${path}\``))
    .join(", ");

/** All that this directory says. A template is the image's own, so what only its author can mend says so. */
export const renderMessage = catalog({
  "value-undefined": {
    failure: "configuration",
    what: ({ expression }: { expression: string; from: From }) => `\`{{ ${expression} }}\` has no value`,
    fix: ({ from }) =>
      from.length > 0
        ? `give ${sources(from)} a value, or let the template ask for it first: {% if ... is not none %}`
        : "give it a value in the pillar, or let the template ask for it first: {% if ... is not none %}",
  },
  "value-unfit": {
    failure: "configuration",
    what: ({ expression, reason }: { expression: string; reason: string; from: From }) =>
      `the value of \`{{ ${expression} }}\` cannot be written: ${reason}`,
    fix: ({ from }) => (from.length > 0 ? `change ${sources(from)}` : "change the template"),
  },
  "model-value-unfit": {
    failure: "configuration",
    what: ({ path, reason }: { path: string; reason: string; from: From }) =>
      `the value of ${path} in the model cannot be written: ${reason}`,
    fix: ({ from }) => (from.length > 0 ? `change ${sources(from)}` : "change it in the model"),
  },
  "template-missing": {
    failure: "configuration",
    what: ({ name }: { name: string; near?: string | undefined }) => `there is no template ${name}`,
    fix: ({ near }) => (near ? `did you mean ${near}?` : "names are paths below config-templates/"),
  },
  "template-syntax": {
    failure: "configuration",
    what: ({ problem }: { problem: string }) => `nunjucks cannot read the template: ${problem}`,
    fix: () => "correct the template: https://mozilla.github.io/nunjucks/templating.html",
  },
  "template-name-unknown": {
    failure: "configuration",
    what: ({
      kind,
      name,
      of,
    }: {
      kind: string;
      name: string;
      of: string;
      near?: string | undefined;
      known: readonly string[];
    }) => (of === "" ? `there is no ${kind} \`${name}\`` : `there is no ${kind} \`${name}\` in \`${of}\``),
    fix: ({ near, known }) =>
      near ? `did you mean \`${near}\`?` : known.length > 0 ? `there are ${quote(known)}` : "there are none",
  },
  "template-tag-unsupported": {
    failure: "configuration",
    what: ({ tag }: { tag: string }) => `plinth's templates have no ${tag}`,
    fix: () => "they have if, for, set, include, macro and import, and no filters",
  },
  "template-include-computed": {
    failure: "configuration",
    what: () => "the name of this template is known only at start, so it cannot be compiled into the image",
    fix: () => 'use a text, or one made of `image` and `has`: {% include "nova/" + image.role + ".conf" %}',
  },
  "template-circular": {
    failure: "configuration",
    what: ({ chain }: { chain: readonly string[] }) => `templates include each other: ${chain.join(" -> ")}`,
    fix: () => "remove one of the includes",
  },
});
