import { catalog } from "../diagnostics/catalog.ts";

/** What can be wrong with how a dynamic parameter is given. None shows a value. */
export const overlayMessage = catalog({
  "parameter-twice": {
    failure: "configuration",
    what: ({ name }: { name: string }) => `${name} and ${name}_FILE are both set`,
    fix: () => "unset one of them: which one counts would be a guess",
  },
  "parameter-file-empty": {
    failure: "configuration",
    what: ({ name }: { name: string }) => `${name}_FILE is set, but empty`,
    fix: ({ name }: { name: string }) => `set it to the path of the file that holds ${name}, or unset it`,
  },
});
