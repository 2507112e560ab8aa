import { catalog } from "../diagnostics/catalog.ts";

type Choice = {
  readonly name: string;
  readonly value: string;
  readonly near: string | undefined;
  readonly choices: readonly string[];
  readonly usual: string;
};

/** What can be wrong with how a dynamic parameter is given. None shows a value. */
export const overlayMessage = catalog({
  "parameter-twice": {
    failure: "configuration",
    what: ({ name }: { name: string }) => `${name} and ${name}_FILE are both set`,
    fix: () => "unset one of them: which one counts would be a guess",
  },
  "service-link": {
    failure: "configuration",
    severity: "warning",
    what: ({ name, value, service }: { name: string; value: string; service: string }) =>
      `${name} is ${value}, the link of a Service called ${service}, which Kubernetes (or a link of Docker's) set: it is ignored`,
    fix: () =>
      "set enableServiceLinks: false in the pod's spec, or rename the Service; then the variable is yours to set",
  },
  "variable-unknown": {
    failure: "configuration",
    severity: "warning",
    what: ({ name }: { name: string; meant: readonly string[]; known: readonly string[] }) =>
      `${name} is set, but plinth knows no such variable`,
    fix: ({ meant, known }: { name: string; meant: readonly string[]; known: readonly string[] }) =>
      meant.length > 0 ? `did you mean ${meant.join(" or ")}?` : `take it away; there are ${known.join(", ")}`,
  },
  "variable-choice": {
    failure: "configuration",
    severity: "warning",
    what: ({ name, value, usual }: Choice) =>
      `${name} is ${JSON.stringify(value)}, which is none; it counts as ${usual}`,
    fix: ({ near, choices }: Choice) =>
      `${near === undefined ? "" : `did you mean ${near}? `}there are ${choices.join(", ")}`,
  },
  "etcd-key-unread": {
    failure: "configuration",
    severity: "warning",
    what: ({ key, image }: { key: string; image: string; meant: string | undefined }) =>
      `etcd has ${JSON.stringify(key)}, and ${image} reads no such key`,
    fix: ({ meant, image }: { key: string; image: string; meant: string | undefined }) =>
      meant === undefined ? `delete it, or see what ${image} reads: plinth check --contract` : `did you mean ${meant}?`,
  },
  "etcd-folder-unknown": {
    failure: "configuration",
    severity: "warning",
    what: ({ key }: { key: string; meant: string | undefined }) =>
      `etcd has ${JSON.stringify(key)}, which no image reads`,
    fix: ({ meant }: { key: string; meant: string | undefined }) =>
      meant === undefined
        ? "keys are PREFIX/all/NAME and PREFIX/IMAGE/NAME: rename or delete it"
        : `did you mean ${meant}?`,
  },
  "parameter-file-empty": {
    failure: "configuration",
    what: ({ name }: { name: string }) => `${name}_FILE is set, but empty`,
    fix: ({ name }: { name: string }) => `set it to the path of the file that holds ${name}, or unset it`,
  },
});
