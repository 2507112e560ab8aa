import { catalog } from "../diagnostics/catalog.ts";

type At = { readonly at: string };

/** kubectl's words for the Secret at `namespace/name`. */
const words = (at: string): string => `secret ${at.replace(/^.*\//, "")} --namespace ${at.replace(/\/.*$/, "")}`;

/** What can be wrong with the Secrets that are there already. */
export const secretMessage = catalog({
  "secret-missing": {
    failure: "configuration",
    what: ({ at }: At) => `the Secret ${at} is missing`,
    fix: () => "run plinth secrets, which creates missing Secrets and changes no others",
  },
  "secret-unusable": {
    failure: "configuration",
    what: ({ at, flaw }: At & { readonly flaw: string; readonly holds: "value" | "keys" }) =>
      `the Secret ${at} ${flaw}`,
    fix: ({ at, holds }: At & { readonly flaw: string; readonly holds: "value" | "keys" }) =>
      holds === "value"
        ? `give it a key called value with one line of UTF-8 text; or delete it (kubectl delete ${words(at)}) and run plinth secrets, which creates another; then give the new value to whatever uses the old one (docs/secrets.md)`
        : `give it the files of keystone's key repository (0, 1, ...); or, where no token and no credential matters yet, delete it (kubectl delete ${words(at)}) and run plinth secrets, which creates another`,
  },
  "secret-differs": {
    failure: "configuration",
    what: ({ at, other }: At & { readonly other: string }) =>
      `the Secrets ${at} and ${other} hold the same secret but have different values`,
    fix: ({ other }: At & { readonly other: string }) =>
      `keep the one that the services use, delete the other (for example kubectl delete ${words(other)}), and run plinth secrets, which copies the remaining one`,
  },
  "secret-sealed": {
    failure: "configuration",
    what: ({ at, other }: At & { readonly other: string }) =>
      `the Secret ${at} is missing, and its value is in the file of ${other}, which is encrypted`,
    fix: () => "decrypt that file (sops decrypt --in-place FILE), run this again, and encrypt both",
  },
  "secret-kept": {
    failure: "configuration",
    severity: "warning",
    what: ({ at, from }: At & { readonly from: string }) =>
      `the Secret ${at} has a different value than ${from}; plinth left it as it is`,
    fix: ({ at }: At & { readonly from: string }) =>
      `if the file is right, delete the Secret (kubectl delete ${words(at)}) and run this again`,
  },
  "secrets-contended": {
    failure: "dependency",
    what: ({ what }: { readonly what: string }) =>
      `the Secrets in ${what} are being deleted or changed by another process: after each round others were missing`,
    fix: () => "find out which process does that, then run this again: it keeps what exists",
  },
  "keys-secret-missing": {
    failure: "configuration",
    what: ({ at }: At) => `cannot rotate keys: the Secret ${at} is missing`,
    fix: () => "check the namespace (--secret NAMESPACE/NAME), or create the first keys with plinth secrets",
  },
  "keys-secret-immutable": {
    failure: "configuration",
    what: ({ at }: At) => `cannot rotate the keys in the Secret ${at}: it is immutable`,
    fix: ({ at }: At) =>
      `replace it by itself without immutable, since Kubernetes accepts no other change: kubectl get ${words(at)} --output json | jq 'del(.immutable)' | kubectl replace --force --filename -`,
  },
  "keys-mount-old": {
    failure: "dependency",
    what: ({ at, directory }: At & { readonly directory: string }) =>
      `${directory} does not have the keys that the Secret ${at} has: it was changed after this container started`,
    fix: () => "run the job again: nothing was changed",
  },
  "keys-contended": {
    failure: "dependency",
    what: ({ at, times }: At & { readonly times: number }) =>
      `the keys in the Secret ${at} were not rotated: another process changed it during each of ${times} attempts`,
    fix: ({ at }: At & { readonly times: number }) =>
      `find out what writes to it (kubectl get ${words(at)} --show-managed-fields --output yaml): what a GitOps tool restores must not be rotated`,
  },
});
