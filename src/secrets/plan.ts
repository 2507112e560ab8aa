import { type Diagnostic, failure, type Result, success } from "../diagnostics/diagnostic.ts";
import { secretMessage } from "./messages.ts";
import { type Data, flawOf, isSame, newSecret, placeOf, type SecretObject } from "./object.ts";
import type { WantedSecret } from "./wanted.ts";

/** The Secrets that there are, by `namespace/name`. `sealed`: one whose values cannot be read here, such as a file that SOPS encrypted. */
export type Existing = ReadonlyMap<string, SecretObject | "sealed">;

/** @returns `namespace` and `name` of each Secret that is wanted. */
export const placesOf = (wanted: readonly WantedSecret[]): readonly { namespace: string; name: string }[] =>
  wanted.flatMap(({ name, namespaces }) => namespaces.map((namespace) => ({ namespace, name })));

/** @returns what is wrong with a Secret where it is, and where it is more than once. */
function wrongWith(wanted: WantedSecret, there: readonly SecretObject[]): readonly Diagnostic[] {
  const flaws = there.flatMap((secret): readonly Diagnostic[] => {
    const { namespace, name } = secret.metadata;
    const flaw = flawOf(wanted, secret);
    if (flaw === undefined) return [];
    return [secretMessage("secret-unusable", { at: placeOf(namespace, name), flaw, holds: wanted.holds.kind })];
  });
  const [first, ...others] = there;
  if (flaws.length > 0 || first === undefined) return flaws;
  const at = placeOf(first.metadata.namespace, wanted.name);
  return others.flatMap(({ metadata, data = {} }) =>
    isSame(first.data ?? {}, data)
      ? []
      : [secretMessage("secret-differs", { at, other: placeOf(metadata.namespace, wanted.name) })],
  );
}

const existingOf = ({ name, namespaces }: WantedSecret, existing: Existing): readonly SecretObject[] =>
  namespaces.flatMap((namespace) => {
    const there = existing.get(placeOf(namespace, name));
    return there === undefined || there === "sealed" ? [] : [there];
  });

/** @returns what keeps the pods of a deployment from having their secrets: those that are missing, and those that cannot be used. */
export function faultsOf(wanted: readonly WantedSecret[], existing: Existing): readonly Diagnostic[] {
  const missing = placesOf(wanted)
    .map(({ namespace, name }) => placeOf(namespace, name))
    .filter((at) => !existing.has(at))
    .map((at) => secretMessage("secret-missing", { at }));
  return [...missing, ...wanted.flatMap((one) => wrongWith(one, existingOf(one, existing)))];
}

/**
 * Plans one round of making what is missing. A secret that is nowhere is made in the first of its namespaces only: who creates it
 * there decides, and the next round copies it. So two who do this at the same time end with one value in both namespaces.
 *
 * @param make what a new one holds.
 * @returns the Secrets to create; none when all are there.
 */
export function planSecrets(
  instance: string,
  wanted: readonly WantedSecret[],
  existing: Existing,
  { make, now }: { readonly make: (wanted: WantedSecret) => Data; readonly now: number },
): Result<readonly SecretObject[]> {
  const wrong = wanted.flatMap((one) => wrongWith(one, existingOf(one, existing)));
  const creates = wanted.flatMap((one): readonly SecretObject[] => {
    const { name, namespaces } = one;
    const lacking = namespaces.filter((namespace) => !existing.has(placeOf(namespace, name)));
    const [first] = lacking;
    if (first === undefined) return [];
    const [there] = existingOf(one, existing);
    if (there) return lacking.map((namespace) => newSecret(instance, namespace, one, there.data ?? {}, now));
    const sealed = namespaces.find((namespace) => existing.has(placeOf(namespace, name)));
    if (sealed === undefined) return [newSecret(instance, first, one, make(one), now)];
    wrong.push(secretMessage("secret-sealed", { at: placeOf(first, name), other: placeOf(sealed, name) }));
    return [];
  });
  return wrong.length > 0 ? failure(wrong) : success(creates);
}
