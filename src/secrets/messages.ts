import { catalog } from "../diagnostics/catalog.ts";

type At = { readonly at: string };

/** kubectl's words for the Secret at `namespace/name`. */
const words = (at: string): string => `secret ${at.replace(/^.*\//, "")} --namespace ${at.replace(/\/.*$/, "")}`;

/** What can be wrong with the Secrets that are there already. */
export const secretMessage = catalog({
  "secret-missing": {
    failure: "configuration",
    what: ({ at }: At) => `the Secret ${at} is missing`,
    fix: () => "plinth secrets makes those that are missing, and changes no other",
  },
  "secret-unusable": {
    failure: "configuration",
    what: ({ at, flaw }: At & { readonly flaw: string; readonly holds: "value" | "keys" }) =>
      `the Secret ${at} ${flaw}`,
    fix: ({ at, holds }: At & { readonly flaw: string; readonly holds: "value" | "keys" }) =>
      holds === "value"
        ? `let it have a key called value with one line of UTF-8 text. Or delete it (kubectl delete ${words(at)}), and plinth secrets makes another; what knew the old value has to learn the new one (docs/secrets.md)`
        : `let it have the files of keystone's key repository: 0, 1, ... Or, where no token and no credential matters yet, delete it (kubectl delete ${words(at)}), and plinth secrets makes another`,
  },
  "secret-differs": {
    failure: "configuration",
    what: ({ at, other }: At & { readonly other: string }) =>
      `the Secrets ${at} and ${other} are one secret, but have two values`,
    fix: ({ other }: At & { readonly other: string }) =>
      `keep the one that the services know. Delete the other (kubectl delete ${words(other)}, if it is that one), and plinth secrets copies the one that is left`,
  },
  "secret-sealed": {
    failure: "configuration",
    what: ({ at, other }: At & { readonly other: string }) =>
      `the Secret ${at} is missing, and the file of ${other}, which has its value, is encrypted`,
    fix: () => "decrypt that file (sops decrypt --in-place FILE), run this again, and encrypt both",
  },
  "secret-kept": {
    failure: "configuration",
    severity: "warning",
    what: ({ at, from }: At & { readonly from: string }) =>
      `the Secret ${at} has another value than ${from}, and was left as it is`,
    fix: ({ at }: At & { readonly from: string }) =>
      `if the file is right, delete the Secret (kubectl delete ${words(at)}) and run this again`,
  },
  "secrets-contended": {
    failure: "dependency",
    what: ({ what }: { readonly what: string }) =>
      `the Secrets in ${what} are being deleted, or changed, by somebody else: after each round others were missing`,
    fix: () => "find out who, and run this again: what was made is left as it is",
  },
  "keys-secret-missing": {
    failure: "configuration",
    what: ({ at }: At) => `the Secret ${at}, whose keys are to be rotated, is missing`,
    fix: () => "plinth secrets makes the first keys; is it the right namespace? --secret NAMESPACE/NAME",
  },
  "keys-secret-immutable": {
    failure: "configuration",
    what: ({ at }: At) => `the keys in the Secret ${at} cannot be rotated: it is immutable`,
    fix: ({ at }: At) =>
      `Kubernetes takes no change of it: make it anew from itself without immutable: kubectl get ${words(at)} --output json | jq 'del(.immutable)' | kubectl replace --force --filename -`,
  },
  "keys-mount-old": {
    failure: "dependency",
    what: ({ at, folder }: At & { readonly folder: string }) =>
      `${folder} does not have the keys that the Secret ${at} has: it was changed after this container started`,
    fix: () => "run the job again: nothing was changed",
  },
  "keys-contended": {
    failure: "dependency",
    what: ({ at, times }: At & { readonly times: number }) =>
      `the keys in the Secret ${at} were not rotated: somebody else changed it in all of ${times} attempts`,
    fix: ({ at }: At & { readonly times: number }) =>
      `find out who writes to it (kubectl get ${words(at)} --show-managed-fields --output yaml): what a GitOps tool restores must not be rotated`,
  },
});
