import type { Case } from "./case.ts";

/** What may be there, and what may come over it; `later` stands for itself where what is written is a reference. */
const kinds: Readonly<Record<string, { readonly earlier: string; readonly later: string }>> = {
  text: { earlier: "old", later: "new" },
  number: { earlier: "1", later: "2" },
  null: { earlier: "~", later: "~" },
  list: { earlier: "[1, [1]]", later: "[1, 2]" },
  mapping: { earlier: "{x: 1, both: {a: 1}}", later: "{y: 2, both: {b: 2}}" },
  "reference to a text": { earlier: "'${text}'", later: "'${text}'" },
  "reference to null": { earlier: "'${nothing}'", later: "'${nothing}'" },
  "reference to a list": { earlier: "'${list}'", later: "'${list}'" },
  "reference to a mapping": { earlier: "'${mapping}'", later: "'${mapping}'" },
  "text with a reference": { earlier: "'an ${text}'", later: "'the ${text}'" },
};

const settings = [
  "allow_scalar_over_dict",
  "allow_scalar_over_list",
  "allow_list_over_scalar",
  "allow_dict_over_scalar",
  "allow_none_override",
];

const configurations: Readonly<Record<string, string>> = {
  "no setting": "",
  ...Object.fromEntries(settings.map((name) => [name, `${name}: true\n`])),
  "all settings": settings.map((name) => `${name}: true\n`).join(""),
};

/** What the references name. */
const named = "  text: a text\n  nothing: ~\n  list: [7, 8]\n  mapping: {z: 3, both: {c: 3}}\n";

/** @returns every kind of value over every other, plainly and with `~`, under every setting that changes what may go over what. */
export function* cells(): Generator<Case> {
  for (const [setting, text] of Object.entries(configurations)) {
    for (const [below, { earlier }] of Object.entries(kinds)) {
      for (const [above, { later }] of Object.entries(kinds)) {
        for (const prefix of setting === "no setting" ? ["", "~"] : [""]) {
          yield {
            topic: "cells",
            name: `${prefix}${above} over ${below}, ${setting}`,
            node: "n1",
            placeless: false,
            files: {
              ...(text === "" ? {} : { "reclass-config.yml": text }),
              "classes/a.yml": `parameters:\n  k: ${earlier}\n  d: {k: ${earlier}}\n`,
              "nodes/n1.yml": `classes: [a]\nparameters:\n  ${prefix}k: ${later}\n  d: {${prefix}k: ${later}}\n${named}`,
            },
          };
        }
      }
    }
  }
}
