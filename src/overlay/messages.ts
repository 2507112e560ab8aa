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
    fix: () => "unset one of them: plinth does not guess which one counts",
  },
  "service-link": {
    failure: "configuration",
    severity: "warning",
    what: ({ name, value, service }: { name: string; value: string; service: string }) =>
      `${name} is ${value}, a service link to ${service} that Kubernetes (or Docker) sets: plinth ignores it`,
    fix: () => "set enableServiceLinks: false in the pod's spec, or rename the Service; then you can set the variable",
  },
  "variable-unknown": {
    failure: "configuration",
    severity: "warning",
    what: ({ name }: { name: string; meant: readonly string[]; known: readonly string[] }) =>
      `${name} is set, but plinth has no such variable`,
    fix: ({ meant, known }: { name: string; meant: readonly string[]; known: readonly string[] }) =>
      meant.length > 0 ? `did you mean ${meant.join(" or ")}?` : `unset it; the variables are ${known.join(", ")}`,
  },
  "variable-choice": {
    failure: "configuration",
    severity: "warning",
    what: ({ name, value, usual }: Choice) =>
      `${name} is ${JSON.stringify(value)}, which is not a valid value; plinth uses ${usual}`,
    fix: ({ near, choices }: Choice) =>
      `${near === undefined ? "" : `did you mean ${near}? `}valid values: ${choices.join(", ")}`,
  },
  "etcd-key-unread": {
    failure: "configuration",
    severity: "warning",
    what: ({ key, image }: { key: string; image: string; meant: string | undefined }) =>
      `etcd has ${JSON.stringify(key)}, but ${image} reads no such key`,
    fix: ({ meant, image }: { key: string; image: string; meant: string | undefined }) =>
      meant === undefined
        ? `delete it, or list the keys of ${image} with plinth check --contract`
        : `did you mean ${meant}?`,
  },
  "etcd-directory-unknown": {
    failure: "configuration",
    severity: "warning",
    what: ({ key }: { key: string; meant: string | undefined }) =>
      `etcd has ${JSON.stringify(key)}, but no image reads that key`,
    fix: ({ meant }: { key: string; meant: string | undefined }) =>
      meant === undefined
        ? "rename it to PREFIX/all/NAME or PREFIX/IMAGE/NAME, or delete it"
        : `did you mean ${meant}?`,
  },
  "parameter-file-empty": {
    failure: "configuration",
    what: ({ name }: { name: string }) => `${name}_FILE is set but empty`,
    fix: ({ name }: { name: string }) => `set it to the path of the file that holds ${name}, or unset it`,
  },
});
